import assert from 'node:assert/strict'
import { createHash, createHmac } from 'node:crypto'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { writeBase64 } from '../../src/hashes/base64.ts'
import { canonicalHash } from '../../src/hashes/canonical.ts'
import { UnusableHash } from '../../src/hashes/foreign-hash.ts'
import { readHash } from '../../src/hashes/read-hash.ts'
import { createSecrets, givenOf, usable, vectors } from './vectors.ts'

const noSecret = () => assert.fail('there is no secret in it')
const secrets = createSecrets()

/** One right hash of each kind. */
const examples = [...Map.groupBy(usable, ({ kind }) => kind).values()].map(
  (ofKind) => ofKind[0] as (typeof usable)[0],
)

/** Salts and digests: what is long, and is no word of a format. */
function secretPartsOf(text: string): string[] {
  const long = text.match(/[A-Za-z0-9+/._]{10,}/g) ?? []
  return long.filter(
    (part) => !/^(?:\d+$|Spring|pbkdf2|hash|secret|credential|additional|parallelism)/.test(part),
  )
}

/** A text, and one of the hashes that were cut, doubled, or changed at one place. */
const strange = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc
    .tuple(
      fc.constantFrom(...vectors.map(({ hash }) => hash)),
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.constantFrom(
        '',
        '$',
        '$$',
        ',',
        '=',
        '{',
        '0',
        '-1',
        '1e9',
        '99999999999999999999',
        'NaN',
        '\0',
        'é',
        '\n',
      ),
    )
    .map(([hash, one, other, added]) => {
      const [from, to] = [one, other].map((part) => Math.floor(part * hash.length)) as [number, number]
      return hash.slice(0, from) + added + hash.slice(to)
    }),
)

const part = fc.uint8Array({ minLength: 1, maxLength: 300 }).map((bytes) => writeBase64(Buffer.from(bytes)))

/** Cheap ones that nobody has made: salts and digests of all lengths. */
const cheap = fc
  .tuple(
    fc.constantFrom(
      '$argon2id$v=19$m=8,t=1,p=1$',
      '$argon2i$m=64,t=2,p=3$',
      '$scrypt$ln=1,r=1,p=1$',
      '$scrypt$ln=4,r=3,p=2,nfkc=1$',
      ...[16, 64].map((length) => `$pbkdf2-sha256$i=1,l=${length}$`),
    ),
    part,
    fc.oneof(part, fc.constantFrom(...[16, 64].map((length) => writeBase64(Buffer.alloc(length, 7))))),
  )
  .map(([kind, salt, digest]) => `${kind}${salt}$${digest}`)

/** What is thrown; anything else than `UnusableHash` fails the test. */
function reasonOf(read: () => unknown): string | undefined {
  try {
    read()
    return undefined
  } catch (error) {
    assert.ok(error instanceof UnusableHash, String(error))
    assert.equal(error.message, `the hash cannot be used: ${error.reason}`)
    return error.reason
  }
}

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

  it('is that of the digests and HMACs of Kratos', async () => {
    const [password, salt, key] = ['swordfish', Buffer.from('salt'), Buffer.from('key')]
    const sha1 = createHash('sha1').update('salt:swordfish').digest('base64')
    const format = Buffer.from('{SALT}:{PASSWORD}').toString('base64')
    const hmac = Buffer.from(createHmac('sha256', key).update(password).digest('hex')).toString('base64')
    const texts = {
      sha1: `$sha1$pf=${format}$${salt.toString('base64')}$${sha1}`,
      md5: `$md5$${createHash('md5').update(password).digest('base64')}`,
      'hmac-sha256': `$hmac-sha256$${hmac}$${key.toString('base64')}`,
    }
    for (const [label, text] of Object.entries(texts)) {
      const foreign = readHash(canonicalHash(text, secrets.keep))
      const secret = secrets.get(foreign.secretId)
      assert.equal(foreign.label, label)
      assert.equal(await foreign.matches(password, secret), true)
      assert.equal(await foreign.matches('Swordfish', secret), false)
    }
    const [md5Crypt] = usable.filter(({ kind }) => kind === 'md5-crypt')
    assert.equal(canonicalHash(`$md5-crypt$${md5Crypt?.hash.slice('$1$'.length)}`, noSecret), md5Crypt?.hash)
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
      assert.ok(
        reasonOf(() => canonicalHash({ ...givenOf(vector), hash }, secrets.keep)),
        vector.hash,
      )
    }
  })

  it('holds for nothing when a character was added to the hash', async () => {
    for (const vector of examples.filter(({ kind }) => kind !== 'keycloak')) {
      const hash = `${vector.hash.replace(/=+$/, '')}A`
      const read = () => readHash(canonicalHash({ ...givenOf(vector), hash }, secrets.keep))
      if (reasonOf(read) === undefined) {
        const foreign = read()
        assert.equal(
          await foreign.matches(vector.password, secrets.get(foreign.secretId)),
          false,
          vector.hash,
        )
      }
    }
  })

  it('is read, or refused with a reason that holds nothing of the hash, whatever is given', () => {
    fc.assert(
      fc.property(strange, fc.constantFrom(undefined, ...vectors), (text, vector) => {
        const reasons = [
          reasonOf(() => readHash(text)),
          reasonOf(() => canonicalHash(vector ? { ...givenOf(vector), hash: text } : text, secrets.keep)),
        ]
        for (const reason of reasons.filter((reason) => reason !== undefined)) {
          assert.ok(reason.length < 80)
          for (const part of secretPartsOf(text)) assert.ok(!reason.includes(part), `${reason} of ${text}`)
        }
      }),
      { numRuns: 2000 },
    )
  })

  it('can be checked when it can be read, however long its parts are', async () => {
    let checked = 0
    await fc.assert(
      fc.asyncProperty(cheap, fc.string({ unit: 'binary' }), async (text, password) => {
        if (reasonOf(() => readHash(text)) !== undefined) return
        assert.equal(await readHash(text).matches(password), false)
        checked++
      }),
      { numRuns: 500 },
    )
    assert.ok(checked > 100, `${checked} were checked`)
  })

  it('is read, or refused, whatever the parameters are', () => {
    const value = fc.oneof(
      fc.string(),
      fc.double(),
      fc.integer(),
      fc.constant(null),
      fc.array(fc.string()),
      fc.object(),
    )
    const names = [
      'kind',
      'hash',
      ...new Set(vectors.flatMap(({ params = {} }) => Object.keys(params))),
      'rounds',
    ]
    fc.assert(
      fc.property(
        fc.constantFrom(...vectors),
        fc.dictionary(fc.constantFrom(...names), value, { maxKeys: 3 }),
        (vector, changed) => {
          reasonOf(() => canonicalHash({ ...givenOf(vector), ...changed } as never, secrets.keep))
        },
      ),
      { numRuns: 1000 },
    )
  })
})

/** What a text begins with, up to where its kind is told. */
function prefixOf(text: string): string {
  return /^(?:\$md\$[^$]*\$|U?\$[^$]*\$|[^$]*\$)/.exec(text)?.[0] ?? text
}
