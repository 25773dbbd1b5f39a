import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type Answer, freshEmail, mailCausedBy, queryOf, useServer } from '../../harness/harness.ts'
import { endOfJobs } from '../../harness/jobs.ts'
import {
  another,
  app,
  assertBody,
  assertFail,
  freshPhone,
  linkSent,
  logIn,
  mailedToken,
  me,
  otherApp,
  password,
  post,
  register,
  resetByMail,
  texts,
  tokenOf,
} from './door.ts'

describe('vastly recovery by mail', () => {
  const server = useServer('sqlite')

  const newAccount = async (): Promise<string> => {
    const email = freshEmail()
    await register(server, { email })
    return email
  }
  const assertOld = async (email: string) =>
    assert.equal((await me(server, await logIn(server, { email }))).status, 200)
  const assertInvalid = (answer: Answer) => assertFail(answer, 400, texts.invalidToken)

  it('answers alike whether or not there is an account, and mails the owner alone', async () => {
    const [known, unknown] = [await newAccount(), freshEmail()]
    for (const email of [unknown, known, ` ${known.toUpperCase()} `]) {
      assertBody(await post(server, '/forgotpass', { json: { email } }), 200, linkSent)
      // One by one: of two that wait at the same time, the later may be answered alone.
      await endOfJobs(server)
    }
    const mails = await server.mailbox()
    assert.equal(mails.filter(({ to, subject }) => to === known && /new password/.test(subject)).length, 2)
    assert.ok(!mails.some(({ to }) => to === unknown))
  })

  it('mails a link to the registered origin of the request, whatever its other headers say', async () => {
    const email = await newAccount()
    const headers = {
      'x-forwarded-host': 'evil.example',
      'x-forwarded-proto': 'https',
      forwarded: 'host=evil.example',
      referer: 'https://evil.example/',
    }
    const second = { id: otherApp.id, origin: 'http://localhost:3002' }
    for (const from of [app, otherApp, second]) {
      const mail = await mailCausedBy(server, { to: email, subject: /new password/ }, () =>
        post(server, '/forgotpass', { json: { email }, headers }, from),
      )
      assert.equal(mail.links.length, 1)
      assert.match(mail.links[0] ?? '', new RegExp(`^${from.origin}/resetpass\\?token=[\\da-f]{64}$`))
      assert.match(mail.text, /within 30 minutes/)
    }
  })

  it('resets the password, ends every session and signs the owner in', async () => {
    const email = await newAccount()
    const earlier = [await logIn(server, { email }), await logIn(server, { email })]
    const token = await mailedToken(server, email)
    const access = tokenOf(await resetByMail(server, { token }))

    const { body } = await me(server, access)
    assert.equal(body.user.email, email)
    for (const bearer of earlier) assertFail(await me(server, bearer), 401, texts.invalidAccess)
    assertFail(await post(server, '/login', { json: { email, password } }), 401, texts.invalidCredentials)
    await logIn(server, { email, password: another })
    await server.mail(email, /password for Vastly was changed/)
  })

  it('takes a link once, and one of many who come with it at the same time', async () => {
    const email = await newAccount()
    const token = await mailedToken(server, email)
    const passwords = Array.from({ length: 6 }, (_, index) => `password number ${index}`)
    const answers = await Promise.all(passwords.map((password) => resetByMail(server, { token, password })))
    const winners = passwords.filter((_, index) => answers[index]?.status === 200)
    assert.equal(winners.length, 1)
    for (const answer of answers) if (answer.status !== 200) assertInvalid(answer)
    assertInvalid(await resetByMail(server, { token }))
    await logIn(server, { email, password: winners[0] })
  })

  it('takes a link for half an hour', async () => {
    const [inTime, late] = [await newAccount(), await newAccount()]
    const tokens = [await mailedToken(server, inTime), await mailedToken(server, late)]
    server.clock.advance(1_790_000)
    tokenOf(await resetByMail(server, { token: tokens[0] ?? '' }))
    server.clock.advance(11_000)
    assertInvalid(await resetByMail(server, { token: tokens[1] ?? '' }))
    await assertOld(late)
  })

  it('takes a link from the client that asked for it, and no other', async () => {
    const email = await newAccount()
    const token = await mailedToken(server, email)
    assertInvalid(await resetByMail(server, { token }, otherApp))
    await assertOld(email)
    tokenOf(await resetByMail(server, { token }))
  })

  it('takes the newest link and no earlier one', async () => {
    const email = await newAccount()
    const [first, second] = [await mailedToken(server, email), await mailedToken(server, email)]
    assertInvalid(await resetByMail(server, { token: first }))
    await assertOld(email)
    tokenOf(await resetByMail(server, { token: second }))
  })

  it('refuses what is no link of its own', async () => {
    const email = await newAccount()
    const access = await logIn(server, { email })
    const verification = await server.mail(email, /Confirm your e-mail/)
    for (const token of [
      'nonsense',
      '0'.repeat(64),
      '119345',
      access,
      queryOf(verification.links[0], 'token'),
    ])
      assertInvalid(await resetByMail(server, { token }))
    await assertOld(email)
  })

  it('names what is wrong with a request, and leaves the link good', async () => {
    const email = await newAccount()
    const token = await mailedToken(server, email)
    const refused: [body: object, errors: Record<string, string>][] = [
      [{ password: another, passwordConfirm: another }, { token: 'Token is required' }],
      [{ token, password: another }, { passwordConfirm: 'Password confirmation is required' }],
      [{ token, passwordConfirm: another }, { password: 'Password is required' }],
      [
        { token, password: another, passwordConfirm: password },
        { passwordConfirm: 'Passwords do not match' },
      ],
      [
        { token, password: '1234567', passwordConfirm: '1234567' },
        { password: 'Password must be at least 8 characters.' },
      ],
    ]
    for (const [json, errors] of refused)
      assertFail(await post(server, '/resetpass', { json }), 400, texts.validation, errors)
    await assertOld(email)
    tokenOf(await resetByMail(server, { token }))
  })

  it('mails nobody who has no e-mail address', async () => {
    const mobile = freshPhone()
    await register(server, { mobile })
    await endOfJobs(server)
    const before = (await server.mailbox()).length
    const answer = await post(server, '/forgotpass', { json: { email: freshEmail() } })
    assertBody(answer, 200, linkSent)
    await endOfJobs(server)
    assert.equal((await server.mailbox()).length, before)
  })
})
