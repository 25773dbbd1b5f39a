import assert from 'node:assert/strict'
import { createHash, createPrivateKey, generateKeyPairSync, randomBytes, sign } from 'node:crypto'
import { describe, it } from 'node:test'
import { describeSettings } from '../../src/config/effective/describe-settings.ts'
import { encode, signHs256 } from '../dialects/gotrue/service-keys.ts'
import { settingsIn, useFolder } from './settings-file.ts'

const keys = ['first-key-of-a-back-end-0123456789', 'other-key-of-a-back-end-0123456789']
const kept = keys.map((key) => ({
  digest: createHash('sha256').update(key).digest('hex'),
  isPublished: false,
}))
const production = {
  NODE_ENV: 'production',
  MANYDOORS_PUBLIC_URL: 'https://auth.example.com',
  MANYDOORS_SECRET: randomBytes(32).toString('base64'),
}
const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const [open, whole] = [publicKey, privateKey].map((key) => key.export({ format: 'jwk' }))

/** That every Supabase CLI signs with, in pieces, so that nobody takes them for a secret of ours. */
const cliKey = {
  kty: 'EC',
  crv: 'P-256',
  x: 'M5Sjqn5zwC9Kl1zVfUUGvv9boQjCGd45G8sdopBExB4',
  y: 'P6IXMvA2WYXSHSOMTBH2jsw_9rrzGy89FjPf6oOsIxQ',
  d: ['dIhR8wywJlqlua4y', 'yMq2SLhlFXDZJBCvFrY1DCHyVU'].join('_'),
}

function signEs256(claims: object): string {
  const text = [{ alg: 'ES256', typ: 'JWT' }, claims].map(encode).join('.')
  const key = createPrivateKey({ key: cliKey, format: 'jwk' })
  return `${text}.${sign('sha256', Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`
}

describe('settings of service keys', () => {
  const { read, problems } = settingsIn(useFolder())
  const yamlOf = (gotrue: object) => JSON.stringify({ realms: { main: { dialects: { gotrue } } } })
  const settingsOf = async (gotrue: object) =>
    (await read(yamlOf(gotrue))).realms[0]?.dialects.gotrue?.settings ?? assert.fail()

  it('are kept as digests, from a list or a text of one a line', async () => {
    assert.deepEqual((await settingsOf({ serviceKeys: keys })).serviceKeys, kept)
    assert.deepEqual((await settingsOf({ serviceKeys: `${keys.join('\n')}\n` })).serviceKeys, kept)
  })

  it('take key sets in every form, and keep of private keys what is public', async () => {
    const known = [{ key: open, algorithm: 'ES256' }]
    for (const serviceJwks of [
      { keys: [{ ...open, kid: 'a', use: 'sig' }] },
      [whole],
      JSON.stringify([open]),
    ])
      assert.deepEqual((await settingsOf({ serviceJwks })).serviceJwks, known)
  })

  it('refuse what is short or no key, and say nothing of it', async () => {
    const bad = [
      { serviceKeys: ['too-short'] },
      { serviceKeys: [] },
      { serviceKeys: [`${keys[0]} ${keys[1]}`] },
      { legacyJwtSecret: 'too-short' },
      { serviceJwks: { keys: [] } },
      { serviceJwks: [{ kty: 'oct', k: 'c2VjcmV0' }] },
      { serviceJwks: [{ ...open, alg: 'RS256' }] },
      { serviceJwks: '{' },
    ]
    for (const gotrue of bad) {
      const [problem = '', ...others] = await problems(yamlOf(gotrue))
      assert.match(problem, /gotrue\.(serviceKeys|legacyJwtSecret|serviceJwks) must be /)
      assert.deepEqual(others, [])
      assert.doesNotMatch(problem, /too-short|back-end|c2VjcmV0/)
    }
  })

  it('refuse secrets of documents in production, where anybody could make a key', async () => {
    const samples = [
      'super-secret-jwt-token-with-at-least-32-characters-long',
      'your-super-secret-jwt-token-with-at-least-32-characters-long',
      'CHANGE-THIS! VERY IMPORTANT! 7f3Kq0Zx',
      'reallyreallyreallyreallyverysafe',
      'aB3'.repeat(12),
    ]
    for (const legacyJwtSecret of samples) {
      const [problem = '', ...others] = await problems(yamlOf({ legacyJwtSecret }), production)
      const place = 'realms.main.dialects.gotrue.legacyJwtSecret'
      assert.equal(problem, `${place} must be in no document: with one that is, anybody has a service key`)
      assert.deepEqual(others, [])
      assert.equal((await settingsOf({ legacyJwtSecret })).legacyJwtSecret, legacyJwtSecret)
    }
    const own = randomBytes(48).toString('base64')
    assert.deepEqual((await read(yamlOf({ legacyJwtSecret: own }), production)).mode, 'production')
  })

  it('refuse keys of documents in production, however a sample secret has signed them', async () => {
    const service = { iss: 'supabase-demo', role: 'service_role', exp: 1_983_812_996 }
    const sample = 'super-secret-jwt-token-with-at-least-32-characters-long'
    const published = [
      { serviceKeys: [signHs256(service, sample)] },
      { serviceKeys: [keys[0], signHs256({ ...service, exp: undefined }, sample, { kid: 'another' })] },
      { serviceKeys: [signEs256(service)] },
      { serviceKeys: [['sb', 'secret', 'N7UND0UgjKTVK-Uodkm0Hg', 'xSvEMPvz'].join('_')] },
      { serviceJwks: [open, { ...cliKey, alg: 'ES256' }] },
    ]
    for (const gotrue of published) {
      const [problem = '', ...others] = await problems(yamlOf(gotrue), production)
      const place = `realms.main.dialects.gotrue.${Object.keys(gotrue)[0]}`
      assert.equal(problem, `${place} must be in no document: with one that is, anybody has a service key`)
      assert.deepEqual(others, [])
      assert.equal((await read(yamlOf(gotrue))).mode, 'development')
    }
    const own = [{ serviceKeys: [...keys, signHs256(service)] }, { serviceJwks: [open] }]
    for (const gotrue of own) assert.equal((await read(yamlOf(gotrue), production)).mode, 'production')
  })

  it('are told as set or not, and no more', async () => {
    const config = await read(yamlOf({ serviceKeys: keys, serviceJwks: { keys: [whole] } }))
    const told = describeSettings(config).filter(({ name }) => /service(Keys|Jwks)/.test(name))
    assert.deepEqual(
      told.map(({ name, isSecret, isSet, value }) => ({ name, isSecret, isSet, value })),
      ['serviceKeys', 'serviceJwks'].map((name) => ({
        name: `realms.main.dialects.gotrue.${name}`,
        isSecret: true,
        isSet: true,
        value: undefined,
      })),
    )
  })
})
