import assert from 'node:assert/strict'
import { it } from 'node:test'
import { decodeProtectedHeader } from 'jose'
import * as client from 'openid-client'
import { credebl, minbil, register } from '../harness/doors.ts'
import { onEveryEngine } from '../harness/harness.ts'
import { appBrowser, authorize, callbackOf } from './browser.ts'
import { useOpenid } from './harness.ts'
import { refusedWith } from './refusals.ts'
import { beginSignIn, signIn } from './relying-party.ts'
import { verifyAccessToken } from './resource-server.ts'

const orders = 'https://orders.example'
const stock = 'https://stock.example/v1'
const slow = 'https://slow.example'
const resources = [
  { identifier: orders, scopes: ['orders:read', 'orders:write'] },
  { identifier: stock, scopes: ['stock:read'], format: 'opaque' },
  { identifier: slow, scopes: ['slow:read'], algorithm: 'RS256', accessLifetime: '20m' },
]
const web = { id: 'web', settings: { introspect: true } }
const reader = { id: 'reader', settings: { scopes: ['openid', 'orders:read'] } }

onEveryEngine('access tokens for a resource', (engine) => {
  const server = useOpenid(engine, { apps: [web, reader], openid: { resources } })

  const signedIn = async (id: string, parameters: Record<string, string>) => {
    const party = await server.party(id)
    const person = await register(server)
    const browser = appBrowser(server)
    return { party, person, browser, tokens: await signIn(party, browser, person, parameters) }
  }

  it('are signed, and good for it alone', async () => {
    const { tokens } = await signedIn('web', { resource: orders, scope: 'openid orders:read' })
    const token = tokens.access_token
    const { payload, protectedHeader } = await verifyAccessToken(server, token, orders)
    assert.equal(protectedHeader.typ, 'at+jwt')
    assert.equal(protectedHeader.alg, 'ES256')
    assert.equal(payload.sub, tokens.claims()?.sub)
    assert.equal(payload.client_id, 'web')
    assert.equal(payload.scope, 'orders:read')
    assert.equal(Number(payload.exp) - Number(payload.iat), 300)
    assert.equal(typeof payload.jti, 'string')
    assert.equal(tokens.expires_in, 300)
    assert.equal(tokens.scope, 'orders:read')
    await assert.rejects(verifyAccessToken(server, token, stock))
    // Neither is an ID token an access token.
    await assert.rejects(verifyAccessToken(server, tokens.id_token ?? '', 'web'))
  })

  it('are signed and lived as the resource has it', async () => {
    const { tokens } = await signedIn('web', { resource: slow, scope: 'openid slow:read' })
    assert.equal(decodeProtectedHeader(tokens.access_token).alg, 'RS256')
    await verifyAccessToken(server, tokens.access_token, slow)
    assert.equal(tokens.expires_in, 20 * 60)
  })

  it('are opaque where the resource has that, and introspected', async () => {
    const { party, tokens } = await signedIn('web', { resource: stock, scope: 'openid stock:read' })
    assert.throws(() => decodeProtectedHeader(tokens.access_token))
    const answer = await client.tokenIntrospection(party.config, tokens.access_token)
    assert.equal(answer.active, true)
    assert.equal(answer.aud, stock)
    assert.equal(answer.scope, 'stock:read')
    await client.tokenRevocation(party.config, tokens.access_token)
    assert.equal((await client.tokenIntrospection(party.config, tokens.access_token)).active, false)
  })

  it('are refused for one that is not known, or is none', async () => {
    for (const resource of [
      'https://unknown.example',
      `${orders}/`,
      `${orders}#part`,
      'orders',
      'HTTPS://orders.example',
    ]) {
      const { url } = await beginSignIn(await server.party('web'), { resource, scope: 'openid orders:read' })
      const callback = callbackOf(await appBrowser(server).visit(url))
      assert.equal(callback.searchParams.get('error'), 'invalid_target', resource)
    }
  })

  it('say no more than the app may', async () => {
    const { tokens } = await signedIn('reader', {
      resource: orders,
      scope: 'openid orders:read orders:write',
    })
    const { payload } = await verifyAccessToken(server, tokens.access_token, orders)
    assert.equal(payload.scope, 'orders:read')
    const { url } = await beginSignIn(await server.party('reader'), { scope: 'openid email' })
    const callback = callbackOf(await appBrowser(server).visit(url))
    assert.equal(callback.searchParams.get('error'), 'invalid_scope')
  })

  it('come of a refresh for another resource that was allowed, and for no other', async () => {
    const party = await server.party('web')
    const begun = await beginSignIn(party, { scope: 'openid orders:read stock:read', resource: orders })
    begun.url.searchParams.append('resource', stock)
    const callback = await authorize(appBrowser(server), begun.url, await register(server))
    const tokens = await client.authorizationCodeGrant(party.config, callback, begun.checks, {
      resource: orders,
    })
    const first = await verifyAccessToken(server, tokens.access_token, orders)
    assert.equal(first.payload.scope, 'orders:read')
    const other = await client.refreshTokenGrant(party.config, tokens.refresh_token ?? '', {
      resource: stock,
    })
    const { aud, scope } = await client.tokenIntrospection(party.config, other.access_token)
    assert.deepEqual([aud, scope], [stock, 'stock:read'])
    await assert.rejects(
      client.refreshTokenGrant(party.config, other.refresh_token ?? '', { resource: slow }),
      refusedWith('invalid_target'),
    )
    const again = await client.refreshTokenGrant(party.config, other.refresh_token ?? '', {
      resource: orders,
    })
    await verifyAccessToken(server, again.access_token, orders)
  })

  it('are not for userinfo, and those of doors are not either', async () => {
    const { tokens, person } = await signedIn('web', { resource: stock, scope: 'openid stock:read' })
    const atMinbil = minbil.tokensOf(await minbil.signIn(server, person))
    const atCredebl = credebl.tokensOf(await credebl.signIn(server, person))
    for (const token of [
      tokens.access_token,
      tokens.id_token ?? '',
      tokens.refresh_token ?? '',
      atMinbil.access,
      atMinbil.refresh,
      atCredebl.access,
    ]) {
      const headers = { authorization: `Bearer ${token}` }
      const { status, headers: told } = await server.request('GET', '/oidc/userinfo', { headers })
      assert.ok(status === 401 || status === 403, String(status))
      assert.match(told.get('www-authenticate') ?? '', /^Bearer .*error=/)
    }
  })

  it('are good at no door', async () => {
    const { tokens } = await signedIn('web', { resource: orders, scope: 'openid orders:read' })
    const { tokens: plain } = await signedIn('web', {})
    const routes = server.routes.filter(
      ({ method, path, dialect }) =>
        /^(GET|POST|PUT|PATCH|DELETE)$/.test(method) &&
        dialect !== undefined &&
        dialect !== 'openid' &&
        !path.includes(':'),
    )
    const ask = async ({ method, path }: (typeof routes)[number], bearer?: string) =>
      (await server.request(method, path, { bearer, ...(method !== 'GET' && { json: {} }) })).status
    const without = await Promise.all(routes.map((route) => ask(route)))
    // Where nobody is let in without a token, nobody is with one of these. With a token vastly only signs out.
    const closed = routes.filter((_route, index) => [401, 403].includes(without[index] ?? 0))
    const doors = closed.map(({ dialect }) => dialect)
    assert.deepEqual([...new Set(doors)].sort(), ['credebl', 'gotrue', 'minbil', 'pm2', 'wolfpal'])
    for (const token of [tokens.access_token, tokens.id_token ?? '', plain.access_token])
      for (const route of closed) assert.ok([401, 403].includes(await ask(route, token)), route.path)
  })

  it('are for userinfo where no resource is named', async () => {
    const { party, tokens } = await signedIn('web', { scope: 'openid orders:read' })
    const { sub } = tokens.claims() ?? assert.fail('no ID token')
    assert.equal(tokens.scope, 'openid')
    assert.deepEqual(await client.fetchUserInfo(party.config, tokens.access_token, sub), { sub })
  })
})
