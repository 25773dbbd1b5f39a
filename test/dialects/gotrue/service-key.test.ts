import assert from 'node:assert/strict'
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { describe, it } from 'node:test'
import { openSession } from '../../contract/support.ts'
import { useServer } from '../../harness/harness.ts'
import { gotrue } from './adapter.ts'
import { asService, encode, legacySecret, serviceKey, signHs256, withServiceKeys } from './service-keys.ts'

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' })

function signWith(key: KeyObject, alg: 'RS256' | 'ES256', claims: object): string {
  const text = [{ alg, typ: 'JWT', kid: 'k' }, claims].map(encode).join('.')
  const signature = sign('sha256', Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' })
  return `${text}.${signature.toString('base64url')}`
}

const service = { role: 'service_role' }

describe('a service key', () => {
  const keys = [rsa, ec].map(({ publicKey }) => ({ ...publicKey.export({ format: 'jwk' }), kid: 'k' }))
  const server = useServer('sqlite', {
    yaml: withServiceKeys({ legacyJwtSecret: legacySecret, serviceJwks: { keys } }),
  })
  const list = (bearer: string | undefined, headers = {}) =>
    asService(server, 'GET', '/admin/users', undefined, { bearer, headers })
  const codeOf = async (bearer: string | undefined, headers = {}) => {
    const { status, body } = await list(bearer, headers)
    return [status, body.error_code]
  }
  const inSeconds = (seconds: number) => Math.floor(server.clock.now() / 1000) + seconds

  it('is one of the settings, or a token of a service that a key of the settings has signed', async () => {
    const good = [
      serviceKey,
      signHs256({ ...service, exp: inSeconds(60) }),
      signHs256({ role: 'supabase_admin', sub: '1234567890' }),
      signHs256({ ...service, nbf: inSeconds(-60) }, legacySecret, { kid: 'any' }),
      signWith(rsa.privateKey, 'RS256', service),
      signWith(ec.privateKey, 'ES256', { ...service, exp: inSeconds(60) }),
    ]
    for (const key of good) assert.equal((await list(key)).status, 200, key)
  })

  it('is none that is unknown, over, or signed another way', async () => {
    const [head = '', claims = ''] = signHs256(service).split('.')
    const other = generateKeyPairSync('rsa', { modulusLength: 2048 })
    const bad = [
      `${serviceKey}x`,
      serviceKey.slice(0, -1),
      'gotrue',
      signHs256(service, 'another secret that has thirty-two characters'),
      signHs256({ ...service, exp: inSeconds(-1) }),
      signHs256({ ...service, exp: '9999999999' }),
      signHs256({ ...service, nbf: inSeconds(60) }),
      `${head}.${claims}.`,
      `${encode({ alg: 'none' })}.${claims}.`,
      signHs256(service, rsa.publicKey.export({ type: 'spki', format: 'pem' }).toString()),
      signWith(other.privateKey, 'RS256', service),
    ]
    for (const key of bad) assert.deepEqual(await codeOf(key), [403, 'bad_jwt'], key)
    assert.deepEqual(await codeOf(undefined), [401, 'no_authorization'])
  })

  it('is no token of a person, nor one for everybody', async () => {
    const { access } = await openSession(gotrue, server)
    assert.deepEqual(await codeOf(access), [403, 'not_admin'])
    assert.deepEqual(await codeOf(signHs256({ role: 'anon' })), [403, 'not_admin'])
    assert.deepEqual(await codeOf(signHs256({ role: ['service_role'] })), [403, 'not_admin'])
    assert.equal((await server.request('GET', '/auth/v1/user', { bearer: serviceKey })).status, 403)
  })

  it('is taken from no browser', async () => {
    const refused = [403, 'not_admin']
    assert.deepEqual(await codeOf(serviceKey, { origin: 'http://localhost:3000' }), refused)
    assert.deepEqual(await codeOf(serviceKey, { origin: 'null' }), refused)
    assert.deepEqual(await codeOf(serviceKey, { 'sec-fetch-site': 'same-origin' }), refused)
  })

  it('is asked for before anything else is looked at', async () => {
    for (const [method, path] of [
      ['POST', '/admin/users'],
      ['PUT', '/admin/users/x'],
      ['DELETE', '/admin/users/x'],
      ['GET', '/admin/users?page=x'],
    ] as const)
      assert.equal(
        (await asService(server, method, path, undefined, { bearer: undefined })).status,
        401,
        path,
      )
  })
})

describe('a service key that a secret of documents has signed', () => {
  const secret = 'super-secret-jwt-token-with-at-least-32-characters-long'
  const server = useServer('sqlite', { env: { GOTRUE_LEGACY_JWT_SECRET: secret } })

  it('is good in development, which warns of it', async () => {
    const bearer = signHs256(service, secret)
    assert.equal((await asService(server, 'GET', '/admin/users', undefined, { bearer })).status, 200)
    const warnings = server.log.filter(({ setting }) => setting !== undefined)
    assert.deepEqual(
      warnings.map(({ level, setting }) => [level, setting]),
      [[40, 'realms.main.dialects.gotrue.legacyJwtSecret']],
    )
    assert.ok(!JSON.stringify(server.log).includes(secret))
  })
})
