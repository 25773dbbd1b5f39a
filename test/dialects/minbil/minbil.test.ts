import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { claimsOf, freshEmail, queryOf, useServer } from '../../harness/harness.ts'
import {
  assertAccessRefused,
  assertBody,
  assertProblem,
  assertRefreshRefused,
  password,
  post,
  refresh,
  signIn,
  signUp,
} from './door.ts'

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
const invalidEmail = ['validation_error', 'A valid email is required.'] as const
const missingPassword = ['validation_error', 'A password is required.'] as const

describe('minbil', () => {
  const server = useServer('sqlite')

  it('signs up', async () => {
    const answer = await post(server, '/sign-up', { json: { email: freshEmail(), password: '12345678' } })
    assert.match(answer.body.uid, uuid)
    assertBody(answer, 201, { message: 'Registration successful.', uid: answer.body.uid })
    assert.deepEqual(answer.cookies, [])
  })

  it('refuses to sign up without a usable email', async () => {
    for (const email of [undefined, null, '', 'no-address', 'a@', 5, ['a@example.com']]) {
      assertProblem(await post(server, '/sign-up', { json: { email, password } }), 400, ...invalidEmail)
    }
  })

  it('measures a new password by its length alone', async () => {
    const email = freshEmail()
    const attempt = (password: unknown) => post(server, '/sign-up', { json: { email, password } })
    for (const missing of [undefined, null, ''])
      assertProblem(await attempt(missing), 400, ...missingPassword)
    assertProblem(await attempt(12345678), 400, 'validation_error', 'The password must be text.')
    const short = 'Password must be at least 8 characters.'
    assertProblem(await attempt('1234567'), 400, 'validation_error', short)
    const long = 'Password must be at most 256 characters.'
    assertProblem(await attempt('a'.repeat(257)), 400, 'validation_error', long)
    assert.equal((await attempt('a'.repeat(256))).status, 201)
    const cut = await post(server, '/sign-in', { json: { email, password: 'a'.repeat(255) } })
    assert.equal(cut.status, 401)
  })

  it('refuses to sign up an email twice, however it is written', async () => {
    const email = freshEmail()
    await signUp(server, email)
    for (const same of [email, email.toUpperCase(), `  ${email} `]) {
      const again = await post(server, '/sign-up', { json: { email: same, password: 'another-password' } })
      assertProblem(again, 409, 'email_exists', 'An account with this email already exists.')
    }
    const other = await post(server, '/sign-in', { json: { email, password: 'another-password' } })
    assert.equal(other.status, 401)
    await signIn(server, email)
  })

  it('signs in with the fields of the document in their order', async () => {
    const email = freshEmail()
    const id = await signUp(server, email)
    const answer = await post(server, '/sign-in', { json: { email: ` ${email.toUpperCase()} `, password } })
    const { access_token, refresh_token, expires_at, expires_at_unix, user } = answer.body
    assertBody(answer, 200, {
      message: 'Login successful.',
      access_token,
      refresh_token,
      expires_in: 3600,
      expires_at,
      expires_at_unix,
      token_type: 'bearer',
      user: { id, email, created_at: user.created_at, email_confirmed_at: null, role: 'car_owner' },
    })
    assert.equal(answer.headers.get('cache-control'), 'no-store')
    assert.equal(new Date(user.created_at).toISOString(), user.created_at)
    assert.equal(claimsOf(access_token).sub, id)
    assert.equal(refresh_token.split('.').length, 1, 'the refresh token is opaque')
  })

  it('says in both forms when the access token expires, to the second', async () => {
    const email = freshEmail()
    await signUp(server, email)
    const before = Math.floor(server.clock.now() / 1000)
    const { body } = await post(server, '/sign-in', { json: { email, password } })
    const after = Math.floor(server.clock.now() / 1000)
    assert.match(body.expires_at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
    assert.equal(Date.parse(body.expires_at) / 1000, body.expires_at_unix)
    assert.equal(claimsOf(body.access_token).exp, body.expires_at_unix)
    assert.ok(body.expires_at_unix >= before + 3600 && body.expires_at_unix <= after + 3600)
  })

  it('tells in the user when the email was confirmed', async () => {
    const email = freshEmail()
    await signUp(server, email)
    const { links } = await server.mail(email, /Confirm your e-mail/)
    const confirmed = await server.request('POST', '/ui/verify-email', {
      form: { token: queryOf(links[0], 'token') },
    })
    assert.equal(confirmed.status, 200)
    const { user } = (await post(server, '/sign-in', { json: { email, password } })).body
    assert.equal(new Date(user.email_confirmed_at).toISOString(), user.email_confirmed_at)
  })

  it('answers a wrong password and an unknown email alike', async () => {
    const email = freshEmail()
    await signUp(server, email)
    const attempts = [
      { email, password: 'wrong-password' },
      { email, password: password.toLowerCase() },
      { email, password: `${password} ` },
      { email, password: 'x' },
      { email: freshEmail(), password },
    ]
    for (const json of attempts) {
      const answer = await post(server, '/sign-in', { json })
      assertProblem(answer, 401, 'invalid_credentials', 'Invalid email or password.')
      assert.deepEqual(answer.cookies, [])
    }
  })

  it('refuses to sign in without an email or a password', async () => {
    const attempt = (json: unknown) => post(server, '/sign-in', { json })
    assertProblem(await attempt({ password }), 400, ...invalidEmail)
    assertProblem(await attempt({ email: 'no-address', password }), 400, ...invalidEmail)
    assertProblem(await attempt({ email: freshEmail() }), 400, ...missingPassword)
    assertProblem(await attempt({ email: freshEmail(), password: '' }), 400, ...missingPassword)
    assertProblem(await post(server, '/sign-in'), 400, ...invalidEmail)
  })

  it('ends one session at sign-out, with both of its tokens', async () => {
    const email = freshEmail()
    await signUp(server, email)
    const [session, other] = [await signIn(server, email), await signIn(server, email)]
    const answer = await post(server, '/sign-out', { bearer: session.access })
    assertBody(answer, 200, { message: 'Sign-out successful.' })

    assertAccessRefused(await post(server, '/sign-out', { bearer: session.access }))
    assertRefreshRefused(await refresh(server, { body: session.refresh }))
    assertRefreshRefused(await refresh(server, { bearer: session.refresh }))
    assertRefreshRefused(await refresh(server, { bearer: session.access }))
    assertRefreshRefused(await refresh(server, { cookie: session.cookie }))
    assert.equal((await refresh(server, { body: other.refresh })).status, 200)
  })

  it('refuses to sign out without a token of a live session', async () => {
    const email = freshEmail()
    await signUp(server, email)
    const session = await signIn(server, email)
    assertAccessRefused(await post(server, '/sign-out'))
    for (const bearer of ['null', 'nonsense', session.refresh, `${session.access}x`])
      assertAccessRefused(await post(server, '/sign-out', { bearer }))
    assert.equal((await refresh(server, { body: session.refresh })).status, 200, 'the session lives on')
  })
})
