import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { importSPKI, jwtVerify } from 'jose'
import type { ConfigError } from '../../src/config/config.ts'
import { readConfig } from '../../src/config/read-config.ts'
import type { Identity } from '../../src/core/identities/provider.ts'
import type { IdentityProviderSettings } from '../../src/core/identities/settings.ts'
import { appleSecret } from '../../src/upstream/apple-secret.ts'
import { openIdentityProvider } from '../../src/upstream/identity-provider.ts'
import {
  clientId,
  clientSecret,
  type Stranger,
  startToldProvider,
  type ToldProvider,
} from './told-provider.ts'

const { privateKey, publicKey } = generateKeyPairSync('ec', {
  namedCurve: 'P-256',
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
})
const folder = mkdtempSync(join(tmpdir(), 'manydoors-secrets-'))
for (const name of ['google', 'microsoft', 'partner'])
  writeFileSync(join(folder, name), `secret of ${name}\n`)
writeFileSync(join(folder, 'apple.p8'), privateKey)

/** The providers of a settings file. */
function providersOf(yaml: string): IdentityProviderSettings[] {
  const file = join(folder, 'settings.yaml')
  writeFileSync(file, yaml)
  return readConfig({ MANYDOORS_CONFIG: file }).realms[0]?.signInWith ?? []
}

const document = readFileSync(join(import.meta.dirname, '../../docs/sign-in-with.md'), 'utf8')
const [, snippet = ''] = /```yaml\n(.*?)```/s.exec(document) ?? []
const documented = () => providersOf(snippet.replaceAll('/run/secrets', folder))

describe('the settings of other providers', () => {
  it('are those of the document, with what each preset knows', () => {
    const [google, microsoft, apple, partner] = documented()
    assert.deepEqual(google, {
      id: 'google',
      name: 'Google',
      issuer: 'https://accounts.google.com',
      clientId: '1234567890-example.apps.googleusercontent.com',
      credentials: { kind: 'secret', secret: 'secret of google' },
      scopes: ['openid', 'email', 'profile'],
      parameters: { prompt: 'select_account' },
      emailProof: 'email_verified',
      allowPrivate: false,
    })
    assert.equal(
      microsoft?.issuer,
      'https://login.microsoftonline.com/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0',
    )
    assert.equal(microsoft?.emailProof, 'xms_edov')
    assert.deepEqual(apple?.parameters, { response_mode: 'form_post' })
    assert.equal(apple?.credentials.kind, 'apple')
    assert.equal(partner?.id, 'partner')
    assert.equal(partner?.emailProof, 'email_verified')
  })

  const oidc = 'preset: oidc, issuer: "https://op.example", clientId: a'
  const refused: Record<string, [settings: string, problem: RegExp]> = {
    'a common tenant': [
      '{ preset: microsoft, tenant: common, clientId: a, clientSecret: b }',
      /tenant must be the id of a directory/,
    ],
    'a preset without what it needs': [
      '{ preset: google, clientId: a }',
      /clientSecret is missing for google/,
    ],
    'a setting of another preset': [
      '{ preset: google, clientId: a, clientSecret: b, issuer: "https://evil.example" }',
      /issuer has no meaning for google/,
    ],
    'an id that is the name of another preset': [
      `{ ${oidc}, id: google }`,
      /id is the name of another preset/,
    ],
    'two of one id': [`{ ${oidc} }, { ${oidc} }`, /must have different ids/],
    'a provider without TLS': [
      '{ preset: oidc, issuer: "http://op.example", clientId: a }',
      /issuer must begin with https/,
    ],
    'a provider at a private address': [
      '{ preset: oidc, issuer: "https://10.0.0.1", clientId: a }',
      /issuer is an address to which no request may go/,
    ],
    'scopes without openid': [`{ ${oidc}, scopes: [email] }`, /scopes must have openid in it/],
    'a key that is none': [
      '{ preset: apple, clientId: a, teamId: b, keyId: c, privateKey: none }',
      /privateKey must be the private key of Apple/,
    ],
  }
  for (const [what, [settings, problem]] of Object.entries(refused)) {
    it(`refuse ${what}`, () => {
      assert.throws(
        () => providersOf(`realms: { main: { signInWith: [${settings}] } }`),
        (error: ConfigError) => error.problems.some((text) => problem.test(text)),
      )
    })
  }

  it('sign a secret for Apple that is good for minutes, with the key of the team', async () => {
    const credentials = { kind: 'apple', teamId: 'TEAM', keyId: 'KEY', privateKey } as const
    const now = Date.now()
    const jwt = appleSecret(credentials, {
      clientId: 'com.example',
      audience: 'https://appleid.apple.com',
      now,
    })
    const key = await importSPKI(publicKey, 'ES256')
    const { payload, protectedHeader } = await jwtVerify(jwt, key, { audience: 'https://appleid.apple.com' })
    assert.deepEqual(protectedHeader, { alg: 'ES256', kid: 'KEY' })
    assert.deepEqual([payload.iss, payload.sub], ['TEAM', 'com.example'])
    assert.equal((payload.exp ?? 0) - (payload.iat ?? 0), 300)
  })
})

