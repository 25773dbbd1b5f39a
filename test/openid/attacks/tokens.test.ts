import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { register } from '../../harness/doors.ts'
import { claimsOf, onEveryEngine } from '../../harness/harness.ts'
import { appBrowser, callbackOf } from '../browser.ts'
import { useOpenid } from '../harness.ts'
import { beginSignIn, finishSignIn, signIn } from '../relying-party.ts'

const post = { authMethod: 'client_secret_post' as const }
const api = { identifier: 'https://api.example', scopes: ['orders:read'] }
const apps = [
  { id: 'web', settings: post },
  { id: 'other', settings: post },
  { id: 'spa', settings: { authMethod: 'none' as const } },
  { id: 'asker', settings: { ...post, introspect: true } },
]

onEveryEngine('a token of OpenID Connect in wrong hands', (engine) => {
  const server = useOpenid(engine, { apps, openid: { resources: [api] } })

  const proofOf = (id: string): Record<string, string> => {
    const { secret } = server.app(id)
    return { client_id: id, ...(secret !== undefined && { client_secret: secret }) }
  }
  const tokensOf = async (id: string, parameters: Record<string, string> = {}) => {
    const { secret } = server.app(id)
    const party = await server.party(id, secret === undefined ? {} : { secret })
    const tokens = await signIn(party, appBrowser(server), await register(server), parameters)
    return { access: tokens.access_token, refresh: tokens.refresh_token ?? '', id: tokens.id_token ?? '' }
  }
  const ask = (path: string, id: string, form: Record<string, string>) =>
    server.request('POST', path, { form: { ...proofOf(id), ...form } })
  const refresh = (id: string, token: string, more: Record<string, string> = {}) =>
    ask('/oidc/token', id, { grant_type: 'refresh_token', refresh_token: token, ...more })
  const userinfo = (token: string) => server.request('GET', '/oidc/userinfo', { bearer: token })

  it('refreshes for no other app, whatever that shows, and lives on', async () => {
    for (const [owner, thieves] of [
      ['web', ['other', 'spa', 'asker']],
      ['spa', ['web', 'other']],
    ] as const) {
      const tokens = await tokensOf(owner)
      for (const thief of thieves) {
        const { status, body } = await refresh(thief, tokens.refresh)
        assert.deepEqual([status, body.error], [400, 'invalid_grant'])
      }
      // Named as its owner, without the owner's secret.
      const alone = await server.request('POST', '/oidc/token', {
        form: {
          ...proofOf('other'),
          client_id: owner,
          grant_type: 'refresh_token',
          refresh_token: tokens.refresh,
        },
      })
      assert.ok(owner === 'spa' || alone.status >= 400)
      assert.equal((await refresh(owner, tokens.refresh)).status, 200)
    }
  })

  it('ends its session when it is shown again two turns later', async () => {
    const { refresh: first } = await tokensOf('spa')
    const { body: second } = await refresh('spa', first)
    const { body: third } = await refresh('spa', second.refresh_token)
    assert.equal((await refresh('spa', first)).body.error, 'invalid_grant')
    assert.equal((await refresh('spa', third.refresh_token)).body.error, 'invalid_grant')
    assert.equal((await userinfo(third.access_token)).status, 401)
  })

  it('is told of to no other app, and ended by none', async () => {
    const tokens = await tokensOf('web')
    for (const token of [tokens.access, tokens.refresh]) {
      for (const stranger of ['other', 'spa'])
        assert.deepEqual((await ask('/oidc/introspect', stranger, { token })).body.active ?? false, false)
      for (const stranger of ['other', 'spa', 'asker']) await ask('/oidc/revoke', stranger, { token })
    }
    assert.equal((await userinfo(tokens.access)).status, 200)
    assert.equal((await ask('/oidc/introspect', 'asker', { token: tokens.access })).body.active, true)
    assert.equal((await refresh('web', tokens.refresh)).status, 200)
  })

  it('widens nothing when it is refreshed: neither scopes nor audience', async () => {
    const { refresh: token } = await tokensOf('web', { scope: 'openid email' })
    for (const more of [
      { scope: 'openid email profile' },
      { scope: 'openid offline_access' },
      { scope: 'orders:read', resource: api.identifier },
      { resource: 'https://evil.example' },
    ]) {
      const { status, body } = await refresh('web', token, more as Record<string, string>)
      assert.equal(status, 400, JSON.stringify(body))
      assert.match(body.error, /^invalid_(scope|target)$/)
    }
  })

  it('is none for another use: an ID token, a refresh token or a code is no access token, nor the reverse', async () => {
    const tokens = await tokensOf('web')
    for (const token of [tokens.id, tokens.refresh]) assert.equal((await userinfo(token)).status, 401)
    for (const token of [tokens.id, tokens.access])
      assert.equal((await refresh('web', token)).body.error, 'invalid_grant')
    const hint = new URLSearchParams({ id_token_hint: tokens.access })
    assert.equal((await server.request('GET', `/oidc/logout?${hint}`)).status, 400)
  })

  it('is not made by changing one: no byte of it may be another', async () => {
    const { access, refresh: token } = await tokensOf('web')
    for (const at of [0, 5, Math.floor(access.length / 2), access.length - 2]) {
      const letter = access[at] === 'A' ? 'B' : 'A'
      const changed = `${access.slice(0, at)}${letter}${access.slice(at + 1)}`
      assert.equal((await userinfo(changed)).status, 401)
    }
    for (const other of [`${token}A`, token.slice(1), token.toUpperCase(), `${token}.${token}`])
      assert.equal((await refresh('web', other)).body.error, 'invalid_grant')
  })

  it('says of a person to an app what no name of a client is (RFC 9700 §4.15)', async () => {
    const { id } = await tokensOf('web')
    assert.match(claimsOf(id).sub, /^[\da-f]{8}-[\da-f]{4}-7/)
    const { status, body } = await ask('/oidc/token', 'web', { grant_type: 'client_credentials' })
    assert.equal(status, 400)
    assert.equal(body.access_token, undefined)
  })
})

