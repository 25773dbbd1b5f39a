import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { parse } from 'yaml'
import { z } from 'zod'
import { ConfigError } from '../../src/config/config.ts'
import { settingsSchema } from '../../src/config/json-schema.ts'
import { readConfig } from '../../src/config/read-config.ts'
import { FileSchema } from '../../src/config/schema.ts'
import { limits } from '../../src/core/limits/limits.ts'
import { sampleKey } from '../harness/master-keys.ts'
import { useFolder } from './settings-file.ts'

const root = join(import.meta.dirname, '..', '..')
const read = (file: string) => readFile(join(root, file), 'utf8')

describe('the published JSON Schema', () => {
  it('is that of this release: else run `npm run schema`', async () => {
    assert.deepEqual(JSON.parse(await read('manydoors.schema.json')), settingsSchema())
  })
})

describe('the annotated example', () => {
  const folder = useFolder()
  const { privateKey: applePrivateKey } = generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  })
  const secrets: Record<string, string> = {
    manydoors: sampleKey(7).toString('base64'),
    'manydoors-next': sampleKey(8).toString('base64'),
    'manydoors-previous': sampleKey(9).toString('base64'),
    'database-url': 'postgres://me@db.example/auth',
    'smtp-url': 'smtp://mail.example',
    'sms-url': 'https://gateway.example',
    'sms-authorization': 'Bearer x',
    'studio-key': 'key',
    google: 'secret',
    microsoft: 'secret',
    partner: 'secret',
    'apple.p8': applePrivateKey,
    hooks: `whsec_${Buffer.alloc(32, 7).toString('base64')}`,
    'gotrue-service-keys': 'kO3v9xT1bQ7mZ4sW8nE2rY6uI0pL5jHc\nq7Rz2mXn5Vt8Lk1Jh4Gf6Ds9Ap3Oi0Uy\n',
    'gotrue-jwt-secret': 'kO3v9xT1bQ7mZ4sW8nE2rY6uI0pL5jHc',
    'gotrue-jwks': '[{ "kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" }]',
    'old-token-secret': 'kO3v9xT1bQ7mZ4sW8nE2rY6uI0pL5jHc',
  }
  const variables = {
    DATABASE_PASSWORD: 'x',
    MASTER_KEY: secrets.manydoors ?? '',
    MASTER_KEY_NEXT: secrets['manydoors-next'] ?? '',
    MASTER_KEY_PREVIOUS: secrets['manydoors-previous'] ?? '',
    SMTP_PASSWORD: 'x',
    SMS_KEY: 'x',
    STUDIO_KEY: 'x',
    GOOGLE_SECRET: 'x',
    APPLE_KEY: applePrivateKey,
    HOOK_SECRET: secrets.hooks ?? '',
    GOTRUE_SERVICE_KEY: secrets['gotrue-jwt-secret'] ?? '',
    GOTRUE_JWT_SECRET: secrets['gotrue-jwt-secret'] ?? '',
    OLD_TOKEN_SECRET: secrets['old-token-secret'] ?? '',
  }
  /** The example, with the files that it names. */
  const exampleText = async () => {
    for (const [name, text] of Object.entries(secrets)) await folder.write(text, name)
    return (await read('manydoors.example.yaml')).replaceAll('/run/secrets', folder.path)
  }

  it('can be used in production as it is', async () => {
    const MANYDOORS_CONFIG = await folder.write(await exampleText())
    const config = readConfig({ NODE_ENV: 'production', MANYDOORS_CONFIG })
    assert.deepEqual(
      config.realms.map(({ name }) => name),
      ['main', 'partners'],
    )
    const defaults = Object.values(limits).map(({ name, points, seconds }) => [name, { points, seconds }])
    assert.deepEqual(config.limits, Object.fromEntries(defaults))
  })

  it('shows every setting, and nothing that is none, where it is commented out too', async () => {
    const text = (await exampleText()).replaceAll(/^( *)#(?=\w)/gm, '$1')
    const MANYDOORS_CONFIG = await folder.write(text)
    assert.throws(
      () => readConfig({ ...variables, MANYDOORS_CONFIG }),
      (error: unknown) => {
        assert.ok(error instanceof ConfigError)
        const expected = / are both set |^templates must be a folder |^dialects.acme.module cannot be loaded /
        assert.deepEqual(
          error.problems.filter((problem) => !expected.test(problem)),
          [],
        )
        return true
      },
    )
    const shown = new Set(pathsOf(parse(text)).map(ofAnyDoor))
    const missing = pathsOfSchema(z.toJSONSchema(FileSchema, { io: 'input' })).filter(
      (path) => !shown.has(ofAnyDoor(path)),
    )
    assert.deepEqual(missing, [])
  })
})

describe('the documentation', () => {
  const folder = useFolder()

  it('shows settings that can be used', async () => {
    const secrets = {
      manydoors: sampleKey(7).toString('base64'),
      'database-url': 'postgres://me@db.example/auth',
      'smtp-url': 'smtp://mail.example',
    }
    for (const [name, text] of Object.entries(secrets)) await folder.write(text, name)
    const pages = `${await read('docs/configuration.md')}\n${await read('docs/openid.md')}`
    const blocks = [...pages.matchAll(/^```yaml\n(.*?)^```$/gms)].map(([, yaml = '']) => yaml)
    assert.ok(blocks.length > 3)
    for (const block of blocks) {
      const MANYDOORS_CONFIG = await folder.write(block.replaceAll('/run/secrets', folder.path))
      assert.ok(readConfig({ MANYDOORS_CONFIG }).realms.length > 0)
    }
  })
})

/** A client has the same settings at every door, but for what is below `settings`. */
const ofAnyDoor = (path: string) =>
  path.replace(/\.dialects\.\w+\.(clients|switching)\b/, '.$1').replace('.switching.generic.', '.switching.')

/** Every key on the way to every value; the names of realms and of own dialects by a star. */
function pathsOf(value: unknown, within = ''): string[] {
  if (Array.isArray(value)) return value.flatMap((item) => pathsOf(item, `${within}[]`))
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, inner]) => {
    const path = /^\.(realms|dialects)$/.test(within) ? `${within}.*` : `${within}.${key}`
    return [path, ...pathsOf(inner, path)]
  })
}

interface Schema {
  properties?: Record<string, Schema>
  additionalProperties?: Schema | boolean
  items?: Schema
  anyOf?: Schema[]
}

function pathsOfSchema(schema: unknown, within = ''): string[] {
  const { properties = {}, additionalProperties, items, anyOf = [] } = schema as Schema
  return [
    ...Object.entries(properties).flatMap(([key, inner]) => [
      `${within}.${key}`,
      ...pathsOfSchema(inner, `${within}.${key}`),
    ]),
    ...(typeof additionalProperties === 'object' ? pathsOfSchema(additionalProperties, `${within}.*`) : []),
    ...(items ? pathsOfSchema(items, `${within}[]`) : []),
    ...anyOf.flatMap((inner) => pathsOfSchema(inner, within)),
  ]
}
