import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { register } from '../../harness/doors.ts'
import { type Answer, freshEmail, queryOf, useServer } from '../../harness/harness.ts'
import {
  assertFailure,
  assertSuccess,
  isSignedIn,
  post,
  refresh,
  registerAndSignIn,
  resetMail,
  signIn,
  uuid,
} from './door.ts'

const sent = 'Reset password link has been sent to your mail'
const done = 'Password reset successfully'
const password = 'another-password'

describe('credebl recovery', () => {
  const server = useServer('sqlite')

  const resetToken = async (email: string) =>
    queryOf((await resetMail(server, { email })).links[0], 'verificationCode')
  /** `path` is put into the URL as it is. */
  const reset = (path: string, json: unknown): Promise<Answer> =>
    post(server, `/password-reset/${path}`, { json })
  const assertBadLink = (answer: Answer) =>
    assertFailure(answer, 400, 'Invalid or expired reset password link')

  it('answers forgot-password alike whether or not there is an account, with an id of the request', async () => {
    const [known, unknown] = [await registerAndSignIn(server), freshEmail()]
    const ids = new Set<string>([known.id, known.sessionId])
    for (const email of [known.email, unknown, known.email, unknown, ` ${known.email.toUpperCase()} `]) {
      const answer = await post(server, '/forgot-password', { json: { email } })
      const { id } = answer.body.data
      assertSuccess(answer, 200, sent, { id, email: email.trim().toLowerCase() })
      assert.match(id, uuid)
      assert.ok(!ids.has(id), 'an id is given twice, or is the account’s')
      ids.add(id)
    }
    await resetMail(server, { email: known.email })
    assert.ok((await server.mailbox()).every((mail) => mail.to !== unknown))
  })

  it('asks for an email', async () => {
    const missing = ['Please provide a valid email', 'Email is required']
    for (const json of [{}, { email: null }, { email: '' }])
      assertFailure(await post(server, '/forgot-password', { json }), 400, missing)
    const invalid = await post(server, '/forgot-password', { json: { email: 'no-address' } })
    assertFailure(invalid, 400, ['Please provide a valid email'])
  })

  it('resets the password once, and ends every session', async () => {
    const { id, email, access, refresh: refreshToken, ...person } = await registerAndSignIn(server)
    const elsewhere = await server.request('POST', '/api/co/auth/sign-in', {
      json: { email, password: person.password },
    })
    const token = await resetToken(email)
    assertSuccess(await reset(email, { password, token }), 200, done, { id, email })

    assert.equal(await isSignedIn(server, access), false)
    assertFailure(await refresh(server, refreshToken), 401, 'Refresh token has expired')
    const bearer = elsewhere.body.access_token
    assert.equal((await server.request('POST', '/api/co/auth/sign-out', { bearer })).status, 401)
    const old = await post(server, '/signin', { json: { email, password: person.password } })
    assertFailure(old, 401, 'Invalid Credentials')
    assertBadLink(await reset(email, { password: 'a-third-password', token }))
    await signIn(server, { email, password })
    await server.mail(email, /password for CREDEBL was changed/)
  })

  it('refuses every bad link alike', async () => {
    const { email, access, refresh: refreshToken } = await registerAndSignIn(server)
    const other = await register(server)
    const replaced = await resetToken(email)
    const token = await resetToken(email)
    for (const wrong of ['nonsense', replaced, access, refreshToken, token.slice(1), `${token}x`])
      assertBadLink(await reset(email, { password, token: wrong }))
    for (const wrong of [other.email, freshEmail(), 'no-address', `x${email}`])
      assertBadLink(await reset(wrong, { password, token }))
    assert.equal(await isSignedIn(server, access), true)

    server.clock.advance(3600_000 + 1000)
    assertBadLink(await reset(email, { password, token }))
    await signIn(server, { email, password: '12345678' })
  })

  it('refuses a link of another door', async () => {
    const { email } = await register(server)
    await server.request('POST', '/api/co/auth/forgot-password', { json: { email } })
    const { links } = await server.mail(email, /new password/)
    const token = queryOf(links[0], 'token')
    assertBadLink(await reset(email, { password, token }))
    const there = { token, password }
    assert.equal((await server.request('POST', '/api/co/auth/reset-password', { json: there })).status, 200)
  })

  it('asks for a password that is long enough, takes no token for a wrong one, and leaves the link good', async () => {
    const { email } = await register(server)
    const token = await resetToken(email)
    const noPassword = 'Password is required.'
    assertFailure(await reset(email, {}), 400, [noPassword])
    for (const none of [undefined, null, '', 5]) assertBadLink(await reset(email, { password, token: none }))
    assertFailure(await reset(email, { token, password: null }), 400, [noPassword])
    const short = await reset(email, { token, password: '1234567' })
    assertFailure(short, 400, ['Password must be at least 8 characters.'])
    assert.equal((await reset(email, { token, password })).status, 200)
  })

  it('takes the email of the path as it is, and encoded once', async () => {
    const [name, host] = freshEmail().split('@')
    const email = `${name}+tag@${host}`
    await register(server, { email, password: '12345678' })
    const spellings = [
      email,
      encodeURIComponent(email),
      email.replace('@', '%40'),
      email.replace('+', '%2B'),
      email.toUpperCase(),
    ]
    for (const [index, spelling] of spellings.entries()) {
      const attempt = { token: await resetToken(email), password: `password number ${index}` }
      assert.equal((await reset(spelling, attempt)).status, 200, spelling)
      await signIn(server, { email, password: attempt.password })
    }
    const token = await resetToken(email)
    for (const wrong of [
      encodeURIComponent(encodeURIComponent(email)),
      email.replace('+', '%20'),
      email.replace('+', '%252B'),
    ])
      assertBadLink(await reset(wrong, { token, password }))
    const malformed = await reset('%E0%A4%A', { token, password })
    assert.equal(malformed.status, 400)
    assert.equal((await reset(email, { token, password })).status, 200)
  })

  it('gives one of many who come with the same link their way', async () => {
    const { email } = await register(server)
    const token = await resetToken(email)
    const passwords = Array.from({ length: 5 }, (_, index) => `password number ${index}`)
    const answers = await Promise.all(passwords.map((password) => reset(email, { password, token })))
    const winners = passwords.filter((_, index) => answers[index]?.status === 200)
    assert.equal(winners.length, 1)
    for (const answer of answers) if (answer.status !== 200) assertBadLink(answer)
    await signIn(server, { email, password: winners[0] ?? '' })
  })
})
