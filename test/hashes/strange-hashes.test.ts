import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { writeBase64 } from '../../src/hashes/base64.ts'
import { canonicalHash } from '../../src/hashes/canonical.ts'
import { UnusableHash } from '../../src/hashes/foreign-hash.ts'
import { readHash } from '../../src/hashes/read-hash.ts'
import { anyCharacter } from '../harness/any-character.ts'
import { createSecrets, givenOf, usable, vectors } from './vectors.ts'

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
  fc.string({ unit: anyCharacter, maxLength: 200 }),
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

describe('A hash that nobody has made', () => {
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
      { numRuns: 800 },
    )
  })

  it('can be checked when it can be read, however long its parts are', async () => {
    let checked = 0
    await fc.assert(
      fc.asyncProperty(cheap, fc.string({ unit: anyCharacter }), async (text, password) => {
        if (reasonOf(() => readHash(text)) !== undefined) return
        assert.equal(await readHash(text).matches(password), false)
        checked++
      }),
      { numRuns: 200 },
    )
    assert.ok(checked > 20, `${checked} were checked`)
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
      { numRuns: 500 },
    )
  })
})
