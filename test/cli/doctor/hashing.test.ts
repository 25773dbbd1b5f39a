import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type HashingFigure, judgeHashing } from '../../../src/server/doctor/hashing.ts'

/** On a machine of two cores. */
function figure(memory: number, passes: number, latencyMs: number): HashingFigure {
  return { cost: { memory, passes }, perSecond: 2000 / latencyMs, latencyMs }
}

describe("doctor's judgement of hashing", () => {
  const weak = figure(19, 2, 10)

  it('recommends the strongest cost below the maximum latency, and how to set it', () => {
    const others = [figure(64, 1, 20), figure(64, 2, 40), figure(64, 3, 101)]
    assert.deepEqual(judgeHashing(weak, others), {
      state: 'ok',
      says:
        '200 passwords a second, which is how many people can sign in, 10 ms with 19 MiB and 2 passes; ' +
        'the strongest that takes no longer than 100 ms is 40 ms with 64 MiB and 2 passes, 50 a second',
      advice:
        'where 50 a second are enough, set hashing: { memory: 64, passes: 2 }: stolen hashes are then harder to guess',
    })
  })

  it('recommends nothing where the current cost is the strongest', () => {
    for (const others of [[], [figure(64, 1, 101)]]) {
      const { state, says, advice } = judgeHashing(weak, others)
      assert.equal(state, 'ok')
      assert.equal(
        /; nothing stronger that was tried takes no longer than 100 ms$/.test(says),
        others.length > 0,
      )
      assert.equal(advice, undefined)
    }
  })

  it('names a cost below the maximum latency where the current one is above', () => {
    const { state, says, advice } = judgeHashing(figure(256, 3, 150), [weak, figure(64, 1, 20)])
    assert.equal(state, 'ok')
    assert.match(
      says,
      /the strongest that takes no longer than 100 ms is 20 ms with 64 MiB and 1 pass, 100 a second$/,
    )
    assert.equal(advice, undefined)
  })

  it('warns where fewer than ten passwords a second can be hashed', () => {
    const slow = judgeHashing(figure(64, 3, 201), [weak, figure(64, 1, 110)])
    assert.equal(slow.state, 'warning')
    assert.equal(
      slow.advice,
      'give the server more or faster cores, or set hashing: { memory: 19, passes: 2 }, for 10 ms',
    )
    assert.equal(judgeHashing(figure(64, 3, 199), []).state, 'ok')
    const slowest = judgeHashing(figure(19, 2, 500), [])
    assert.deepEqual([slowest.state, slowest.advice], ['warning', 'give the server more or faster cores'])
  })
})
