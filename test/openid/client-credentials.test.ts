import assert from 'node:assert/strict'
import { it } from 'node:test'
import * as client from 'openid-client'
import { everyColumn } from '../harness/everything.ts'
import { onEveryEngine } from '../harness/harness.ts'
import { issuer, useOpenid } from './harness.ts'
import { proofKey } from './proofs.ts'
import { refusedWith } from './refusals.ts'
import { verifyAccessToken } from './resource-server.ts'

const orders = 'https://orders.example'
const stock = 'https://stock.example'
const resources = [
  { identifier: orders, scopes: ['orders:read', 'orders:write'] },
  { identifier: stock, scopes: ['stock:read'], format: 'opaque' },
]
const grants = ['client_credentials' as const]
const machine = { id: 'machine', redirectUris: [], settings: { grants } }
const reader = { id: 'reader', redirectUris: [], settings: { grants, scopes: ['orders:read'] } }
const api = { id: 'api', redirectUris: [], settings: { grants, introspect: true } }
const web = { id: 'web' }

onEveryEngine('client credentials', (engine) => {
  const server = useOpenid(engine, { apps: [machine, reader, api, web], openid: { resources } })

  const grant = async (id: string, parameters: Record<string, string>) =>
    client.clientCredentialsGrant((await server.party(id)).config, parameters)

  it('give a machine a token for a resource, with its scopes, and nobody in it', async () => {
    const tokens = await grant('machine', { resource: orders, scope: 'orders:read' })
    assert.equal(tokens.scope, 'orders:read')
    assert.equal(tokens.refresh_token, undefined)
    assert.equal(tokens.id_token, undefined)
    const { payload } = await verifyAccessToken(server, tokens.access_token, orders)
    assert.equal(payload.client_id, 'machine')
    assert.equal(payload.sub, 'machine')
    assert.equal(payload.scope, 'orders:read')
    assert.equal(tokens.expires_in, 300)
  })

  it('give a token that the resource can ask about, and the machine can revoke', async () => {
    const { config } = await server.party('machine')
    const asker = await server.party('api')
    const tokens = await grant('machine', { resource: stock, scope: 'stock:read' })
    const known = await client.tokenIntrospection(asker.config, tokens.access_token)
    assert.equal(known.active, true)
    assert.equal(known.client_id, 'machine')
    assert.equal(known.scope, 'stock:read')
    assert.equal(known.aud, stock)
    assert.equal(known.iss, issuer)
    assert.equal(known.sub, undefined)
    // Another client can neither ask nor revoke.
    const other = await server.party('reader')
    const answer = await client.tokenIntrospection(other.config, tokens.access_token)
    assert.deepEqual(answer, { active: false })
    await client.tokenRevocation(other.config, tokens.access_token).catch(() => {})
    assert.equal((await client.tokenIntrospection(asker.config, tokens.access_token)).active, true)
    await client.tokenRevocation(config, tokens.access_token)
    assert.deepEqual(await client.tokenIntrospection(asker.config, tokens.access_token), { active: false })
  })

  it('give a token that is in no row, and is good as long as it says', async (t) => {
    const asker = await server.party('api')
    const tokens = await grant('machine', { resource: stock, scope: 'stock:read' })
    assert.ok(!(await everyColumn(server)).includes(tokens.access_token))
    t.mock.timers.enable({ apis: ['Date'], now: Date.now() + 301_000 })
    assert.equal((await client.tokenIntrospection(asker.config, tokens.access_token)).active, false)
  })

  it('give a machine no more than it may have', async () => {
    const narrow = await grant('reader', { resource: orders, scope: 'orders:read orders:write' })
    assert.equal(narrow.scope, 'orders:read')
    const none = await grant('reader', { resource: orders, scope: 'orders:write' })
    assert.equal(none.scope, undefined)
    const elsewhere = await grant('machine', { resource: orders, scope: 'stock:read openid email' })
    assert.equal(elsewhere.scope, undefined)
    await assert.rejects(
      grant('machine', { resource: 'https://unknown.example', scope: 'orders:read' }),
      refusedWith('invalid_target'),
    )
  })

  it('open nothing of a person', async () => {
    const { access_token } = await grant('machine', { scope: 'openid email' })
    const headers = { authorization: `Bearer ${access_token}` }
    const { status } = await server.request('GET', '/oidc/userinfo', { headers })
    assert.equal(status, 401)
  })

  it('are bound to the key of a machine that proves one', async () => {
    const key = await proofKey()
    const party = await server.party('machine')
    const DPoP = client.getDPoPHandle(party.config, key)
    const parameters = { resource: stock, scope: 'stock:read' }
    const tokens = await client.clientCredentialsGrant(party.config, parameters, { DPoP })
    assert.equal(tokens.token_type, 'dpop')
    const asker = await server.party('api')
    const { cnf } = await client.tokenIntrospection(asker.config, tokens.access_token)
    assert.equal(cnf?.jkt, await DPoP.calculateThumbprint())
  })

  it('are refused to an app that has not set that, and without its secret', async () => {
    await assert.rejects(grant('web', { scope: 'openid' }), refusedWith('invalid_request'))
    const impostor = await server.party('machine', { secret: 'wrong' })
    await assert.rejects(client.clientCredentialsGrant(impostor.config), refusedWith('invalid_client', 401))
    const nobody = await server.request('POST', '/oidc/token', {
      form: { grant_type: 'client_credentials', client_id: 'machine' },
    })
    assert.equal(nobody.status, 401)
    assert.equal(nobody.body.error, 'invalid_client')
  })
})
