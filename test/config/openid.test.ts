import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { describe, it } from 'node:test'
import { sampleKey } from '../harness/master-keys.ts'
import { settingsIn, useFolder } from './settings-file.ts'

const production = {
  NODE_ENV: 'production',
  MANYDOORS_PUBLIC_URL: 'https://auth.example.com',
  MANYDOORS_SECRET: sampleKey(7).toString('base64'),
}

const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const publicKey = JSON.stringify(pair.publicKey.export({ format: 'jwk' }))
const privateJwk = pair.privateKey.export({ format: 'jwk' })
const shortKey = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey.export({ format: 'jwk' })
const otherCurve = generateKeyPairSync('ec', { namedCurve: 'P-384' }).publicKey.export({ format: 'jwk' })

const realm = (openid: string) => `realms: { main: { openid: ${openid} } }`
const withClient = (client: string, redirectUri = 'https://app.example.com/cb') =>
  realm(`{ clients: [{ id: app, redirectUris: ['${redirectUri}'], ${client} }] }`)

describe('OpenID Connect in a settings file', () => {
  const { read, problems } = settingsIn(useFolder())
  const openidOf = async (yaml: string, environment = {}) => (await read(yaml, environment)).realms[0]?.openid

  it('is on in development and off in production where nothing is said', async () => {
    assert.ok(await openidOf('realms: { main: }'))
    assert.equal(await openidOf('realms: { main: }', production), undefined)
    assert.ok(await openidOf('realms: { main: { openid: } }', production))
    assert.equal(await openidOf(realm('{ enabled: false }')), undefined)
  })

  it('has requests go to private addresses in development alone', async () => {
    assert.equal((await openidOf(realm('{}')))?.allowPrivateAddresses, true)
    assert.equal((await openidOf(realm('{}'), production))?.allowPrivateAddresses, false)
    const openid = await openidOf(realm('{ allowPrivateAddresses: true }'), production)
    assert.equal(openid?.allowPrivateAddresses, true)
  })

  it('has a door of its own, and APIs with what is usual where they say nothing', async () => {
    const openid = await openidOf(
      realm(`{
        accessLifetime: 2m, idleLifetime: 1d, absoluteLifetime: 2d, maxSessions: 3, registration: token,
        resources: [
          { identifier: https://api.example.com, scopes: [orders:read] },
          { identifier: 'urn:example:old-api', format: opaque, accessLifetime: 1h, algorithm: RS256 }
        ] }`),
    )
    const { accessLifetime, idleLifetime, absoluteLifetime, maxSessions, rotation } = openid?.door ?? {}
    assert.deepEqual(
      { accessLifetime, idleLifetime, absoluteLifetime, maxSessions, rotation },
      {
        accessLifetime: 120,
        idleLifetime: 86_400,
        absoluteLifetime: 172_800,
        maxSessions: 3,
        rotation: 'grace',
      },
    )
    assert.equal(openid?.registration, 'token')
    assert.deepEqual(openid?.resources, [
      {
        identifier: 'https://api.example.com',
        scopes: ['orders:read'],
        format: 'jwt',
        accessLifetimeSeconds: 300,
        algorithm: 'ES256',
      },
      {
        identifier: 'urn:example:old-api',
        scopes: [],
        format: 'opaque',
        accessLifetimeSeconds: 3600,
        algorithm: 'RS256',
      },
    ])
  })

  it('declares clients, where it is on, and none of its own', async () => {
    const clientsOf = async (yaml: string) =>
      (await read(yaml)).realms[0]?.clients.filter(({ dialect }) => dialect === 'openid')
    const yaml = (enabled: boolean) =>
      realm(
        `{ enabled: ${enabled}, clients: [{ id: app, redirectUris: ['https://app.example.com/cb?from=login'] }] }`,
      )
    assert.deepEqual(await clientsOf(yaml(true)), [
      {
        dialect: 'openid',
        id: 'app',
        kind: 'registered',
        origins: [],
        redirectUris: ['https://app.example.com/cb?from=login'],
        brand: { name: 'app' },
        settings: {},
      },
    ])
    assert.deepEqual(await clientsOf(yaml(false)), [])
    assert.deepEqual(await clientsOf(realm('{}')), [])
  })

  const good: Record<string, string> = {
    'a native app':
      "redirectUris: ['com.example.app:/cb', 'http://127.0.0.1/cb'], settings: { native: true, authMethod: none }",
    'a service without people': 'settings: { grants: [client_credentials] }',
    'one with keys': `settings: { grants: [client_credentials], authMethod: private_key_jwt, jwks: { keys: [${publicKey}] } }`,
    'one under FAPI':
      'redirectUris: [https://a.example/], settings: { fapi: true, jwksUri: https://a.example/jwks }',
  }
  for (const [name, client] of Object.entries(good)) {
    it(`takes ${name} in production`, async () => {
      const { realms } = await read(realm(`{ clients: [{ id: app, ${client} }] }`), production)
      assert.equal(realms[0]?.clients.at(-1)?.id, 'app')
    })
  }

  const refused: [what: string, yaml: string, sentence: string][] = [
    [
      'a resource with a fragment',
      realm("{ resources: [{ identifier: 'https://a.example/#b' }] }"),
      'resources[0].identifier must be an absolute URI',
    ],
    [
      'one that is no URI',
      realm('{ resources: [{ identifier: orders }] }'),
      'resources[0].identifier must be an absolute URI',
    ],
    [
      'one that is there twice',
      realm('{ resources: [{ identifier: urn:a:b }, { identifier: urn:a:b }] }'),
      'resources[1].identifier is the same as realms.main.openid.resources[0].identifier',
    ],
    [
      'one with the name of the issuer',
      realm('{ resources: [{ identifier: http://localhost:5000 }] }'),
      "resources[0].identifier must not be the realm's publicUrl",
    ],
    [
      'a scope of people for an API',
      realm('{ resources: [{ identifier: urn:a:b, scopes: [email] }] }'),
      'resources[0].scopes[0] must not be one of openid,',
    ],
    [
      'a client without an id',
      realm('{ clients: [{ redirectUris: [https://a.example/] }] }'),
      'clients[0].id is missing',
    ],
    ['a default client', withClient('kind: default'), 'clients[0].kind must be registered'],
    [
      'an unknown setting',
      withClient('settings: { registered: {} }'),
      'clients[0].settings.registered is not a setting',
    ],
    [
      'a fragment',
      withClient('', 'https://a.example/#cb'),
      'clients[0].redirectUris[0] must be an address such as',
    ],
    [
      'http elsewhere',
      withClient("settings: { postLogoutRedirectUris: ['http://a.example/'] }"),
      'clients[0].settings.postLogoutRedirectUris[0] must be an address such as',
    ],
    [
      'http to tell of a logout',
      withClient("settings: { backchannelLogoutUri: 'http://a.example/' }"),
      'clients[0].settings.backchannelLogoutUri must be a URL such as',
    ],
    [
      'private_key_jwt without keys',
      withClient('settings: { authMethod: private_key_jwt }'),
      'clients[0].settings.jwks or jwksUri is missing',
    ],
    [
      'keys in two places',
      withClient(
        `settings: { authMethod: private_key_jwt, jwksUri: https://a.example/, jwks: { keys: [${publicKey}] } }`,
      ),
      'clients[0].settings.jwks and jwksUri exclude one another',
    ],
    [
      'a short key',
      withClient(`settings: { jwks: { keys: [${JSON.stringify(shortKey)}] } }`),
      'clients[0].settings.jwks.keys[0] is an RSA key of less than 2048 bits',
    ],
    [
      'a key that signs nothing here',
      withClient(`settings: { jwks: { keys: [${JSON.stringify(otherCurve)}] } }`),
      'clients[0].settings.jwks.keys[0] must be of RSA, P-256 or Ed25519',
    ],
    [
      'https at localhost for a native app',
      withClient('settings: { native: true }', 'https://localhost/cb'),
      'clients[0].redirectUris[0] is https at localhost',
    ],
    [
      'a key that is none',
      withClient('settings: { jwks: { keys: [{ kty: EC, x: y }] } }'),
      'clients[0].settings.jwks.keys[0] is no public key that can be read',
    ],
    [
      'credentials of nobody',
      withClient('settings: { authMethod: none, grants: [authorization_code, client_credentials] }'),
      'clients[0].settings.grants has client_credentials',
    ],
    [
      'a public client without PKCE',
      withClient('settings: { authMethod: none, pkce: optional }'),
      'clients[0].settings.pkce must be required',
    ],
    [
      'a public client that asks for tokens of others',
      withClient('settings: { authMethod: none, introspect: true }'),
      'clients[0].settings.introspect is not for clients without credentials',
    ],
    [
      'FAPI without DPoP',
      withClient('settings: { fapi: true, dpop: false, jwksUri: https://a.example/ }'),
      'clients[0].settings.dpop must be true where fapi is true',
    ],
    [
      'FAPI with a secret',
      withClient('settings: { fapi: true, authMethod: client_secret_basic, jwksUri: https://a.example/ }'),
      'clients[0].settings.authMethod must be private_key_jwt where fapi is true',
    ],
    [
      'a code without an address',
      realm('{ clients: [{ id: app }] }'),
      'clients[0].redirectUris is missing: the grant authorization_code needs one',
    ],
    [
      'refresh tokens of nothing',
      withClient('settings: { grants: [refresh_token, client_credentials] }'),
      'clients[0].settings.grants has refresh_token, but no grant that gives refresh tokens',
    ],
    [
      'the scheme of an app in a web app',
      withClient("settings: { postLogoutRedirectUris: ['com.example.app:/'] }"),
      'clients[0].settings.postLogoutRedirectUris[0] has the scheme of an app',
    ],
  ]
  for (const [what, yaml, sentence] of refused) {
    it(`refuses ${what}`, async () => {
      const found = await problems(yaml)
      assert.equal(found.length, 1, found.join('\n'))
      assert.ok(found[0]?.startsWith(`realms.main.openid.${sentence}`), found[0])
    })
  }

  it('refuses private and shared keys, and repeats nothing of them', async () => {
    for (const key of [privateJwk, { kty: 'oct', k: privateJwk.d }]) {
      const found = (
        await problems(withClient(`settings: { jwks: { keys: [${JSON.stringify(key)}] } }`))
      ).join('\n')
      assert.match(found, /clients\[0\]\.settings\.jwks\.keys\[0\] is a private or shared key/)
      assert.ok(!found.includes(String(privateJwk.d)))
    }
  })

  it('takes http at localhost for web apps in development alone', async () => {
    const yaml = withClient(
      "settings: { postLogoutRedirectUris: ['http://localhost:3000/'], backchannelLogoutUri: 'http://127.0.0.1:3000/out' }",
    )
    await read(yaml)
    assert.deepEqual(await problems(yaml, production), [
      'realms.main.openid.clients[0].settings.postLogoutRedirectUris[0] must be https in production',
      'realms.main.openid.clients[0].settings.backchannelLogoutUri must be https in production',
    ])
  })

  it('has no place among the dialects, and its name is taken', async () => {
    assert.match(
      (await problems('realms: { main: { dialects: { openid: } } }')).join('\n'),
      /dialects\.openid is not a setting/,
    )
    assert.match(
      (await problems('dialects: { openid: { module: ./x.ts } }')).join('\n'),
      /dialects\.openid is the name of the door of OpenID Connect/,
    )
  })
})
