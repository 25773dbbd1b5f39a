import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, describe, it } from 'node:test'
import { exportJWK, type GenerateKeyPairResult, generateKeyPair, type JWK, SignJWT } from 'jose'
import * as client from 'openid-client'
import { rotateClientSecret } from '../../src/core/clients/admin.ts'
import { register } from '../harness/doors.ts'
import { everyColumn } from '../harness/everything.ts'
import { type Answer, onEveryEngine } from '../harness/harness.ts'
import { withRealm } from '../harness/realm.ts'
import { appBrowser } from './browser.ts'
import { issuer, useOpenid } from './harness.ts'
import { refusedWith } from './refusals.ts'
import { signIn } from './relying-party.ts'

const grants = ['client_credentials' as const]
const basic = { id: 'basic', redirectUris: [], settings: { grants } }
const post = {
  id: 'post',
  redirectUris: [],
  settings: { grants, authMethod: 'client_secret_post' as const },
}
const spa = { id: 'spa', settings: { authMethod: 'none' as const } }

const toBasic = (id: string, secret: string) =>
  `Basic ${Buffer.from(`${encodeURIComponent(id)}:${encodeURIComponent(secret)}`).toString('base64')}`

/** That the token endpoint does not know who asks, and says how to show it where a header has tried. */
function assertUnknown({ status, body, headers }: Answer, isByHeader: boolean): void {
  assert.equal(status, 401, JSON.stringify(body))
  assert.equal(body.error, 'invalid_client')
  assert.equal(/^Basic /.test(headers.get('www-authenticate') ?? ''), isByHeader)
}

onEveryEngine('a client with a secret', (engine) => {
  const server = useOpenid(engine, { apps: [basic, post, spa] })

  const askFor = (form: Record<string, string>, headers: Record<string, string> = {}) =>
    server.request('POST', '/oidc/token', { form: { grant_type: 'client_credentials', ...form }, headers })

  it('shows it in a header or in the form', async () => {
    const { secret = '' } = server.app('basic')
    assert.equal((await askFor({}, { authorization: toBasic('basic', secret) })).status, 200)
    const posted = { client_id: 'post', client_secret: server.app('post').secret ?? '' }
    assert.equal((await askFor(posted)).status, 200)
    const { config } = await server.party('post', { auth: client.ClientSecretPost(posted.client_secret) })
    assert.ok(await client.clientCredentialsGrant(config))
  })

  it('is refused with a wrong one, with none, and in two ways at once', async () => {
    const { secret = '' } = server.app('basic')
    for (const wrong of ['wrong', `${secret}x`, secret.toUpperCase(), server.app('post').secret ?? ''])
      assertUnknown(await askFor({}, { authorization: toBasic('basic', wrong) }), true)
    assertUnknown(await askFor({}, { authorization: toBasic('nobody', secret) }), true)
    assertUnknown(await askFor({}, { authorization: toBasic('Basic', secret) }), true)
    assertUnknown(await askFor({ client_id: 'post', client_secret: 'wrong' }), false)
    assertUnknown(await askFor({ client_id: 'basic' }), false)
    const twice = await askFor({ client_secret: secret }, { authorization: toBasic('basic', secret) })
    assert.equal(twice.status, 400)
    const other = await askFor({ client_id: 'post' }, { authorization: toBasic('basic', secret) })
    assert.equal(other.status, 400)
    const broken = await askFor({}, { authorization: 'Basic %%%' })
    assert.equal(broken.status, 400)
  })

  it('goes on with the one before it for as long as that overlaps', async () => {
    const name = { dialect: 'openid', id: 'basic' }
    const { secret: first = '' } = server.app('basic')
    const second = await withRealm(server, (ctx) => rotateClientSecret(ctx, name, { overlapSeconds: 3600 }))
    await server.maintain()
    for (const secret of [first, second ?? ''])
      assert.equal((await askFor({}, { authorization: toBasic('basic', secret) })).status, 200)
    server.clock.advance(3601_000)
    assertUnknown(await askFor({}, { authorization: toBasic('basic', first) }), true)
    assert.equal((await askFor({}, { authorization: toBasic('basic', second ?? '') })).status, 200)
    const third = await withRealm(server, (ctx) => rotateClientSecret(ctx, name))
    await server.maintain()
    assertUnknown(await askFor({}, { authorization: toBasic('basic', second ?? '') }), true)
    assert.equal((await askFor({}, { authorization: toBasic('basic', third ?? '') })).status, 200)
  })

  it('has it in no row and no line of the log', async () => {
    const { secret = '' } = server.app('post')
    await askFor({ client_id: 'post', client_secret: secret })
    assert.ok(!(await everyColumn(server)).includes(secret))
    assert.ok(!JSON.stringify(server.log).includes(secret))
  })

  it('is not one that has none: it cannot show a secret', async () => {
    const party = await server.party('spa')
    const tokens = await signIn(party, appBrowser(server), await register(server))
    const form = { grant_type: 'refresh_token', refresh_token: tokens.refresh_token ?? '' }
    assertUnknown(await askFor({ ...form, client_id: 'spa', client_secret: 'anything' }), false)
    assertUnknown(await askFor(form, { authorization: toBasic('spa', 'anything') }), true)
    const { status } = await askFor({ ...form, client_id: 'spa' })
    assert.equal(status, 200)
  })
})

