import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { hash } from '@node-rs/argon2'
import fc from 'fast-check'
import { canonicalHash } from '../../src/hashes/canonical.ts'
import { UnusableHash } from '../../src/hashes/foreign-hash.ts'
import { readHash } from '../../src/hashes/read-hash.ts'
import { wrap } from '../../src/hashes/wrap.ts'
import { createSecrets, givenOf, usable, type Vector } from './vectors.ts'

const secrets = createSecrets()

/** As passwords are hashed, but cheap. */
const cheapHash = (text: string) => hash(text, { memoryCost: 64, timeCost: 1, parallelism: 1 })

const foreignOf = (vector: Vector) => readHash(canonicalHash(givenOf(vector), secrets.keep))

const fast = usable.filter((vector) => foreignOf(vector).isFast)

/** A right one and a wrong one of each label, where the digest is at hand. */
const slow = [
  ...new Map(
    usable
      .filter(
        (vector) => !foreignOf(vector).isFast && foreignOf(vector).legacy && foreignOf(vector).costMs < 100,
      )
      .map((vector) => [`${vector.kind} ${vector.ok}`, vector]),
  ).values(),
]

describe('A wrapped hash', () => {
  for (const [what, ofThese] of [
    ['is fast', fast],
    ['is slow, too', slow],
  ] as const)
    it(`holds for the same passwords as the one that ${what}`, async () => {
      for (const vector of ofThese) {
        const foreign = foreignOf(vector)
        const wrapped = readHash(await wrap(foreign, cheapHash))
        const secret = secrets.get(foreign.secretId)
        assert.equal(await wrapped.matches(vector.password, secret), vector.ok, vector.hash)
        assert.equal(await wrapped.matches('', secret), false)
        if (foreign.secretId !== undefined) assert.equal(await wrapped.matches(vector.password), false)
        assert.equal(wrapped.label, `wrapped ${foreign.label}`)
        assert.equal(wrapped.runsOn, foreign.runsOn)
        assert.equal(wrapped.isFast, false)
        assert.equal(wrapped.legacy, undefined)
      }
    })

  it('is what becomes of digests, HMACs, md5-crypt, phpass, and PBKDF2 of few iterations', () => {
    assert.deepEqual([...new Set(fast.map(({ kind }) => kind))].sort(), [
      'apr1',
      'aspnet-identity',
      'aspnet-membership',
      'digest',
      'hmac',
      'ldap',
      'md5-crypt',
      'phpass',
      'scram-sha-256',
      'spring',
    ])
  })

  it('holds nothing of the digest', async () => {
    for (const vector of fast) {
      const { legacy, ...foreign } = foreignOf(vector)
      assert.ok(legacy)
      const text = await wrap({ ...foreign, legacy }, cheapHash)
      for (const encoding of ['utf8', 'base64', 'base64url', 'hex'] as const)
        assert.ok(!text.includes(legacy.digest.toString(encoding).replace(/=+$/, '')), vector.hash)
    }
  })

  it('is not made of bcrypt and argon2, whose digests only libraries see', async () => {
    for (const vector of usable.filter((vector) => !foreignOf(vector).legacy)) {
      assert.match(foreignOf(vector).label, /^(?:bcrypt|argon2)/)
      await assert.rejects(wrap(foreignOf(vector), cheapHash), UnusableHash)
    }
  })

  it('is read, or refused, whatever became of it', async () => {
    const texts = await Promise.all(fast.slice(0, 40).map((vector) => wrap(foreignOf(vector), cheapHash)))
    fc.assert(
      fc.property(
        fc.constantFrom(...texts),
        fc.nat(250),
        fc.nat(250),
        fc.string(),
        (text, from, to, added) => {
          try {
            readHash(text.slice(0, from) + added + text.slice(to))
          } catch (error) {
            assert.ok(error instanceof UnusableHash, String(error))
          }
        },
      ),
      { numRuns: 1000 },
    )
  })
})