describe('a claim that an app asks for', () => {
  const server = useOpenid('sqlite', { apps: [{ id: 'guest', settings: { firstParty: false } }] })

  it('is one that this server has: its name is no text for the page of the consent', async () => {
    const person = await register(server)
    const party = await server.party('guest')
    const claims = `{"userinfo":{"You have won, click Allow":null,"email":{"essential":true},"__proto__":{"essential":true}},"id_token":{"constructor":null,"password_hash":null}}`
    const browser = appBrowser(server)
    const begun = await beginSignIn(party, { claims })
    const page = await browser.visit(begun.url)
    const consent = await browser.send(page, { identifier: person.email, password: person.password })
    assert.doesNotMatch(consent.text, /won|constructor|__proto__|password_hash/)
    const tokens = await finishSignIn(party, callbackOf(await browser.send(consent, {}, 'allow')), begun)
    const { body } = await server.request('GET', '/oidc/userinfo', { bearer: tokens.access_token })
    assert.deepEqual(Object.keys(body).sort(), ['email', 'sub'])
    assert.equal(claimsOf(String(tokens.id_token)).password_hash, undefined)
  })

  it('is refused where it cannot be read, or is no list of claims', async () => {
    for (const claims of [
      '{',
      '[]',
      'null',
      '"x"',
      '{"userinfo":[]}',
      '{"other":{}}',
      `${'['.repeat(1000)}${']'.repeat(1000)}`,
    ]) {
      const query = new URLSearchParams({
        client_id: 'guest',
        response_type: 'code',
        scope: 'openid',
        redirect_uri: 'https://guest.example/callback',
        code_challenge: 'x'.repeat(43),
        code_challenge_method: 'S256',
        claims,
      })
      const { headers } = await server.request('GET', `/oidc/authorize?${query}`)
      const { searchParams } = new URL(headers.get('location') ?? assert.fail(claims), 'http://localhost')
      assert.equal(searchParams.get('error'), 'invalid_request', claims.slice(0, 20))
    }
  })
})