describe('a provider', () => {
  let told: ToldProvider
  before(async () => {
    told = await startToldProvider()
  })
  after(() => told?.close())

  const secrets = {
    state: 'state',
    nonce: 'nonce',
    redirectUri: 'https://auth.example.com/ui/with/x/callback',
  }
  /** Whom a provider with these settings identifies when that person signs in. */
  async function identify(settings: IdentityProviderSettings, person: Stranger): Promise<Identity> {
    const credentials = { kind: 'secret', secret: clientSecret } as const
    const log = { info: () => {}, warn: () => {}, error: () => {} }
    const means = { log, now: Date.now, ticks: () => performance.now() }
    const provider = openIdentityProvider({ ...settings, issuer: told.issuer, clientId, credentials }, means)
    const attempt = { ...secrets, codeVerifier: 'v'.repeat(43) }
    try {
      const address = await provider.begin(attempt)
      for (const [name, value] of Object.entries(settings.parameters))
        assert.equal(new URL(address).searchParams.get(name), value)
      return await provider.finish(attempt, told.signIn(address, person).split('?')[1] ?? '')
    } finally {
      provider.close()
    }
  }

  const proofs: Record<string, [claim: string, good: unknown[]]> = {
    google: ['email_verified', [true]],
    microsoft: ['xms_edov', [true, 'true', 1, '1']],
    apple: ['email_verified', [true, 'true']],
    partner: ['email_verified', [true]],
  }
  for (const [preset, [claim, good]] of Object.entries(proofs)) {
    it(`of ${preset} takes ${claim} for a proof of an address, and nothing else`, async () => {
      const settings = documented().find(({ id }) => id === preset)
      assert.ok(settings)
      const email = 'Ada@Example.com'
      for (const proof of good) {
        const identity = await identify(settings, { sub: 'a', email, [claim]: proof })
        assert.deepEqual([identity.email, identity.isEmailProven], ['ada@example.com', true])
      }
      const other = claim === 'xms_edov' ? 'email_verified' : 'xms_edov'
      for (const claims of [{}, { [claim]: false }, { [claim]: 'no' }, { [claim]: 2 }, { [other]: true }])
        assert.equal((await identify(settings, { sub: 'a', email, ...claims })).isEmailProven, false)
      const distrusted = await identify(
        { ...settings, emailProof: undefined },
        { sub: 'a', email, [claim]: true },
      )
      assert.equal(distrusted.isEmailProven, false)
    })
  }

  it('says no address that is none, and no name that holds control characters', async () => {
    const [google] = documented()
    assert.ok(google)
    const strange = { sub: 'a', email: 'nobody', email_verified: true, name: 'a\u0007b' }
    const identity = await identify(google, strange)
    assert.deepEqual([identity.email, identity.name], [undefined, undefined])
  })
})
