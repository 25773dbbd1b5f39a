import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { hash } from '@node-rs/argon2'
import { createIntake, type IntakeOptions } from '../../src/hashes/intake.ts'
import { givenOf, usable } from './vectors.ts'

const cost = { memoryCost: 64, timeCost: 1, parallelism: 1 }
const intakeThat = (wrap: IntakeOptions['wrap']) =>
  createIntake({
    wrap,
    hash: (text) => hash(text, cost),
    isOwn: () => false,
    keepSecret: async () => 'its-id',
  })

const right = usable.filter(({ ok }) => ok)

/** Two of each kind that were made of different passwords, where there are two. */
const pairs = [...Map.groupBy(right, ({ kind }) => kind).values()].flatMap(([one, ...more]) =>
  one ? [{ one, other: more.find(({ password }) => password !== one.password) }] : [],
)

describe('A hash that comes once more', () => {
  for (const mode of ['fast', 'all', 'none'] as const)
    it(`is the same of every kind, kept by an intake that wraps ${mode}, and no other is`, async () => {
      const intake = intakeThat(mode)
      for (const { one, other } of pairs) {
        const taken = await intake.take(givenOf(one))
        assert.ok('stored' in taken, one.kind)
        assert.equal(await intake.isOther(taken.stored, givenOf(one)), false, one.kind)
        if (other) assert.equal(await intake.isOther(taken.stored, givenOf(other)), true, one.kind)
      }
      assert.ok(pairs.filter(({ other }) => other).length > 20)
    })

  it('is another where the salt is the same and the password is not', async () => {
    const intake = intakeThat('fast')
    const md5 = (hash: string) => ({ kind: 'digest', algorithm: 'md5', format: '{password}', hash })
    const taken = await intake.take(md5('5f4dcc3b5aa765d61d8327deb882cf99'))
    assert.ok('stored' in taken && taken.isWrapped)
    assert.equal(await intake.isOther(taken.stored, md5('5f4dcc3b5aa765d61d8327deb882cf99')), false)
    assert.equal(await intake.isOther(taken.stored, md5('e10adc3949ba59abbe56e057f20f883e')), true)
  })

  it('is the same where it comes wrapped from another server of ours', async () => {
    const intake = intakeThat('fast')
    const taken = await intake.take({
      kind: 'digest',
      algorithm: 'md5',
      format: '{password}',
      hash: '5f4dcc3b5aa765d61d8327deb882cf99',
    })
    assert.ok('stored' in taken && taken.isWrapped)
    assert.equal(await intake.isOther(taken.stored, taken.stored), false)
  })

  it('is no other one where it cannot be used', async () => {
    const intake = intakeThat('fast')
    assert.equal(await intake.isOther(await hash('a', cost), '$y$j9T$salt$hash'), false)
  })
})
