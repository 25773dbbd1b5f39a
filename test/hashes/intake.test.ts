import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { hash } from '@node-rs/argon2'
import { createIntake, type IntakeOptions } from '../../src/hashes/intake.ts'
import { readHash } from '../../src/hashes/read-hash.ts'
import { createSecrets, givenOf, unusable, usable, type Vector } from './vectors.ts'

const cost = { memoryCost: 64, timeCost: 1, parallelism: 1 }
const own = await hash('swordfish', cost)

const intakeWith = (options: Partial<IntakeOptions> = {}) =>
  createIntake({
    wrap: 'fast',
    hash: (text) => hash(text, cost),
    isOwn: (stored) => stored.startsWith('$argon2id$v=19$m=64,t=1,p=1$'),
    keepSecret: async () => 'its-id',
    ...options,
  })

const vectorOf = (kind: string): Vector =>
  usable.find((vector) => vector.kind === kind && vector.ok) as Vector

describe('The intake of hashes', () => {
  it('takes those that are as good as ours as they are', async () => {
    const taken = await intakeWith({ wrap: 'all' }).take(own)
    assert.deepEqual(taken, { stored: own, label: undefined, costMs: readHash(own).costMs, isWrapped: false })
  })

  it('takes others with their kind and their cost', async () => {
    const { hash } = vectorOf('bcrypt')
    const expected = { stored: hash, label: 'bcrypt 10', costMs: 53, isWrapped: false }
    assert.deepEqual(await intakeWith({ wrap: 'all' }).take(hash), expected)
  })

  const wrapped = { md5: ['digest', 'fast', 'all'], 'sha512-crypt 5000': ['sha512-crypt', 'all'] }
  for (const [label, [kind = '', ...modes]] of Object.entries(wrapped))
    for (const mode of ['fast', 'all', 'none'] as const)
      it(`${modes.includes(mode) ? 'wraps' : 'does not wrap'} ${kind} when it wraps ${mode}`, async () => {
        const vector = vectorOf(kind)
        const taken = await intakeWith({ wrap: mode }).take(givenOf(vector))
        assert.ok('stored' in taken)
        assert.equal(taken.isWrapped, modes.includes(mode))
        assert.equal(taken.label, taken.isWrapped ? `wrapped ${label}` : label)
        assert.equal(taken.costMs, readHash(taken.stored).costMs)
        assert.equal(await readHash(taken.stored).matches(vector.password), true)
      })

  it('keeps the secret of a hash elsewhere', async () => {
    const secrets = createSecrets()
    const taken = await intakeWith({ keepSecret: async (secret) => secrets.keep(secret) }).take(
      givenOf(vectorOf('firebase-scrypt')),
    )
    assert.ok('stored' in taken)
    assert.equal(secrets.all.length, 1)
    assert.equal(readHash(taken.stored).secretId, '0')
  })

  it('takes one that another server of ours has kept, with its secret under an id of its own', async () => {
    const vector = vectorOf('firebase-scrypt')
    const secrets = createSecrets()
    const exporting = intakeWith({ keepSecret: async (secret) => secrets.keep(secret) })
    const kept = await exporting.take(givenOf(vector))
    assert.ok('stored' in kept)
    const secret = secrets.all[0]?.toString('base64')
    const taken = await intakeWith().take({ kind: 'manydoors', hash: kept.stored, secret })
    assert.ok('stored' in taken)
    const foreign = readHash(taken.stored)
    assert.equal(foreign.secretId, 'its-id')
    assert.equal(await foreign.matches(vector.password, secrets.all[0]), true)
    const without = await intakeWith().take({ kind: 'manydoors', hash: kept.stored })
    assert.deepEqual(without, { refused: 'of manydoors without its secret' })
  })

  it('says why it refuses one, and throws for none', async () => {
    const intake = intakeWith({ keepSecret: () => assert.fail('nothing is kept for what is refused') })
    for (const vector of unusable) {
      const taken = await intake.take(givenOf(vector))
      assert.ok('refused' in taken && taken.refused.length > 0, vector.hash)
    }
    const [dear] = unusable.filter(({ hash }) => hash.startsWith('$2b$31$'))
    assert.ok(dear)
    assert.deepEqual(await intake.take(dear.hash), { refused: 'bcrypt of cost 31' })
  })
})
