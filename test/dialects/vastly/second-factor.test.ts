import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { select } from '../../harness/database.ts'
import { freshEmail, queryOf, type TestServer, useServer } from '../../harness/harness.ts'
import * as wolfpal from '../wolfpal/door.ts'
import {
  another,
  assertBody,
  assertFail,
  freshPhone,
  logIn,
  mailedToken,
  me,
  otherApp,
  password,
  post,
  register,
  resetByMail,
  resetBySms,
  secondFactorNeeded,
  sentCode,
  texts,
  tokenOf,
} from './door.ts'

describe('vastly with a second factor', () => {
  const server = useServer('sqlite')

  it('asks for it after the password', async () => {
    const { email, mobile, secret } = await registerWithSecondFactor(server)
    for (const identifier of [{ email }, { mobile }]) {
      const twoFactorToken = await challengeFor(server, identifier)
      tokenOf(await answer(server, twoFactorToken, wolfpal.nextCode(server, secret)))
    }
  })

  it('signs in to a session that is as good as any', async () => {
    const { email, secret } = await registerWithSecondFactor(server)
    const code = wolfpal.nextCode(server, secret)
    const access = tokenOf(await answer(server, await challengeFor(server, { email }), code))
    assert.equal((await me(server, access)).body.user.email, email)
  })

  it('takes a recovery code once', async () => {
    const { email, backupCodes } = await registerWithSecondFactor(server)
    const [code = ''] = backupCodes
    tokenOf(await answer(server, await challengeFor(server, { email }), code))
    assertFail(
      await answer(server, await challengeFor(server, { email }), code),
      401,
      'Invalid two factor code',
    )
  })

  it('takes a code once, and five attempts', async () => {
    const { email, secret } = await registerWithSecondFactor(server)
    const code = wolfpal.nextCode(server, secret)
    const used = await challengeFor(server, { email })
    tokenOf(await answer(server, used, code))
    assertFail(await answer(server, used, code), 400, texts.invalidToken)

    const fresh = await challengeFor(server, { email })
    const wrong = wolfpal.wrongCode(server, secret)
    for (const replayed of [code, wrong, wrong, wrong, wrong])
      assertFail(await answer(server, fresh, replayed), 401, 'Invalid two factor code')
    assertFail(await answer(server, fresh, wolfpal.nextCode(server, secret)), 400, texts.invalidToken)
  })

  it('is asked by the client that the password was given to', async () => {
    const { email, secret } = await registerWithSecondFactor(server)
    const twoFactorToken = await challengeFor(server, { email })
    const code = wolfpal.nextCode(server, secret)
    const json = { twoFactorToken, code }
    assertFail(await post(server, '/login/two-factor', { json }, otherApp), 400, texts.invalidToken)
    tokenOf(await answer(server, twoFactorToken, code))
  })

  for (const [how, reset] of Object.entries({ mail: resetWithMail, SMS: resetWithSms })) {
    it(`is not skipped by a reset by ${how}, which opens no session`, async () => {
      const { email, mobile, secret, access } = await registerWithSecondFactor(server)
      const pending = await challengeFor(server, { email })
      const before = await sessionsOf(server, email)
      assertBody(await reset({ email, mobile }), 200, secondFactorNeeded)

      assert.deepEqual(await sessionsOf(server, email), before)
      assertFail(await me(server, access), 401, texts.invalidAccess)
      const code = wolfpal.nextCode(server, secret)
      assertFail(await answer(server, pending, code), 400, texts.invalidToken)
      assertFail(await post(server, '/login', { json: { email, password } }), 401, texts.invalidCredentials)
      const twoFactorToken = await challengeFor(server, { email, password: another })
      tokenOf(await answer(server, twoFactorToken, code))
    })
  }

  async function resetWithMail({ email }: { email: string }) {
    return resetByMail(server, { token: await mailedToken(server, email) })
  }

  async function resetWithSms({ mobile }: { mobile: string }) {
    return resetBySms(server, { token: await sentCode(server, mobile) })
  }
})

/**
 * The second factor is set up at wolfpal's door: vastly has none for that. `access` is a token of vastly's.
 */
async function registerWithSecondFactor(server: TestServer) {
  const [email, mobile] = [freshEmail(), freshPhone()]
  await register(server, { email, mobile })
  const { links } = await server.mail(email, /^Confirm your e-mail/)
  // Both names are proven: the number by a code, and after it the address, which then takes the password.
  const code = { token: await sentCode(server, mobile), password }
  tokenOf(await resetBySms(server, code))
  const form = { token: queryOf(links[0], 'token'), password }
  assert.equal((await server.request('POST', '/ui/verify-email', { form })).status, 200)
  const access = await logIn(server, { email })

  const { access: atWolfpal } = wolfpal.tokensOf(await wolfpal.login(server, { email, password }))
  const enrolment = await wolfpal.enrol(server, atWolfpal)
  const confirmed = await wolfpal.confirm(server, atWolfpal, wolfpal.nextCode(server, enrolment.secret))
  assert.equal(confirmed.status, 200, confirmed.text)
  return { email, mobile, access, ...enrolment }
}

/** What the right password gets. */
async function challengeFor(
  server: TestServer,
  identifier: { email?: string; mobile?: string; password?: string },
): Promise<string> {
  const login = await post(server, '/login', { json: { password, ...identifier } })
  const { twoFactorToken } = login.body
  assert.match(twoFactorToken, /^[0-9A-Za-z]{64}$/)
  assertBody(login, 200, { ...secondFactorNeeded, twoFactorToken })
  return twoFactorToken
}

function answer(server: TestServer, twoFactorToken: string, code: string) {
  return post(server, '/login/two-factor', { json: { twoFactorToken, code } })
}

async function sessionsOf(server: TestServer, email: string): Promise<unknown[]> {
  const account = `select id from accounts where email = '${email}'`
  const ids = `select id from sessions where account_id = (${account}) order by id`
  return (await select(server.env.DATABASE_URL ?? '', ids)).map(({ id }) => id)
}
