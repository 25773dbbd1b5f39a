import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { seededRandom } from './random.ts'
import { median, rankTest } from './rank-test.ts'

describe('the rank test', () => {
  it('agrees with a calculation by hand', () => {
    const tied = rankTest([1, 2, 2, 3, 4, 5, 7, 8, 9, 9], [2, 3, 5, 6, 8, 10, 11, 12, 13])
    assertClose(tied.p, 0.119514265)
    assertClose(tied.superiority, 0.283333333)
    const apart = rankTest([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], [11, 12, 13, 14, 15, 16, 17, 18, 19, 20])
    assertClose(apart.p, 0.000182672)
    assert.equal(apart.superiority, 0)
  })

  it('sees no difference where there is none', () => {
    const [first, second] = durations(1)
    assert.ok(rankTest(first, second).p > 0.05)
    const same = rankTest(new Array(20).fill(7), new Array(30).fill(7))
    assert.deepEqual(same, { p: 1, superiority: 0.5 })
  })

  it('sees that one of two samples takes 15 % of the median longer, whichever it is', () => {
    const [first, second] = durations(2)
    const slower = second.map((value) => value + 0.15 * median(first))
    const { p, superiority } = rankTest(first, slower)
    assert.ok(p < 0.001, `p = ${p}`)
    assert.ok(superiority < 0.5)
    const turned = rankTest(slower, first)
    assertClose(turned.p, p)
    assertClose(turned.superiority, 1 - superiority)
  })

  it('is not misled by a few values that are far off', () => {
    const [first, second] = durations(3)
    assert.ok(rankTest([...first, 9_000, 9_000], second).p > 0.05)
  })

  it('refuses samples that are too small for it', () => {
    assert.throws(() => rankTest([1, 2, 3], [4, 5, 6]))
  })
})

describe('the median', () => {
  it('is the middle value, or the mean of both', () => {
    assert.equal(median([9, 1, 5]), 5)
    assert.equal(median([9, 1, 5, 6]), 5.5)
  })
})

/** Two samples of one distribution that looks like that of requests: a floor, a spread of a third, a long tail. */
function durations(seed: number): [number[], number[]] {
  const random = seededRandom(seed)
  const sample = () => Array.from({ length: 150 }, () => 20 - 4 * Math.log(1 - random()))
  return [sample(), sample()]
}

function assertClose(actual: number, expected: number): void {
  assert.ok(Math.abs(actual - expected) <= 1e-6, `${actual} is not ${expected}`)
}
