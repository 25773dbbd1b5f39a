import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { canonicalHash } from '../../src/hashes/canonical.ts'
import { UnusableHash } from '../../src/hashes/foreign-hash.ts'
import { readHash } from '../../src/hashes/read-hash.ts'
import { createSecrets, givenOf, refusedKinds, unusable, usable, vectors } from './vectors.ts'

const secrets = createSecrets()

describe('A hash of another system', () => {
  for (const [kind, ofKind] of Map.groupBy(usable, ({ kind }) => kind))
    it(`of ${kind} holds for its password, and for no other one`, async () => {
      const checks = ofKind.map(async (vector) => {
        const foreign = readHash(canonicalHash(givenOf(vector), secrets.keep))
        const isRight = await foreign.matches(vector.password, secrets.get(foreign.secretId))
        // Some systems take no password for one; this one never does.
        assert.equal(isRight, vector.ok && vector.password !== '', `${vector.hash} ${vector.note ?? ''}`)
      })
      await Promise.all(checks)
    })

  it('holds for no empty password, whatever its kind', async () => {
    for (const vector of usable) {
      const foreign = readHash(canonicalHash(givenOf(vector), secrets.keep))
      assert.equal(await foreign.matches('', secrets.get(foreign.secretId)), false, vector.hash)
    }
  })

  it('that was made with a secret holds for nothing without it, or with another one', async () => {
    const withSecret = usable
      .filter(({ ok }) => ok)
      .map((vector) => ({ vector, foreign: readHash(canonicalHash(givenOf(vector), secrets.keep)) }))
      .filter(({ foreign }) => foreign.secretId !== undefined)
    assert.deepEqual(
      [...new Set(withSecret.map(({ vector }) => vector.kind))],
      ['bcrypt', 'firebase-scrypt', 'firebase-scrypt-string', 'hmac'],
    )
    for (const { vector, foreign } of withSecret) {
      assert.equal(await foreign.matches(vector.password), false, vector.hash)
      const other = Buffer.from(secrets.get(foreign.secretId) ?? '').fill(1)
      assert.equal(await foreign.matches(vector.password, other), false, vector.hash)
    }
  })

  it('that is damaged or would cost too much is refused, and never tried', () => {
    assert.equal(unusable.length, 14)
    for (const vector of unusable) {
      assert.throws(() => canonicalHash(givenOf(vector), secrets.keep), UnusableHash, vector.note)
      assert.throws(() => readHash(vector.hash), UnusableHash, vector.note)
    }
  })

  it('of a kind that nothing here can check is refused by its name', () => {
    const names = { yescrypt: 'yescrypt', 'des-crypt': 'DES-crypt' }
    const ofKind = vectors.filter(({ kind }) => refusedKinds.includes(kind))
    assert.equal(ofKind.length, 7)
    for (const { kind, hash } of ofKind) {
      const reason = names[kind as keyof typeof names]
      assert.throws(() => canonicalHash({ kind, hash }, secrets.keep), { reason })
      assert.throws(() => canonicalHash(hash, secrets.keep), { reason })
      assert.throws(() => readHash(hash), { reason })
    }
  })

  it('has a text that says by itself what it is, for nearly all kinds', () => {
    const alone = ['digest', 'hmac', 'aspnet-membership', 'firebase-scrypt']
    for (const vector of usable.filter(({ kind, params }) => !alone.includes(kind) && !params)) {
      const canonical = canonicalHash(vector.hash, secrets.keep)
      assert.equal(canonical, canonicalHash(givenOf(vector), secrets.keep), vector.hash)
    }
  })
})