describe('wrong secrets', () => {
  const server = useOpenid('sqlite', { apps: [basic], limits: { 'ticket-address': 3 } })

  it('are counted for their address, and right ones are not', async () => {
    const form = { grant_type: 'client_credentials' }
    const ask = (secret: string) =>
      server.request('POST', '/oidc/token', { form, headers: { authorization: toBasic('basic', secret) } })
    const { secret = '' } = server.app('basic')
    for (let count = 0; count < 5; count++) assert.equal((await ask(secret)).status, 200)
    for (let count = 0; count < 3; count++) assert.equal((await ask('wrong')).status, 401)
    const refused = await ask('wrong')
    assert.equal(refused.status, 429)
    assert.ok(Number(refused.headers.get('retry-after')) > 0)
    assert.equal((await ask(secret)).status, 200)
  })
})

const publicJwk = async ({ publicKey }: GenerateKeyPairResult, kid: string): Promise<JWK> => ({
  ...(await exportJWK(publicKey)),
  kid,
  alg: 'ES256',
  use: 'sig',
})

// The settings file names them, so they are there before the server is.
const known = await generateKeyPair('ES256')
const listed = await generateKeyPair('ES256')
const publicKnown = await publicJwk(known, 'known')

/** Where an app has its keys, and how often they were asked for. */
const keyList = { keys: [await publicJwk(listed, 'one')], fetched: 0 }
const keyServer = createServer((_request, response) => {
  keyList.fetched++
  response.setHeader('content-type', 'application/json').end(JSON.stringify({ keys: keyList.keys }))
})
await new Promise<void>((resolve) => keyServer.listen(0, '127.0.0.1', resolve))
const { port } = keyServer.address() as AddressInfo

describe('a client with a key', () => {
  const authMethod = 'private_key_jwt' as const
  const jwks = { keys: [{ ...publicKnown }] }
  const jwksUri = `http://127.0.0.1:${port}/jwks.json`
  const apps = [
    { id: 'known', redirectUris: [], settings: { grants, authMethod, jwks } },
    { id: 'listed', redirectUris: [], settings: { grants, authMethod, jwksUri } },
  ]
  after(() => keyServer.close())

  const server = useOpenid('sqlite', { apps, openid: { allowPrivateAddresses: true } })

  let count = 0
  const assertion = (id: string, key: GenerateKeyPairResult, claims: Record<string, unknown> = {}) => {
    const now = Math.floor(Date.now() / 1000)
    const said = { iss: id, sub: id, aud: issuer, jti: `jti-${++count}`, iat: now, exp: now + 60, ...claims }
    return new SignJWT(Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined)))
      .setProtectedHeader({ alg: 'ES256' })
      .sign(key.privateKey)
  }
  const show = async (client_assertion: string, more: Record<string, string> = {}) =>
    server.request('POST', '/oidc/token', {
      form: {
        grant_type: 'client_credentials',
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
        client_assertion,
        ...more,
      },
    })

  it('signs who it is, and what it signed is good once', async () => {
    const party = await server.party('known', { auth: client.PrivateKeyJwt(known.privateKey) })
    assert.ok(await client.clientCredentialsGrant(party.config))
    const shown = await assertion('known', known)
    assert.equal((await show(shown)).status, 200)
    assertUnknown(await show(shown), false)
    const fresh = await assertion('known', known)
    const answers = await Promise.all(Array.from({ length: 8 }, () => show(fresh)))
    assert.equal(answers.filter(({ status }) => status === 200).length, 1)
  })

  it('is refused with what is for somebody else, of somebody else, too old, or signed by nobody', async () => {
    const now = Math.floor(Date.now() / 1000)
    const wrong = [
      { aud: 'https://evil.example' },
      { aud: undefined },
      { iss: 'listed' },
      { sub: 'nobody' },
      { exp: now - 60 },
      { exp: undefined },
      { jti: undefined },
      { nbf: now + 3600 },
    ]
    for (const claims of wrong) {
      const { status, body } = await show(await assertion('known', known, claims))
      assert.ok(status === 401 || status === 400, JSON.stringify(claims))
      assert.match(body.error, /^invalid_(client|request)$/)
    }
    assertUnknown(await show(await assertion('known', listed)), false)
    const [header, payload] = (await assertion('known', known)).split('.')
    const none = Buffer.from(JSON.stringify({ alg: 'none' })).toString('base64url')
    for (const unsigned of [`${none}.${payload}.`, `${header}.${payload}.`, 'nonsense', 'a.b.c'])
      assert.ok((await show(unsigned)).status >= 400)
  })

  it('cannot show a secret instead', async () => {
    for (const secret of ['known by its hash alone', ''])
      for (const form of [{ client_id: 'known', client_secret: secret }]) {
        const { status } = await server.request('POST', '/oidc/token', {
          form: { grant_type: 'client_credentials', ...form },
        })
        assert.equal(status, 401)
      }
  })

  it('may have its keys at an address of its own, and change them there', async (t) => {
    const sign = async (key: GenerateKeyPairResult) =>
      client.clientCredentialsGrant(
        (await server.party('listed', { auth: client.PrivateKeyJwt(key.privateKey) })).config,
      )
    assert.ok(await sign(listed))
    const { fetched } = keyList
    assert.ok(await sign(listed))
    assert.equal(keyList.fetched, fetched)
    const next = await generateKeyPair('ES256', { extractable: true })
    await assert.rejects(sign(next), refusedWith('invalid_client', 401))
    keyList.keys = [await publicJwk(next, 'two')]
    // What is not known is looked for again, though not for each request.
    t.mock.timers.enable({ apis: ['Date'], now: Date.now() + 2 * 60_000 })
    assert.ok(await sign(next))
    await assert.rejects(sign(listed), refusedWith('invalid_client', 401))
  })
})
