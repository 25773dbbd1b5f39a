import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { mailVerification, register } from '../../harness/doors.ts'
import { claimsOf, freshEmail, queryOf, useServer } from '../../harness/harness.ts'
import { assertFailure, assertSuccess, isSignedIn, post, registerAndSignIn, resetMail } from './door.ts'

const password = 'Password1!é'

describe('credebl', () => {
  const server = useServer('sqlite')

  for (const version of ['', '/v1']) {
    it(`serves a whole life of an account below ${version}/auth`, async () => {
      const email = freshEmail()
      const request = (method: string, path: string, json?: unknown, bearer?: string) =>
        server.request(method, `${version}${path}`, { json, bearer })

      const asked = await request('POST', '/auth/verification-mail', { email })
      assert.equal(asked.status, 201)
      const { links } = await server.mail(email, /Confirm your e-mail/)
      const verificationCode = queryOf(links[0], 'verificationCode')
      const query = new URLSearchParams({ email, verificationCode })
      assertSuccess(await request('GET', `/auth/verify?${query}`), 200, 'Email verified successfully')
      const names = { firstName: 'Ada', lastName: 'Example' }
      const up = await request('POST', '/auth/signup', { email, password, ...names, verificationCode })
      const { userId } = up.body.data
      assertSuccess(up, 201, 'User registered successfully', { userId })

      const [first, second] = [
        (await request('POST', '/auth/signin', { email, password })).body.data,
        (await request('POST', '/auth/signin', { email, password })).body.data,
      ]
      const profile = await request('GET', '/users/profile', undefined, first.access_token)
      assert.equal(profile.body.data.id, userId)
      const listed = await request('GET', `/auth/${userId}/sessions`, undefined, first.access_token)
      const ids = listed.body.data.map((session: { id: string }) => session.id)
      const [firstId, secondId] = [first, second].map(({ access_token }) => claimsOf(access_token).sid)
      assert.deepEqual(new Set(ids), new Set([firstId, secondId]))

      const path = `/auth/${secondId}/sessions`
      const deleted = await request('DELETE', path, undefined, first.access_token)
      assertSuccess(deleted, 200, 'Session deleted successfully')
      const dead = await request('GET', '/users/profile', undefined, second.access_token)
      assertFailure(dead, 401, 'Unauthorized')

      const refreshed = await request('POST', '/auth/refresh-token', { refreshToken: first.refresh_token })
      assert.equal(refreshed.body.message, 'Token details fetched successfully')
      const forgotten = await request('POST', '/auth/forgot-password', { email })
      assert.equal(forgotten.body.data.email, email)
      const mail = await server.mail(email, /new password/)
      const token = queryOf(mail.links[0], 'verificationCode')
      const json = { password: 'another-password', token }
      const reset = await request('POST', `/auth/password-reset/${encodeURIComponent(email)}`, json)
      assertSuccess(reset, 200, 'Password reset successfully', { id: userId, email })

      for (const { access_token } of [first, refreshed.body.data])
        assert.equal(await isSignedIn(server, access_token), false)
      const { refresh_token: refreshToken } = refreshed.body.data
      const gone = await request('POST', '/auth/refresh-token', { refreshToken })
      assertFailure(gone, 401, 'Refresh token has expired')
      const again = await request('POST', '/auth/signin', { email, password: 'another-password' })
      assert.equal(again.body.message, 'User login successfully')

      const signedOut = await request('POST', '/auth/signout', undefined, again.body.data.access_token)
      assertSuccess(signedOut, 200, 'User logout successfully')
      const aliases = await request('GET', '/auth/clientAliases')
      assert.equal(aliases.body.message, 'Client aliases fetched successfully')
    })
  }

  it('signs in with the fields of the original in their order', async () => {
    const person = await register(server)
    const email = `  ${person.email.toUpperCase()} `
    const answer = await post(server, '/signin', { json: { email, password: person.password } })
    const { access_token, refresh_token, sessionId } = answer.body.data
    assertSuccess(answer, 200, 'User login successfully', {
      access_token,
      expires_in: 3600,
      refresh_expires_in: 86400,
      refresh_token,
      token_type: 'Bearer',
      'not-before-policy': 0,
      session_state: sessionId,
      scope: 'email profile',
      isRegisteredToSupabase: false,
      sessionId,
    })
    assert.match(sessionId, /^[\w-]{64}$/)
    assert.equal(answer.headers.get('cache-control'), 'no-store')
    assert.deepEqual(answer.cookies, [])
  })

  it('puts into both tokens what Studio reads there', async () => {
    const { id, email, access, refresh, sessionId } = await registerAndSignIn(server)
    const accessClaims = claimsOf(access)
    assert.equal(accessClaims.sub, id)
    assert.equal(accessClaims.email, email)
    assert.equal(accessClaims.sid, sessionId)
    assert.equal(accessClaims.exp - accessClaims.iat, 3600)
    const refreshClaims = claimsOf(refresh)
    assert.equal(refreshClaims.sid, sessionId)
    assert.equal(refreshClaims.exp - refreshClaims.iat, 86400)
    for (const { azp, exp } of [accessClaims, refreshClaims]) {
      assert.equal(azp, 'credebl')
      assert.ok(exp * 1000 > server.clock.now())
    }
  })

  it('answers a wrong password and an unknown email alike', async () => {
    const { email, password } = await register(server)
    for (const json of [
      { email, password: `${password} ` },
      { email, password: 'x' },
      { email: freshEmail(), password },
    ])
      assertFailure(await post(server, '/signin', { json }), 401, 'Invalid Credentials')
  })

  it('says that the email is not verified to one who knows the password alone', async () => {
    const json = { email: freshEmail(), password: '12345678' }
    assert.equal((await server.request('POST', '/api/co/auth/sign-up', { json })).status, 201)
    assertFailure(await post(server, '/signin', { json }), 401, 'Please verify your email')
    const wrong = { ...json, password: 'wrong-password' }
    assertFailure(await post(server, '/signin', { json: wrong }), 401, 'Invalid Credentials')
  })

  it('lists what is wrong with a sign-in', async () => {
    const email = freshEmail()
    const invalid = 'Please provide a valid email'
    const missing = 'Email is required'
    const noPassword = 'Password is required.'
    const cases: [unknown, string[]][] = [
      [{}, [invalid, missing, noPassword]],
      [{ email: null, password: null }, [invalid, missing, noPassword]],
      [{ email: '', password: '' }, [invalid, missing, noPassword]],
      [{ email: 'no-address', password }, [invalid]],
      [{ email: 5, password }, [invalid]],
      [{ email }, [noPassword]],
    ]
    for (const [json, messages] of cases)
      assertFailure(await post(server, '/signin', { json }), 400, messages)
    assertFailure(await post(server, '/signin'), 400, [invalid, missing, noPassword])
  })

  for (const path of ['/users/profile', '/v1/users/profile']) {
    it(`shows the caller alone at ${path}`, async () => {
      const { id, email, access, refresh } = await registerAndSignIn(server)
      const answer = await server.request('GET', path, { bearer: access })
      assertSuccess(answer, 200, 'User fetched successfully', {
        id,
        username: email,
        email,
        firstName: 'Ada',
        lastName: 'Example',
        profileImg: null,
        publicProfile: false,
        supabaseUserId: null,
        keycloakUserId: id,
        isEmailVerified: true,
        userOrgRoles: [],
      })
      assertFailure(await server.request('GET', path), 401, 'Unauthorized')
      for (const bearer of ['null', 'nonsense', refresh, `${access}x`])
        assertFailure(await server.request('GET', path, { bearer }), 401, 'Unauthorized')
    })
  }

  it('names the front ends that may be chosen', async () => {
    const aliases = [{ id: 'VERIFIER', clientAlias: 'VERIFIER', clientUrl: 'https://verifier.example.com' }]
    const answer = await server.request('GET', '/auth/clientAliases')
    assertSuccess(answer, 200, 'Client aliases fetched successfully', aliases)
  })

  it('refuses tokens of another door', async () => {
    const person = await register(server)
    const elsewhere = await server.request('POST', '/api/co/auth/sign-in', { json: person })
    const { access_token: bearer, refresh_token: refreshToken } = elsewhere.body
    assertFailure(await server.request('GET', '/users/profile', { bearer }), 401, 'Unauthorized')
    const refreshed = await post(server, '/refresh-token', { json: { refreshToken } })
    assertFailure(refreshed, 401, 'Refresh token has expired')
  })

  it('hands no tokens to one who knows the id of a session', async () => {
    const { access, sessionId, handle } = await registerAndSignIn(server)
    assert.ok(!handle.includes(sessionId))
    for (const path of ['/auth/sessionDetails', '/v1/auth/sessionDetails']) {
      for (const method of ['GET', 'POST']) {
        const json = method === 'POST' ? { sessionId } : undefined
        const answer = await server.request(method, `${path}?sessionId=${sessionId}`, {
          json,
          bearer: access,
        })
        assert.equal(answer.status, 404)
        assert.doesNotMatch(answer.text, /eyJ/)
      }
    }
  })

  it('sends the mail of a sign-up and of a reset with codes of their own', async () => {
    const { email } = await register(server)
    const mail = await resetMail(server, { email })
    const token = queryOf(mail.links[0], 'verificationCode')
    const other = freshEmail()
    assert.notEqual(token, await mailVerification(server, other))
    const query = new URLSearchParams({ email, verificationCode: token })
    const answer = await server.request('GET', `/auth/verify?${query}`)
    assertFailure(answer, 401, 'Invalid verification code or EmailId!')
  })
})
