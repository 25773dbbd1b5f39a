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
} from './door.ts'

const done = 'Password reset successfully'
const newPassword = 'another-password'

describe('credebl password change', () => {
  const server = useServer('sqlite')

  const change = (json: unknown, bearer?: string): Promise<Answer> =>
    post(server, '/reset-password', { json, bearer })

  it('changes the password of one who knows the old one, and ends all sessions', async () => {
    const { id, email, password, ...session } = await registerAndSignIn(server)
    const other = await signIn(server, { email, password })
    const json = { email: ` ${email.toUpperCase()} `, oldPassword: password, newPassword }
    assertSuccess(await change(json, session.access), 200, done, { id, email })

    for (const { access, refresh: token } of [session, other]) {
      assert.equal(await isSignedIn(server, access), false)
      assertFailure(await refresh(server, token), 401, 'Refresh token has expired')
    }
    const old = await post(server, '/signin', { json: { email, password } })
    assertFailure(old, 401, 'Invalid Credentials')
    await signIn(server, { email, password: newPassword })
    await server.mail(email, /password for CREDEBL was changed/)
  })

  it('does so without a bearer too', async () => {
    const { id, email, password, access } = await registerAndSignIn(server)
    const answer = await change({ email, oldPassword: password, newPassword })
    assertSuccess(answer, 200, done, { id, email })
    assert.equal(await isSignedIn(server, access), false)
  })

  it('refuses a bad bearer, even with the right password', async () => {
    const { email, password, access, refresh: refreshToken } = await registerAndSignIn(server)
    const json = { email, oldPassword: password, newPassword }
    const ended = await signIn(server, { email, password })
    await post(server, '/signout', { bearer: ended.access })
    for (const bearer of ['nonsense', refreshToken, `${access}x`, ended.access])
      assertFailure(await change(json, bearer), 401, 'Unauthorized')
    assert.equal(await isSignedIn(server, access), true)
    await signIn(server, { email, password })
  })

  it('refuses the bearer of another user, even with the right password', async () => {
    const [mine, theirs] = [await registerAndSignIn(server), await registerAndSignIn(server)]
    const json = { email: theirs.email, oldPassword: theirs.password, newPassword }
    const answer = await change(json, mine.access)
    assertFailure(answer, 403, 'You are not allowed to reset the password of another user')
    const unknown = await change({ ...json, email: freshEmail() }, mine.access)
    assert.equal(unknown.text, answer.text)
    await signIn(server, theirs)
    assert.equal(await isSignedIn(server, theirs.access), true)
  })

  it('checks the old password before it compares the new one with it', async () => {
    const { email, password, access } = await registerAndSignIn(server)
    const same = { email, oldPassword: password, newPassword: password }
    const unchanged = 'New password should not be the current password'
    assertFailure(await change(same, access), 400, unchanged)
    const guess = { email, oldPassword: 'wrong-password', newPassword: 'wrong-password' }
    assertFailure(await change(guess, access), 401, 'Invalid Credentials')
    assertFailure(await change(guess), 401, 'Invalid Credentials')
    assert.equal(await isSignedIn(server, access), true)
  })

  it('answers a wrong old password and an unknown email alike', async () => {
    const { email, password } = await register(server)
    for (const json of [
      { email, oldPassword: 'wrong-password', newPassword },
      { email: freshEmail(), oldPassword: password, newPassword },
    ])
      assertFailure(await change(json), 401, 'Invalid Credentials')
    await signIn(server, { email, password })
  })

  it('refuses a new password that is too short', async () => {
    const { email, password, access } = await registerAndSignIn(server)
    const answer = await change({ email, oldPassword: password, newPassword: '1234567' }, access)
    assertFailure(answer, 400, ['Password must be at least 8 characters.'])
    assert.equal(await isSignedIn(server, access), true)
  })

  it('lists what is missing', async () => {
    const messages = [
      'Please provide a valid email',
      'Email is required',
      'oldPassword is required.',
      'newPassword is required.',
    ]
    assertFailure(await change({}), 400, messages)
    assertFailure(await post(server, '/reset-password'), 400, messages)
  })

  it('voids a reset link that was under way', async () => {
    const { email, password } = await register(server)
    const token = queryOf((await resetMail(server, { email })).links[0], 'verificationCode')
    assert.equal((await change({ email, oldPassword: password, newPassword })).status, 200)
    const late = await post(server, `/password-reset/${email}`, { json: { token, password: 'x-password-x' } })
    assertFailure(late, 400, 'Invalid or expired reset password link')
    await signIn(server, { email, password: newPassword })
  })
})
