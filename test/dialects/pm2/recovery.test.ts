import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type Answer, freshEmail, type TestServer, useServer } from '../../harness/harness.ts'
import { answerChallenge, challengeFor, nextCode, registerWithSecondFactor } from '../wolfpal/door.ts'
import {
  assertBody,
  assertError,
  assertRefreshRefused,
  assertUnauthorized,
  beginLogin,
  commandLineClient,
  loopbackUri,
  type Person,
  password,
  proveLogin,
  refresh,
  refreshTokenOf,
  register,
  reset,
  send,
  signIn,
  tokenMailed,
  validation,
  whoAmI,
} from './door.ts'

const minute = 60_000
const frontEnd = 'https://app.keymetrics.io'
const newPassword = 'another password altogether'

/** The token of the mail that validates the address of somebody new. */
async function registerForValidation(server: TestServer, client?: string) {
  const person = await register(server, { client })
  const { links } = await server.mail(person.email, validation)
  assert.equal(links.length, 1)
  const [, token] =
    /^http:\/\/localhost:5000\/api\/oauth\/valid_email\/([0-9a-f]{64})$/.exec(links[0] ?? '') ?? []
  return { ...person, token: token ?? assert.fail(links[0]) }
}

function askForReset(server: TestServer, email: string): Promise<Answer> {
  return send(server, 'POST', '/reset_password', { json: { email } })
}

function resetToken(server: TestServer, { email }: Pick<Person, 'email'>): Promise<string> {
  return tokenMailed(server, { to: email, subject: reset }, async () =>
    assertBody(await askForReset(server, email), 200, { msg: 'The mail has been sent.' }),
  )
}

function setPassword(server: TestServer, token: string, password = newPassword): Promise<Answer> {
  return send(server, 'POST', `/reset_password/${token}`, { json: { password } })
}

