import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { isRefusal } from '../../../src/core/errors.ts'
import { createFairQueue } from '../../../src/core/passwords/fair-queue.ts'

describe('A fair queue', () => {
  it('serves all others when the only waiting request of a household was dropped', async () => {
    const queue = createFairQueue({ concurrency: 1, places: () => 4 })
    const { promise: hasBegun, resolve: finish } = Promise.withResolvers<void>()
    const first = queue.run(undefined, () => hasBegun)
    const outcomes: string[] = []
    const ask = (ip: string) =>
      queue
        .run({ ip }, async () => void outcomes.push(ip))
        .catch((error) => outcomes.push(isRefusal(error, 'overloaded') ? `refused ${ip}` : String(error)))
    const ofOneCustomer = ['2001:db8:1:1::1', '2001:db8:1:2::1']
    const asked = [...ofOneCustomer, '192.0.2.1', '192.0.2.2', '192.0.2.3'].map(ask)
    await new Promise((over) => setImmediate(over))
    assert.deepEqual(queue.state(), { running: 1, waiting: 4 })
    finish()
    await first
    await new Promise((over) => setImmediate(over))
    const expected = ['refused 2001:db8:1:1::1', '2001:db8:1:2::1', '192.0.2.1', '192.0.2.2', '192.0.2.3']
    assert.deepEqual(outcomes, expected)
    assert.deepEqual(queue.state(), { running: 0, waiting: 0 })
    await Promise.all(asked)
  })
})
