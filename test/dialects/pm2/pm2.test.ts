import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { claimsOf, freshEmail, onEveryEngine, useServer } from '../../harness/harness.ts'
import {
  assertBody,
  assertError,
  assertRefreshRefused,
  assertUnauthorized,
  commandLineClient,
  defaultClient,
  refresh,
  register,
  send,
  signIn,
  uuid,
  webClient,
  whoAmI,
} from './door.ts'

const hour = 3_600_000
const day = 24 * hour

onEveryEngine('pm2', (engine) => {
  const server = useServer(engine)

  describe('POST /token', () => {
    it('gives an access token for an hour and the refresh token that was sent', async () => {
      const person = await register(server)
      const answer = await refresh(server, person.refresh)
      const { access_token } = answer.body
      const { iat, exp, aud, client_id } = claimsOf(access_token)
      assert.deepEqual(
        { lifetime: exp - iat, aud, client_id },
        { lifetime: 3600, aud: 'pm2', client_id: defaultClient },
      )
      assertBody(answer, 200, {
        access_token,
        refresh_token: person.refresh,
        expire_at: new Date(exp * 1000).toISOString(),
        token_type: 'Bearer',
      })
      assert.notEqual(access_token, person.access)
      assert.equal((await whoAmI(server, access_token)).status, 200)
      assert.equal((await whoAmI(server, person.access)).status, 200)
    })

    it('takes a form, and the only grant_type there is', async () => {
      const { refresh: refresh_token } = await register(server)
      const form = { client_id: defaultClient, refresh_token, grant_type: 'refresh_token', scope: 'all' }
      const answer = await send(server, 'POST', '/token', { form })
      assert.equal(answer.status, 200, answer.text)
      assert.equal(answer.body.refresh_token, refresh_token)
    })

    it('refuses other grant types', async () => {
      const { refresh: refresh_token, email: username, password } = await register(server)
      for (const grant_type of ['password', 'authorization_code', 'REFRESH_TOKEN']) {
        const json = { client_id: defaultClient, refresh_token, username, password, grant_type }
        const answer = await send(server, 'POST', '/token', { json })
        assertError(answer, 400, 'unsupported_grant_type', 'The only grant_type is refresh_token.')
      }
    })

    it('refuses what is missing', async () => {
      const json = { client_id: defaultClient, refresh_token: 'x' }
      for (const field of ['client_id', 'refresh_token']) {
        for (const missing of [undefined, null, '']) {
          const answer = await send(server, 'POST', '/token', { json: { ...json, [field]: missing } })
          assertError(answer, 400, 'invalid_request', `${field} is required.`)
        }
      }
      assert.equal((await send(server, 'POST', '/token')).status, 400)
    })

    it('never answers 401, whatever is wrong with the token', async () => {
      const { access, refresh: token } = await register(server)
      for (const wrong of [
        'x',
        access,
        `${token}A`,
        token.slice(0, -1),
        'null',
        'Bearer',
        token.toUpperCase(),
      ])
        assertRefreshRefused(await refresh(server, wrong))
    })

    it('binds a token to the client that it was issued to', async () => {
      const { refresh: ofDefault } = await register(server)
      const { refresh: ofWeb, access } = await register(server, { client: webClient })
      assert.equal(claimsOf(access).client_id, webClient)
      for (const client of [webClient, commandLineClient, 'nobody', ' ', `${defaultClient} `])
        assertRefreshRefused(await refresh(server, ofDefault, client))
      for (const client of [defaultClient, commandLineClient, 'nobody'])
        assertRefreshRefused(await refresh(server, ofWeb, client))
      assert.equal((await refresh(server, ofWeb, webClient)).status, 200)
      assert.equal((await refresh(server, ofDefault)).status, 200)
      assert.equal((await whoAmI(server, access)).status, 200)
    })

    it('keeps a token for 30 days of rest and for a year at the most', async () => {
      const { refresh: token } = await register(server)
      const { refresh: unused } = await register(server)
      const start = server.clock.now()
      server.clock.advance(29 * day)
      assert.equal((await refresh(server, token)).status, 200)
      server.clock.advance(2 * day)
      assertRefreshRefused(await refresh(server, unused))
      while (server.clock.now() < start + 364 * day) {
        assert.equal((await refresh(server, token)).status, 200)
        server.clock.advance(25 * day)
      }
      server.clock.advance(Math.max(0, start + 365 * day + 1000 - server.clock.now()))
      assertRefreshRefused(await refresh(server, token))
    })
  })

  describe('POST /revoke', () => {
    it('ends the refresh token and all of its access tokens at once', async () => {
      const person = await register(server)
      const [first, second] = [await refresh(server, person.refresh), await refresh(server, person.refresh)]
      const other = await signIn(server, person)
      assertBody(await send(server, 'POST', '/revoke', { bearer: first.body.access_token }), 200, {
        msg: 'The token has been revoked.',
      })
      for (const access of [person.access, first.body.access_token, second.body.access_token])
        assertUnauthorized(await whoAmI(server, access))
      assertRefreshRefused(await refresh(server, person.refresh))
      assert.equal((await whoAmI(server, other.access)).status, 200)
      assert.equal((await refresh(server, other.refresh, commandLineClient)).status, 200)
    })

    it('does not find what was revoked already', async () => {
      const person = await register(server)
      const { access_token } = (await refresh(server, person.refresh)).body
      assert.equal((await send(server, 'POST', '/revoke', { bearer: person.access })).status, 200)
      for (const bearer of [person.access, access_token])
        assertError(await send(server, 'POST', '/revoke', { bearer }), 404, 'not_found', 'Token not found.')
    })

    it('is done by one of all who race', async () => {
      const { access: bearer } = await register(server)
      const racers = Array.from({ length: 5 }, () => send(server, 'POST', '/revoke', { bearer, json: {} }))
      const statuses = (await Promise.all(racers)).map(({ status }) => status)
      assert.deepEqual(statuses.toSorted(), [200, 404, 404, 404, 404])
    })

    it('asks for an access token that is neither missing, malformed nor expired', async () => {
      const person = await register(server)
      const headers = { authorization: `Basic ${person.access}` }
      for (const options of [
        {},
        { bearer: 'null' },
        { bearer: 'x' },
        { bearer: person.refresh },
        { headers },
      ])
        assertUnauthorized(await send(server, 'POST', '/revoke', options))
      server.clock.advance(hour + 1000)
      assertUnauthorized(await send(server, 'POST', '/revoke', { bearer: person.access }))
      assert.equal((await refresh(server, person.refresh)).status, 200)
    })
  })

  describe('the routes of who is signed in', () => {
    it('tell the user', async () => {
      const person = await register(server)
      const { body } = await whoAmI(server, person.access)
      const { _id, created_at } = body
      assert.match(_id, uuid)
      assert.ok(Math.abs(Date.parse(created_at) - server.clock.now()) < 60_000)
      assertBody(await whoAmI(server, person.access), 200, {
        _id,
        username: person.username,
        email: person.email,
        role: null,
        company: null,
        email_valid: false,
        authorized_bucket: [],
        created_at,
      })
    })

    it('have a name for an account that was opened at another door', async () => {
      const email = freshEmail()
      const json = { email, password: '12345678' }
      assert.equal((await server.request('POST', '/api/co/auth/sign-up', { json })).status, 201)
      const { access } = await signIn(server, { username: email, password: '12345678' })
      const { username, role, company } = (await whoAmI(server, access)).body
      assert.deepEqual({ username, role, company }, { username: email, role: null, company: null })
    })

    it('have no buckets', async () => {
      const { access: bearer } = await register(server)
      assertBody(await server.request('GET', '/api/bucket', { bearer }), 200, [])
    })

    it('answer 401 to a token that is missing, forged, expired or of another door', async () => {
      const person = await register(server)
      const json = { email: person.email, password: person.password }
      const minbil = await server.request('POST', '/api/co/auth/sign-in', { json })
      assert.equal(minbil.status, 200, minbil.text)
      const paths = ['/api/bucket', '/api/users/isLogged']
      for (const bearer of [
        'null',
        'x',
        person.refresh,
        minbil.body.access_token,
        minbil.body.refresh_token,
      ]) {
        for (const path of paths) assertUnauthorized(await server.request('GET', path, { bearer }))
        assertUnauthorized(await send(server, 'POST', '/send_email_link', { bearer }))
      }
      server.clock.advance(hour + 1000)
      for (const path of paths)
        assertUnauthorized(await server.request('GET', path, { bearer: person.access }))
      assertUnauthorized(await send(server, 'POST', '/send_email_link', { bearer: person.access }))
      assertUnauthorized(await server.request('GET', '/api/bucket'))
    })
  })

  it('answers what it does not know in its own words', async () => {
    for (const path of ['/api/oauth', '/api/oauth/nothing', '/api/bucket/5f1a', '/api/users', '/api/users/x'])
      assertError(await server.request('GET', path), 404, 'not_found', 'There is nothing here.')
  })

  it('answers what it cannot read in its own words', async () => {
    const malformed = { raw: '{', headers: { 'content-type': 'application/json' } }
    const answer = await send(server, 'POST', '/token', malformed)
    assertError(answer, 400, 'invalid_request', 'The request is not valid JSON.')
    const { body } = await send(server, 'POST', '/register', malformed)
    assert.equal(body.msg, 'The request is not valid JSON.')
  })
})
