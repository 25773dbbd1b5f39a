import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { canonicalHash } from '../../src/hashes/canonical.ts'
import { createHashChecker } from '../../src/hashes/check-hash.ts'
import { UnusableHash } from '../../src/hashes/foreign-hash.ts'
import { readHash } from '../../src/hashes/read-hash.ts'
import { ThreadEnded } from '../../src/lib/thread.ts'
import { createSecrets, givenOf, usable } from './vectors.ts'

const secrets = createSecrets()

/** A right hash of each kind that blocks the thread in which it is computed. */
const blocking = usable.filter(
  (vector) => vector.ok && readHash(canonicalHash(givenOf(vector), secrets.keep)).runsOn === 'caller',
)
const [drupal] = blocking.filter(({ kind }) => kind === 'drupal7')
const [hmac] = usable.filter(({ kind }) => kind === 'hmac')
assert.ok(drupal && hmac)

describe('A checker of hashes', () => {
  const checker = createHashChecker()
  after(() => checker.close())

  it('leaves what blocks to a thread, so that whoever asks goes on meanwhile', async () => {
    const kinds = ['phpass', 'drupal7', 'md5-crypt', 'apr1', 'sha256-crypt', 'sha512-crypt', 'ldap', 'spring']
    assert.deepEqual([...new Set(blocking.map(({ kind }) => kind))], kinds)
    let hasGoneOn = false
    setImmediate(() => {
      hasGoneOn = true
    })
    assert.equal(await checker.check(drupal.hash, drupal.password), true)
    assert.equal(hasGoneOn, true)
    // One after the other, so that each gets the answer to its own question.
    const asked = blocking.flatMap((vector) => {
      const stored = canonicalHash(givenOf(vector), secrets.keep)
      return [checker.check(stored, vector.password), checker.check(stored, `${vector.password}!`)]
    })
    assert.deepEqual(
      await Promise.all(asked),
      blocking.flatMap(() => [true, false]),
    )
  })

  it('hands the secret on that a hash was made with', async () => {
    const stored = canonicalHash(givenOf(hmac), secrets.keep)
    const secret = secrets.get(readHash(stored).secretId)
    assert.equal(await checker.check(stored, hmac.password, secret), true)
    assert.equal(await checker.check(stored, hmac.password), false)
  })

  it('refuses what is no hash', async () => {
    await assert.rejects(checker.check('$6$rounds=999999999$salt$', 'x'), UnusableHash)
  })

  it('that was closed refuses what it would need its thread for', async () => {
    const closed = createHashChecker()
    const waiting = [closed.check(drupal.hash, drupal.password), closed.check(drupal.hash, drupal.password)]
    const refused = Promise.all(waiting.map((check) => assert.rejects(check, ThreadEnded)))
    await closed.close()
    await refused
    await assert.rejects(closed.check(drupal.hash, drupal.password), ThreadEnded)
  })
})