describe('pm2 mails', () => {
  const server = useServer('sqlite')

  describe('GET /valid_email/:token', () => {
    const validate = (token: string) => send(server, 'GET', `/valid_email/${token}`)
    const assertRefused = (answer: Answer) =>
      assertError(answer, 404, 'not_found', 'The link is invalid or has expired.')

    it('validates the address and leads to the front end of the client, as often as it is asked', async () => {
      const { token, access } = await registerForValidation(server)
      for (let times = 0; times < 3; times++) {
        const answer = await validate(token)
        assert.deepEqual([answer.status, answer.headers.get('location'), answer.text], [301, frontEnd, ''])
        assert.equal(answer.headers.get('cache-control'), 'no-store')
        assert.equal(answer.headers.get('referrer-policy'), 'no-referrer')
        assert.equal((await whoAmI(server, access)).body.email_valid, true)
      }
    })

    it('is good for a day', async () => {
      const [person, late] = [await registerForValidation(server), await registerForValidation(server)]
      server.clock.advance(23 * 60 * minute)
      assert.equal((await validate(person.token)).status, 301)
      server.clock.advance(61 * minute)
      assertRefused(await validate(late.token))
      const { body } = await refresh(server, late.refresh)
      assert.equal((await whoAmI(server, body.access_token)).body.email_valid, false)
    })

    it('refuses tokens that are unknown, or made for something else or another door', async () => {
      const { token, email, access } = await registerForValidation(server)
      const minbil = freshEmail()
      const json = { email: minbil, password }
      await server.request('POST', '/api/co/auth/sign-up', { json })
      const { links } = await server.mail(minbil, validation)
      const foreign = new URL(links[0] ?? '').searchParams.get('token') ?? assert.fail()
      const wrong = [
        token.toUpperCase(),
        `${token}0`,
        token.slice(1),
        'x',
        foreign,
        await resetToken(server, { email }),
      ]
      for (const one of wrong) assertRefused(await validate(one))
      assert.equal((await whoAmI(server, access)).body.email_valid, false)
      assert.equal((await validate(token)).status, 301)
    })
  })

  describe('POST /send_email_link', () => {
    const sendLink = (bearer: string) => send(server, 'POST', '/send_email_link', { bearer })

    it('sends a new link, which takes the place of the old one', async () => {
      const person = await registerForValidation(server)
      const token = await tokenMailed(server, { to: person.email, subject: validation }, async () =>
        assertBody(await sendLink(person.access), 200, { msg: 'The mail has been sent.' }),
      )
      assert.notEqual(token, person.token)
      assert.equal((await send(server, 'GET', `/valid_email/${person.token}`)).status, 404)
      assert.equal((await send(server, 'GET', `/valid_email/${token}`)).status, 301)
    })

    it('sends nothing for an address that is valid already', async () => {
      const person = await registerForValidation(server)
      assert.equal((await send(server, 'GET', `/valid_email/${person.token}`)).status, 301)
      assertBody(await sendLink(person.access), 200, { msg: 'There is nothing left to validate.' })
      // Asked for later, so sent later.
      await resetToken(server, person)
      const mails = (await server.mailbox()).filter(({ to }) => to === person.email)
      assert.equal(mails.filter(({ subject }) => validation.test(subject)).length, 1)
    })
  })

  describe('POST /reset_password', () => {
    it('does not find an address that nobody has', async () => {
      const email = freshEmail()
      assertError(await askForReset(server, email), 404, 'not_found', 'No account has this email.')
      assert.ok(!(await server.mailbox()).some(({ to }) => to === email))
    })

    it('refuses what is no address', async () => {
      for (const email of [undefined, null, '', 'ada', 7]) {
        const answer = await send(server, 'POST', '/reset_password', { json: { email } })
        assertError(answer, 400, 'invalid_request', 'A valid email is required.')
      }
    })

    it('sends a link whose page is a form, and whose POST sets the password', async () => {
      const person = await register(server)
      const token = await resetToken(server, { email: person.email })
      assert.match(token, /^[0-9a-f]{64}$/)
      for (let times = 0; times < 2; times++) {
        const opened = await send(server, 'GET', `/reset_password/${token}`)
        const page = `/ui/reset-password?token=${token}`
        assert.deepEqual([opened.status, opened.headers.get('location')], [302, page])
        const form = await server.request('GET', page)
        assert.equal(form.status, 200)
        assert.match(form.text, new RegExp(`name="token" value="${token}"`))
      }
      await signIn(server, person)
      assertBody(await setPassword(server, token), 200, { msg: 'The password has been set.' })
      assertUnauthorized(await whoAmI(server, person.access))
      assertRefreshRefused(await refresh(server, person.refresh))
      await signIn(server, { ...person, password: newPassword })
      const refused = await setPassword(server, token, 'a third password')
      assertError(refused, 400, 'invalid_grant', 'The link is invalid or has expired.')
      await server.mail(person.email, /^Your password .* was changed/)
    })

    it('takes the token of any client, as the link names none', async () => {
      const person = await register(server, { client: commandLineClient })
      assert.equal((await setPassword(server, await resetToken(server, person))).status, 200)
      await signIn(server, { ...person, password: newPassword })
    })

    it('keeps a link that an unusable password was sent to', async () => {
      const person = await register(server)
      const token = await resetToken(server, person)
      const short = await setPassword(server, token, 'short')
      assertError(short, 400, 'invalid_request', 'Password must be at least 8 characters.')
      const missing = await send(server, 'POST', `/reset_password/${token}`, { json: {} })
      assertError(missing, 400, 'invalid_request', 'password is required.')
      assert.equal((await setPassword(server, token)).status, 200)
    })

    it('ends a login that has shown the old password', async () => {
      const person = await register(server)
      const cookie = await beginLogin(server)
      const path = await proveLogin(server, cookie, person)
      assert.equal((await setPassword(server, await resetToken(server, person))).status, 200)
      const finished = await server.request('GET', path, { headers: { cookie } })
      assert.equal(finished.status, 400)
      assert.equal(finished.headers.get('location'), null)
      const again = await proveLogin(server, cookie, { ...person, password: newPassword })
      refreshTokenOf(await server.request('GET', again, { headers: { cookie } }), frontEnd)
    })

    it('does not skip the second factor', async () => {
      const person = await registerWithSecondFactor(server)
      const answer = await setPassword(server, await resetToken(server, person))
      assertBody(answer, 200, { msg: 'The password has been set.' })
      const challenge = await challengeFor(server, { ...person, password: newPassword })
      assert.equal((await answerChallenge(server, challenge, nextCode(server, person.secret))).status, 200)
      const cookie = await beginLogin(server, commandLineClient)
      const form = { username: person.email, password: newPassword }
      assert.equal((await send(server, 'POST', '/login', { form, headers: { cookie } })).status, 401)
      const path = await proveLogin(server, cookie, { ...form, otp: nextCode(server, person.secret) })
      refreshTokenOf(await server.request('GET', path, { headers: { cookie } }), loopbackUri)
    })
  })
})

describe('pm2 with hidden enumeration', () => {
  const server = useServer('sqlite', { dialects: { pm2: { enumeration: 'hidden' } } })

  it('answers alike whether or not somebody has the address', async () => {
    const person = await register(server)
    const stranger = freshEmail()
    const [known, unknown] = [await askForReset(server, person.email), await askForReset(server, stranger)]
    assertBody(known, 200, { msg: 'The mail has been sent.' })
    assertBody(unknown, 200, { msg: 'The mail has been sent.' })
    await server.mail(person.email, reset)
    assert.ok(!(await server.mailbox()).some(({ to }) => to === stranger))
  })

  it('still refuses to register what is taken', async () => {
    const { username, email } = await register(server)
    const json = { username: `${username}x`, email, password, accept_terms: 1 }
    assert.equal((await send(server, 'POST', '/register', { json })).status, 409)
  })
})

describe('pm2 /reset_password at its limit', () => {
  const server = useServer('sqlite', { limits: 'real' })

  it('tells twenty times an hour that nobody has an address, and then nothing any more', async () => {
    const person = await register(server)
    for (let probe = 0; probe < 20; probe++) {
      if (probe % 5 === 0) await resetToken(server, person)
      assert.equal((await askForReset(server, freshEmail())).status, 404)
    }
    for (const email of [freshEmail(), person.email]) {
      const refused = await askForReset(server, email)
      assertError(refused, 429, 'rate_limited', 'Too many requests. Try again later.')
      assert.ok(Number(refused.headers.get('retry-after')) > 0)
    }
  })
})
