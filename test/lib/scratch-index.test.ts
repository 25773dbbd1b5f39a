import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { openScratchIndex } from '../../src/lib/scratch-index.ts'

describe('a scratch index', () => {
  it('finds texts by their keys, in the order in which they came', () => {
    using index = openScratchIndex()
    for (const [key, value] of [
      ['b', '1'],
      ['a', '2'],
      ['b', '3'],
      ['b', '1'],
    ] as const)
      index.add(key, value)
    assert.deepEqual(index.all('b'), ['1', '3', '1'])
    assert.equal(index.first('b'), '1')
    assert.equal(index.first('a'), '2')
  })

  it('has nothing under a key that differs in case or accents, or of another index', () => {
    using index = openScratchIndex()
    using other = openScratchIndex()
    index.add('Bjørn', '1')
    other.add('bjørn', '2')
    assert.equal(index.first('bjørn'), undefined)
    assert.equal(index.first('BJØRN'), undefined)
    assert.deepEqual(index.all(''), [])
  })
})
