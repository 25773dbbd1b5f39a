import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { exportJWK, generateKeyPair } from 'jose'
import * as client from 'openid-client'
import { makeInitialAccessToken } from '../../src/core/openid/initial-access-tokens.ts'
import { register } from '../harness/doors.ts'
import { everyColumn } from '../harness/everything.ts'
import { onEveryEngine } from '../harness/harness.ts'
import { withRealm } from '../harness/realm.ts'
import { signInAtAccount } from '../pages/jar.ts'
import { appBrowser, authorize } from './browser.ts'
import { issuer, type OpenidServer, useOpenid } from './harness.ts'
import { beginSignIn, finishSignIn, relyingParty, signIn } from './relying-party.ts'

const redirectUri = 'https://new.example/callback'
const asker = { id: 'asker', settings: { introspect: true } }

const send = (
  server: OpenidServer,
  metadata: Record<string, unknown>,
  {
    method = 'POST',
    path = '/oidc/register',
    token,
  }: { method?: string; path?: string; token?: string } = {},
) => server.request(method, path, { json: metadata, bearer: token })

/** What has registered itself, as an app that comes in by the certified library. */
const partyOf = (server: OpenidServer, { client_id: id, client_secret: secret }: Record<string, string>) =>
  relyingParty(server, { id: id ?? '', redirectUri, secret })

