import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { describe, it } from 'node:test'
import { claimsOf, freshEmail, onEveryEngine, queryOf, useServer } from '../../harness/harness.ts'
import {
  assertBody,
  assertCode,
  assertFieldsRefused,
  assertUnauthorized,
  login,
  password,
  refresh,
  registerAndSignIn,
  send,
  signIn,
  tokensOf,
  unknownId,
  whoAmI,
} from './door.ts'

const forCallers = [
  ['POST', '/auth/logout'],
  ['GET', '/account'],
  ['POST', '/account/two-factor'],
  ['PUT', '/account/two-factor'],
  ['DELETE', '/account/two-factor'],
  ['PUT', '/account/change-password'],
  ['GET', '/sessions'],
  ['DELETE', '/sessions'],
  ['DELETE', `/sessions/${unknownId}`],
  ['GET', '/account/sessions'],
  ['DELETE', '/account/sessions'],
  ['DELETE', `/account/sessions/${unknownId}`],
] as const

const newPassword = 'another password altogether'

onEveryEngine('the account at wolfpal', (engine) => {
  const server = useServer(engine)

  for (const [method, path] of forCallers) {
    it(`${method} ${path} asks for an access token before all else`, async () => {
      const { access, refresh: token } = await registerAndSignIn(server)
      await send(server, 'POST', '/auth/logout', { bearer: access })
      for (const base of ['', '/api']) {
        assertUnauthorized(await server.request(method, `${base}${path}`))
        for (const bearer of ['null', 'nonsense', token, access])
          assertUnauthorized(await server.request(method, `${base}${path}`, { bearer }))
      }
    })
  }

  it('has no user name where another door opened it', async () => {
    const email = freshEmail()
    await server.request('POST', '/api/co/auth/sign-up', { json: { email, password } })
    const { links } = await server.mail(email, /^Confirm/)
    await server.request('POST', '/ui/verify-email', { form: { token: queryOf(links[0], 'token') } })
    const { access } = tokensOf(await login(server, { email, password }))
    const { user } = (await whoAmI(server, access)).body
    assert.deepEqual([user.username, user.slug, user.email], [null, null, email])
  })

  describe('changes its password', () => {
    it('and ends every session, and tells the owner', async () => {
      const person = await registerAndSignIn(server)
      const other = await signIn(server, person)
      const answer = await change(person.access, { oldPassword: password, newPassword })
      assertBody(answer, 200, { code: 'PASSWORD_CHANGED', message: 'Your password has been changed.' })
      await server.mail(person.email, /^Your password .* was changed/)
      for (const { access, refresh: token } of [person, other]) {
        assertUnauthorized(await whoAmI(server, access))
        assertUnauthorized(await refresh(server, token))
      }
      assert.equal((await login(server, person)).status, 400)
      await signIn(server, { ...person, password: newPassword })
    })

    it('not without the old one', async () => {
      const person = await registerAndSignIn(server)
      for (const oldPassword of ['wrong-password', newPassword, password.toUpperCase()]) {
        const answer = await change(person.access, { oldPassword, newPassword })
        assertCode(answer, 401, 'INVALID_CREDENTIALS', 'Wrong old password.')
      }
      await assertUnchanged(person)
    })

    it('not into itself', async () => {
      const person = await registerAndSignIn(server)
      const answer = await change(person.access, { oldPassword: password, newPassword: password })
      assertCode(answer, 409, 'PASSWORD_CONFLICT', 'The new password must differ from the old one.')
      await assertUnchanged(person)
    })

    it('not into one that cannot be used', async () => {
      const person = await registerAndSignIn(server)
      const attempt = (newPassword: unknown) => change(person.access, { oldPassword: password, newPassword })
      assertFieldsRefused(await attempt('1234567'), { newPassword: 'NOT_LONG_ENOUGH' })
      assertFieldsRefused(await attempt('x'.repeat(257)), { newPassword: 'INVALID' })
      assertFieldsRefused(await attempt(undefined), { newPassword: 'REQUIRED' })
      assertFieldsRefused(await attempt(12345678), { newPassword: 'INVALID' })
      assertFieldsRefused(await change(person.access, {}), {
        oldPassword: 'REQUIRED',
        newPassword: 'REQUIRED',
      })
      await assertUnchanged(person)
    })

    const change = (bearer: string, json: unknown) =>
      send(server, 'PUT', '/account/change-password', { bearer, json })

    async function assertUnchanged(person: Awaited<ReturnType<typeof registerAndSignIn>>): Promise<void> {
      assert.equal((await whoAmI(server, person.access)).status, 200)
      await signIn(server, person)
    }
  })

  describe('its sessions', () => {
    const list = (bearer: string) => send(server, 'GET', '/sessions', { bearer })
    const idsOf = async (bearer: string): Promise<string[]> =>
      (await list(bearer)).body.sessions.map(({ _id }: { _id: string }) => _id)
    const revoke = (bearer: string, id: string) => send(server, 'DELETE', `/sessions/${id}`, { bearer })
    const notFound = [404, 'SESSION_NOT_FOUND', 'Session not found.'] as const

    it('are those that live, newest first, and of this door alone', async () => {
      const person = await registerAndSignIn(server)
      const second = await signIn(server, person)
      const third = await signIn(server, person)
      const stranger = await registerAndSignIn(server)
      await server.request('POST', '/auth/signin', { json: { email: person.email, password } })
      const sids = [third, second, person].map(({ access }) => claimsOf(access).sid)
      assert.deepEqual(await idsOf(person.access), sids)
      assert.equal((await list(person.access)).body.total, 3)
      assert.deepEqual(await idsOf(stranger.access), [claimsOf(stranger.access).sid])
      await send(server, 'POST', '/auth/logout', { bearer: second.access })
      assert.deepEqual(await idsOf(third.access), [sids[0], sids[2]])
    })

    it('tell what is known of the device', async () => {
      const person = await registerAndSignIn(server)
      const devices: Record<string, object> = {
        'curl/8.5.0': { browser: 'unknown', version: 'unknown', platform: 'unknown', os: 'unknown' },
        'Mozilla/5.0 (iPhone; CPU iPhone OS 17_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.1 Mobile/15E148 Safari/604.1':
          { browser: 'Safari', version: '17.1', platform: 'mobile', os: 'iOS 17.1' },
      }
      for (const [userAgent, device] of Object.entries(devices)) {
        const { access } = tokensOf(await login(server, person, { 'user-agent': userAgent }))
        const [session] = (await list(access)).body.sessions
        assert.deepEqual(session.device, { ...device, isDev: false })
        assert.equal(session.location, 'unknown')
      }
    })

    it('mark the one that asks, and say nothing of the tokens of others', async () => {
      const person = await registerAndSignIn(server)
      const { access } = await signIn(server, person)
      const sha512 = (token: string) => createHash('sha512').update(token).digest('hex')
      for (const [bearer, other] of [
        [person.access, access],
        [access, person.access],
      ] as const) {
        const { body, text } = await list(bearer)
        const marked = body.sessions.filter((session: object) => 'accessTokenHash' in session)
        assert.deepEqual(
          marked.map(({ _id, accessTokenHash }: Record<string, string>) => [_id, accessTokenHash]),
          [[claimsOf(bearer).sid, sha512(bearer)]],
        )
        assert.ok(!text.includes(sha512(other)))
      }
      const renewed = tokensOf(await refresh(server, person.refresh))
      const { sessions } = (await list(renewed.access)).body
      assert.equal(sessions[1].accessTokenHash, sha512(renewed.access))
    })

    it('end one by one', async () => {
      const person = await registerAndSignIn(server)
      const other = await signIn(server, person)
      const id = claimsOf(other.access).sid
      assertCode(
        await revoke(person.access, id.toUpperCase()),
        200,
        'SESSION_REVOKED',
        'Session has been revoked.',
      )
      assertUnauthorized(await whoAmI(server, other.access))
      assertUnauthorized(await refresh(server, other.refresh))
      assertCode(await revoke(person.access, id), ...notFound)
      assertCode(
        await revoke(person.access, claimsOf(person.access).sid),
        200,
        'SESSION_REVOKED',
        'Session has been revoked.',
      )
      assertUnauthorized(await whoAmI(server, person.access))
    })

    it('are not to be ended by anybody else, nor through another door', async () => {
      const person = await registerAndSignIn(server)
      const stranger = await registerAndSignIn(server)
      const credebl = await server.request('POST', '/auth/signin', {
        json: { email: person.email, password },
      })
      const { sessionId: handle, access_token: bearer } = credebl.body.data
      const sids = [stranger.access, bearer].map((token) => claimsOf(token).sid)
      const ids = [...sids, handle, unknownId, 'x', '%00', "'--", 'x'.repeat(400)]
      for (const id of ids) assertCode(await revoke(person.access, id), ...notFound)
      assert.equal((await whoAmI(server, stranger.access)).status, 200)
      assert.equal((await server.request('GET', '/users/profile', { bearer })).status, 200)
    })

    it('end all at once, at this door and for this account alone', async () => {
      const person = await registerAndSignIn(server)
      const other = await signIn(server, person)
      const stranger = await registerAndSignIn(server)
      const credebl = await server.request('POST', '/auth/signin', {
        json: { email: person.email, password },
      })
      const answer = await send(server, 'DELETE', '/sessions', { bearer: other.access })
      assertCode(answer, 200, 'ALL_SESSIONS_REVOKED', 'All Sessions has been revoked.')
      for (const { access, refresh: token } of [person, other]) {
        assertUnauthorized(await whoAmI(server, access))
        assertUnauthorized(await refresh(server, token))
      }
      assert.equal((await whoAmI(server, stranger.access)).status, 200)
      const { access_token: bearer } = credebl.body.data
      assert.equal((await server.request('GET', '/users/profile', { bearer })).status, 200)
    })
  })
})
