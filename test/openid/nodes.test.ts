import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { jsonOf } from '../harness/command.ts'
import { execute } from '../harness/database.ts'
import { register } from '../harness/doors.ts'
import { eventually } from '../harness/events.ts'
import { noPostgres, send, type TestServer } from '../harness/harness.ts'
import { appBrowser, authorize } from './browser.ts'
import { useOpenidCluster } from './cluster.ts'
import { exchangeCode, isActive, refresh } from './endpoints.ts'
import { beginSignIn, signIn } from './relying-party.ts'

const apps = [{ id: 'web', settings: { introspect: true, idTokenAlgorithm: 'ES256' as const } }]

describe('two nodes with OpenID Connect', { skip: noPostgres }, () => {
  const cluster = useOpenidCluster({ apps, openid: { registration: 'open' } })
  const web = () => cluster.app('web')
  const both = () => {
    const [first, second] = cluster.nodes
    assert.ok(first && second)
    return { first, second }
  }
  /** A node by itself, as browsers and apps come to it. */
  const alone = (node: TestServer) => ({
    ...node,
    url: node.url,
    request: node.request,
    issuer: cluster.issuer,
  })

  it('take codes, refresh tokens and access tokens of each other', async () => {
    const { first, second } = both()
    const person = await register(cluster)
    const begun = await beginSignIn(await cluster.party('web'))
    const callback = await authorize(appBrowser(alone(first)), begun.url, person)
    const code = { callback, verifier: begun.checks.pkceCodeVerifier }
    const tokens = await exchangeCode(second, web(), code)
    assert.equal(tokens.status, 200, tokens.text)
    assert.equal(await isActive(first, web(), tokens.body.access_token), true)
    const next = await refresh(first, web(), tokens.body.refresh_token)
    assert.equal(next.status, 200, next.text)
    const last = await refresh(second, web(), next.body.refresh_token)
    assert.equal(last.status, 200, last.text)
  })

  it('sign in a browser that is sent from one to the other at every step', async () => {
    const party = await cluster.party('web')
    const tokens = await signIn(party, appBrowser(cluster), await register(cluster))
    assert.ok(tokens.refresh_token)
  })

  it('know at once of a client that has registered itself at one of them', async () => {
    const { first, second } = both()
    const person = await register(cluster)
    const uri = 'https://dynamic.example/callback'
    const json = { redirect_uris: [uri], grant_types: ['authorization_code', 'refresh_token'] }
    const registered = await first.request('POST', '/oidc/register', { json })
    assert.equal(registered.status, 201, registered.text)
    const { client_id: id, client_secret: secret, registration_access_token: bearer } = registered.body
    const begun = await beginSignIn(await cluster.party('web', { id, secret, redirectUri: uri }))
    const callback = await authorize(appBrowser(alone(second)), begun.url, person)
    const code = { callback, verifier: begun.checks.pkceCodeVerifier }
    const tokens = await exchangeCode(second, { id, secret, redirectUri: uri }, code)
    assert.equal(tokens.status, 200, tokens.text)
    const read = await second.request('GET', `/oidc/register/${id}`, { bearer })
    assert.equal(read.status, 200, read.text)
    assert.equal(read.body.client_id, id)
  })

  it('know within seconds of a client that was added by the command line', async () => {
    const uri = 'https://added.example/callback'
    const [{ id }] = await jsonOf(cluster, ['client', 'add', 'openid', '--redirect-uri', uri])
    const { url } = await beginSignIn(await cluster.party('web', { id, redirectUri: uri }))
    for (const node of cluster.nodes)
      await eventually(`a node that knows ${id}`, async () => {
        const { status } = await node.request('GET', `${url.pathname}${url.search}`)
        return status === 303 || undefined
      })
  })

  it('sign with the same key after a rotation at one of them, once the other has read the keys', async () => {
    const { first, second } = both()
    const person = await register(cluster)
    await execute(
      cluster.env.DATABASE_URL ?? '',
      'update signing_keys set created_at = created_at - 172800000',
    )
    await jsonOf(first, ['keys', 'rotate', '--force'])
    await first.maintain()
    await second.maintain()
    const kids = new Set<unknown>()
    for (const node of [first, second]) {
      const begun = await beginSignIn(await cluster.party('web'))
      const callback = await authorize(appBrowser(alone(node)), begun.url, person)
      const { body } = await exchangeCode(node, web(), { callback, verifier: begun.checks.pkceCodeVerifier })
      const [header = ''] = String(body.id_token).split('.')
      kids.add(JSON.parse(Buffer.from(header, 'base64url').toString()).kid)
    }
    assert.equal(kids.size, 1)
    for (const { url } of [first, second]) {
      const { body } = await send(`${url}/.well-known/jwks.json`, 'GET')
      assert.ok(body.keys.some(({ kid }: { kid: string }) => kids.has(kid)))
    }
  })
})