onEveryEngine('a client that registers itself', (engine) => {
  const server = useOpenid(engine, { apps: [asker], openid: { registration: 'open' } })

  const registered = async (metadata: Record<string, unknown> = {}) => {
    const { status, body, text } = await send(server, { redirect_uris: [redirectUri], ...metadata })
    assert.equal(status, 201, text)
    return {
      body,
      path: new URL(body.registration_client_uri).pathname,
      token: body.registration_access_token,
    }
  }

  it('is told its id and its secret, and comes in by them', async () => {
    const { body } = await registered({ client_name: 'A new app' })
    assert.equal(body.client_secret_expires_at, 0)
    assert.ok(Buffer.from(body.client_secret, 'base64url').length >= 32)
    assert.deepEqual(body.redirect_uris, [redirectUri])
    assert.equal(body.token_endpoint_auth_method, 'client_secret_basic')
    const party = await partyOf(server, body)
    const browser = appBrowser(server)
    const person = await register(server)
    const begun = await beginSignIn(party)
    let page = await browser.visit(begun.url)
    assert.ok(page.text.includes('A new app'))
    page = await browser.send(page, { identifier: person.email, password: person.password })
    // The person is asked, as nobody of the house has said what the app is.
    assert.ok(page.text.includes(' value="allow"'), page.text)
    const allowed = await browser.send(page, {}, 'allow')
    const callback = new URL(allowed.headers.get('location') ?? '')
    assert.ok((await finishSignIn(party, callback, begun)).access_token)
  })

  it('comes in as the certified library registers it', async () => {
    const config = await client.dynamicClientRegistration(
      new URL(issuer),
      { redirect_uris: [redirectUri], token_endpoint_auth_method: 'client_secret_post' },
      undefined,
      {
        execute: [client.allowInsecureRequests],
        [client.customFetch]: async (url, { method, headers, body }) => {
          const { pathname } = new URL(url)
          const { 'content-length': _, ...sent } = Object.fromEntries(new Headers(headers))
          const raw = body === undefined || body === null ? undefined : String(body)
          const answer = await server.request(method, pathname, {
            raw,
            headers: { ...sent, host: 'localhost:5000' },
          })
          return new Response(answer.text, { status: answer.status, headers: answer.headers })
        },
      },
    )
    assert.ok(config.clientMetadata().client_id)
    assert.equal(config.clientMetadata().token_endpoint_auth_method, 'client_secret_post')
  })

  it('may be public, and then has no secret and must use PKCE', async () => {
    const { body } = await registered({ token_endpoint_auth_method: 'none' })
    assert.equal(body.client_secret, undefined)
    const party = await partyOf(server, body)
    const person = await register(server)
    assert.ok((await signIn(party, appBrowser(server), person)).access_token)
    const { url } = await beginSignIn(party)
    url.searchParams.delete('code_challenge')
    url.searchParams.delete('code_challenge_method')
    const callback = await authorize(appBrowser(server), url, person)
    assert.equal(callback.searchParams.get('error'), 'invalid_request')
  })

  it('reads what it has said, and never its secret again', async () => {
    const { body, path, token } = await registered({ client_name: 'Readable' })
    const read = await server.request('GET', path, { bearer: token })
    assert.equal(read.status, 200)
    assert.equal(read.body.client_name, 'Readable')
    assert.equal(read.body.client_secret, undefined)
    assert.ok(!read.text.includes(body.client_secret))
    const rows = await everyColumn(server)
    for (const secret of [body.client_secret, token]) assert.ok(!rows.includes(secret))
    const log = JSON.stringify(server.log)
    assert.ok(!log.includes(body.client_secret) && !log.includes(token))
  })

  it('changes what it has said, and keeps its secret', async () => {
    const { body, path, token } = await registered({ client_name: 'Before' })
    const { client_id } = body
    const change = { client_id, client_name: 'After', redirect_uris: [redirectUri, `${redirectUri}/2`] }
    const changed = await send(server, change, { method: 'PUT', path, token })
    assert.equal(changed.status, 200, changed.text)
    assert.equal(changed.body.client_name, 'After')
    assert.equal(changed.body.client_secret, undefined)
    const party = await partyOf(server, body)
    assert.ok((await signIn(party, appBrowser(server), await register(server))).access_token)
    const begun = await beginSignIn(party, { redirect_uri: `${redirectUri}/2` })
    const callback = await authorize(appBrowser(server), begun.url, await register(server))
    assert.ok(callback.href.startsWith(`${redirectUri}/2?`))
  })

  it('is looked after with its own token alone', async () => {
    const [first, second] = [await registered(), await registered()]
    const tokens = [undefined, 'nonsense', second.token, first.body.client_secret]
    for (const token of tokens) {
      const read = await server.request('GET', first.path, { bearer: token })
      assert.ok(read.status === 401 || read.status === 400, read.text)
      const change = { client_id: first.body.client_id, redirect_uris: ['https://evil.example/callback'] }
      assert.ok((await send(server, change, { method: 'PUT', path: first.path, token })).status >= 400)
      assert.ok((await server.request('DELETE', first.path, { bearer: token })).status >= 400)
    }
    assert.equal((await server.request('GET', first.path, { bearer: first.token })).status, 200)
    const declared = await server.request('GET', '/oidc/register/asker', { bearer: first.token })
    assert.equal(declared.status, 401)
  })

  it('is gone when it removes itself, with all that it had of people', async () => {
    const { body, path, token } = await registered({ grant_types: ['authorization_code', 'refresh_token'] })
    const party = await partyOf(server, body)
    const person = await register(server)
    const tokens = await signIn(party, appBrowser(server), person)
    const removed = await server.request('DELETE', path, { bearer: token })
    assert.equal(removed.status, 204)
    assert.equal((await server.request('GET', path, { bearer: token })).status, 401)
    const { config } = await server.party('asker')
    for (const shown of [tokens.access_token, tokens.refresh_token ?? ''])
      assert.deepEqual(await client.tokenIntrospection(config, shown), { active: false })
    const headers = { authorization: `Bearer ${tokens.access_token}` }
    assert.equal((await server.request('GET', '/oidc/userinfo', { headers })).status, 401)
    await assert.rejects(client.refreshTokenGrant(party.config, tokens.refresh_token ?? ''))
    // Who had let it in can still see what there was.
    const { email: username, password } = person
    const browser = await signInAtAccount(server, { username, password })
    assert.equal((await browser.open('/ui/account/devices')).status, 200)
  })

  it('has neither a key of its own nor an address that is not one', async () => {
    const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true })
    const keyed = { token_endpoint_auth_method: 'private_key_jwt' }
    assert.equal(
      (await registered({ ...keyed, jwks: { keys: [await exportJWK(publicKey)] } })).body.client_secret,
      undefined,
    )
    const wrong: Record<string, unknown>[] = [
      { ...keyed, jwks: { keys: [await exportJWK(privateKey)] } },
      { ...keyed, jwks: { keys: [{ kty: 'oct', k: 'c2VjcmV0' }] } },
      { ...keyed, jwks: { keys: [] } },
      { ...keyed, jwks_uri: 'file:///etc/passwd' },
      { ...keyed, jwks_uri: 'http://keys.example/jwks.json' },
      keyed,
      { redirect_uris: [] },
      { redirect_uris: 'https://new.example/callback' },
      { redirect_uris: ['https://new.example/callback#part'] },
      { redirect_uris: ['http://new.example/callback'] },
      { redirect_uris: ['https://user:word@new.example/callback'] },
      { redirect_uris: ['https://*.example/callback'] },
      { redirect_uris: ['javascript:alert(1)'] },
      { redirect_uris: ['data:text/html,x'], application_type: 'native' },
      { redirect_uris: ['/callback'] },
      { post_logout_redirect_uris: ['javascript:alert(1)'] },
      { backchannel_logout_uri: 'ftp://new.example' },
      { logo_uri: 'javascript:alert(1)' },
      { response_types: ['token'], grant_types: ['implicit'] },
      { grant_types: ['password'] },
      { id_token_signed_response_alg: 'none' },
      { token_endpoint_auth_method: 'client_secret_jwt' },
      { subject_type: 'pairwise' },
    ]
    for (const metadata of wrong) {
      const { status, body } = await send(server, { redirect_uris: [redirectUri], ...metadata })
      assert.equal(status, 400, JSON.stringify(metadata))
      assert.match(body.error, /^invalid_(redirect_uri|client_metadata)$/, JSON.stringify(metadata))
      assert.ok(!JSON.stringify(body).includes('"d"'))
    }
  })

  it('says nothing that cannot be shown, and not too much', async () => {
    const wrong: Record<string, unknown>[] = [
      { client_name: 'A\u0000B' },
      { client_name: 'A\nB' },
      { client_name: 'Bank\u202egnp.exe' },
      { client_name: 'x'.repeat(3000) },
      { contacts: Array.from({ length: 2000 }, (_, index) => `c${index}@new.example`) },
      { jwks: { keys: [{ kty: 'EC', crv: 'P-256', x: 'x'.repeat(20_000), y: 'y' }] } },
    ]
    for (const metadata of wrong) {
      const { status, body } = await send(server, { redirect_uris: [redirectUri], ...metadata })
      assert.equal(status, 400)
      assert.equal(body.error, 'invalid_client_metadata')
    }
    for (const raw of ['', 'nonsense', '[]', 'null', '"text"', `{"client_name":"${'x'.repeat(80_000)}"}`]) {
      const { status } = await server.request('POST', '/oidc/register', {
        raw,
        headers: { 'content-type': 'application/json' },
      })
      assert.equal(status, 400, raw.slice(0, 20))
    }
  })

  it('cannot say what only operators say', async () => {
    const { body } = await registered({ firstParty: true, client_id: 'asker', fapi: true, introspect: true })
    assert.notEqual(body.client_id, 'asker')
    const party = await partyOf(server, body)
    const asked = await server.party('asker')
    const tokens = await signIn(asked, appBrowser(server), await register(server))
    assert.deepEqual(await client.tokenIntrospection(party.config, tokens.access_token), { active: false })
  })
})

