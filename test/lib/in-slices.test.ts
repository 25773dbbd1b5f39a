import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { inSlices, type Steps } from '../../src/lib/in-slices.ts'

describe('work in slices', () => {
  it('gives what came of it: of work within it, of promises, of values', async () => {
    function* inner(): Steps {
      return [yield 1, yield Promise.resolve(2)]
    }
    function* outer(): Steps {
      const first = yield inner()
      // Also what is given last may be work, or have to be waited for.
      return (function* (): Steps {
        return Promise.resolve([first, yield 'own'])
      })()
    }
    assert.deepEqual(await inSlices(outer()), [[1, 2], 'own'])
  })

  it('throws into the work that waits for what has thrown, and throws what nobody catches', async () => {
    const caught: string[] = []
    function* failing(): Steps {
      try {
        yield Promise.reject(new Error('a promise'))
      } catch (error) {
        caught.push((error as Error).message)
      }
      throw new Error('work')
    }
    function* outer(): Steps {
      try {
        yield failing()
      } catch (error) {
        caught.push((error as Error).message)
      }
      yield 'it goes on'
      throw new Error('all of it')
    }
    await assert.rejects(inSlices(outer()), { message: 'all of it' })
    assert.deepEqual(caught, ['a promise', 'work'])
  })

  it('lets others in between, and goes on with one at a time in a turn', async () => {
    const turns: number[] = []
    let turn = 0
    let isOver = false
    const count = () => {
      turn++
      if (!isOver) setImmediate(count)
    }
    setImmediate(count)
    function* busy(): Steps {
      for (let slice = 0; slice < 5; slice++) {
        turns.push(turn)
        const until = performance.now() + 2
        while (turns.at(-1) === turn && performance.now() < until) yield undefined
        // What is over its time stops at its next look at the clock.
        for (let step = 0; step < 200; step++) yield undefined
      }
      return undefined
    }
    await Promise.all([inSlices(busy()), inSlices(busy()), inSlices(busy())])
    isOver = true
    assert.equal(turns.length, 15)
    assert.equal(new Set(turns).size, 15, 'each slice has a turn of its own')
  })
})
