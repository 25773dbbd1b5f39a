import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { canonicalHash } from '../../src/hashes/canonical.ts'
import { UnusableHash } from '../../src/hashes/foreign-hash.ts'
import { readHash } from '../../src/hashes/read-hash.ts'
import { createSecrets, givenOf, usable } from './vectors.ts'

const noSecret = () => assert.fail('there is no secret in it')
const secrets = createSecrets()

/** One right hash of each kind. */
const examples = [...Map.groupBy(usable, ({ kind }) => kind).values()].map(
  (ofKind) => ofKind[0] as (typeof usable)[0],
)

describe('The text that is kept of a hash', () => {
  it('is kept as it is when it is brought once more', () => {
    for (const vector of usable) {
      const canonical = canonicalHash(givenOf(vector), secrets.keep)
      assert.equal(canonicalHash(canonical, noSecret), canonical)
    }
  })

  it('holds no secret that the hash was made with, but its id', () => {
    const secrets = createSecrets()
    const texts = usable.map((vector) => canonicalHash(givenOf(vector), secrets.keep))
    assert.equal(secrets.all.length, 5, 'a pepper, a signer key, three keys')
    for (const secret of secrets.all)
      for (const encoding of ['utf8', 'base64', 'base64url', 'hex'] as const)
        for (const text of texts) assert.ok(!text.includes(secret.toString(encoding).replace(/=+$/, '')))
  })

  it('is that of the system where others can read it, and says its kind where they cannot', () => {
    const prefixes = new Set(
      usable.map((vector) => canonicalHash(givenOf(vector), secrets.keep)).map(prefixOf),
    )
    assert.deepEqual([...prefixes].sort(), [
      '$1$',
      '$2a$',
      '$2b$',
      '$2y$',
      '$5$',
      '$6$',
      '$H$',
      '$P$',
      '$S$',
      '$apr1$',
      '$argon2d$',
      '$argon2i$',
      '$argon2id$',
      '$md$bcrypt$',
      '$md$digest$',
      '$md$firebase-scrypt$',
      '$pbkdf2-sha1$',
      '$pbkdf2-sha256$',
      '$pbkdf2-sha512$',
      '$scrypt$',
      'SCRAM-SHA-256$',
      'U$S$',
    ])
  })

  it('tells the scrypt of Kratos from the one that PHC strings have', () => {
    const kratos =
      '$scrypt$ln=16384,r=8,p=1$iAfyFAMrMLwHAY2Pi+0vBg==$2LNk/1/P95wr3LM5me+b+P7Nscz0WDwdiDxhY+rTNbk='
    const phc = '$scrypt$ln=14,r=8,p=1$iAfyFAMrMLwHAY2Pi+0vBg$2LNk/1/P95wr3LM5me+b+P7Nscz0WDwdiDxhY+rTNbk'
    assert.equal(canonicalHash(kratos, noSecret), phc)
    assert.equal(canonicalHash({ kind: 'scrypt-kratos', hash: kratos }, noSecret), phc)
    assert.throws(() => canonicalHash({ kind: 'scrypt-phc', hash: kratos }, noSecret), UnusableHash)
    assert.throws(() => readHash(kratos), UnusableHash)
    const odd = phc.replace('ln=14', 'ln=15')
    assert.throws(() => canonicalHash({ kind: 'scrypt-kratos', hash: odd }, noSecret), {
      reason: 'scrypt of N=15',
    })
  })

  const refused: Record<string, string> = {
    '': 'empty',
    '!': 'a mark that there is no password',
    '$y$j9T$F5Jx5fExrKuPp53xLKQ..1$y8e1eitiNDaQsFFW6d.9KbSTlk5zV3R3coZQtfcNAO5': 'yescrypt',
    '$gy$j9T$F5Jx5fExrKuPp53xLKQ..1$y8e1eitiNDaQsFFW6d.9KbSTlk5zV3R3coZQtfcNAO5': 'gost-yescrypt',
    $sha1$480000$abcdefgh$iVXr1SOZi7gpnQ9kSXVvsdGKQ1Mc: 'sha1-crypt',
    '$md5,rounds=904$iPPKEBnEkp3JV8uX$$0m6n7Mb1LpL1uWbwCBJkR/': 'SunMD5',
    '{MD4}ZtLZZtLZZtLZZtLZZtLZZg==': 'md4',
    '{noop}swordfish-and-chips': 'plain text',
    '{CRYPT}abhfCpXqd4GrI': 'DES-crypt',
    '_J9..CCCCXBrJUJV154M': 'DES-crypt',
    $2x$08$abcdefghijklmnopqrstuukS31SNuNEoGSYTPCfyZV8d2iX4qVmTa: 'bcrypt $2x$',
    $2b$15$abcdefghijklmnopqrstuukS31SNuNEoGSYTPCfyZV8d2iX4qVmTa: 'bcrypt of cost 15',
    '$argon2id$v=19$m=8192,t=2,p=2,keyid=aGVsbG8$c2FsdHNhbHRzYWx0$aGFzaGhhc2hoYXNoaGFzaGhhc2hoYXNoaGFzaGhhc2g':
      'argon2id with a key or data of its own',
    '9cc2ae8a1ba7a93da39b46fc1019c481': 'a digest whose making is not told',
    'swordfish-and-chips': 'of an unknown kind',
  }
  for (const [text, reason] of Object.entries(refused))
    it(`is none for ${reason || 'nothing'} (${text.slice(0, 6)})`, () => {
      assert.throws(() => canonicalHash(text, noSecret), { name: 'UnusableHash', reason })
    })

  it('is none for a digest that would hold for every password', () => {
    const digest = {
      kind: 'digest',
      hash: '9cc2ae8a1ba7a93da39b46fc1019c481',
      algorithm: 'md5',
      salt: 'NaCl',
    }
    assert.throws(() => canonicalHash({ ...digest, format: '{salt}' }, noSecret), UnusableHash)
    assert.throws(() => canonicalHash({ ...digest, format: '' }, noSecret), UnusableHash)
  })

  it('is none for a pepper that bcrypt would not see, or that is no pepper', () => {
    const [vector] = usable.filter(({ params }) => params?.pepper)
    assert.ok(vector)
    for (const pepper of ['a\0b', 'p'.repeat(257)])
      assert.throws(() => canonicalHash({ ...givenOf(vector), pepper }, noSecret), UnusableHash)
    assert.throws(
      () => canonicalHash({ ...givenOf(vector), pepperPosition: 'prefix' }, noSecret),
      UnusableHash,
    )
  })

  it('is none for a hash that was cut off by a character', () => {
    for (const vector of examples.filter(({ kind }) => kind !== 'keycloak')) {
      // What stands at the end of base64 for padding says nothing.
      const hash = vector.hash.replace(/=+$/, '').slice(0, -1)
      assert.throws(
        () => canonicalHash({ ...givenOf(vector), hash }, secrets.keep),
        UnusableHash,
        vector.hash,
      )
    }
  })
})

/** What a text begins with, up to where its kind is told. */
function prefixOf(text: string): string {
  return /^(?:\$md\$[^$]*\$|U?\$[^$]*\$|[^$]*\$)/.exec(text)?.[0] ?? text
}