describe('registration that is off', () => {
  const server = useOpenid('sqlite', { apps: [asker] })

  it('is nowhere', async () => {
    assert.equal((await send(server, { redirect_uris: [redirectUri] })).status, 404)
    assert.equal((await server.request('GET', '/oidc/register/asker')).status, 404)
    const { body } = await server.request('GET', '/.well-known/openid-configuration')
    assert.equal(body.registration_endpoint, undefined)
  })
})

describe('registration with a token', () => {
  const server = useOpenid('sqlite', { apps: [asker], openid: { registration: 'token' } })

  it('takes none but those that an operator has given, for as long as they last', async () => {
    const { body } = await server.request('GET', '/.well-known/openid-configuration')
    assert.equal(body.registration_endpoint, `${issuer}/oidc/register`)
    const metadata = { redirect_uris: [redirectUri] }
    for (const token of [undefined, 'nonsense']) {
      const { status, headers } = await send(server, metadata, { token })
      assert.ok(status === 401 || status === 400)
      assert.match(headers.get('www-authenticate') ?? '', /^Bearer /)
    }
    const { token } = await withRealm(server, (ctx) => makeInitialAccessToken(ctx, { lifetimeSeconds: 3600 }))
    assert.ok(!(await everyColumn(server)).includes(token))
    for (let count = 0; count < 2; count++)
      assert.equal((await send(server, metadata, { token })).status, 201)
    server.clock.advance(3601_000)
    assert.equal((await send(server, metadata, { token })).status, 401)
  })
})

describe('the limit of registrations', () => {
  const server = useOpenid('sqlite', {
    apps: [asker],
    openid: { registration: 'open' },
    limits: { 'registration-address': 2 },
  })

  it('is one for each address', async () => {
    const metadata = { redirect_uris: [redirectUri] }
    for (let count = 0; count < 2; count++) assert.equal((await send(server, metadata)).status, 201)
    const refused = await send(server, metadata)
    assert.equal(refused.status, 429)
    assert.ok(Number(refused.headers.get('retry-after')) > 0)
  })
})
