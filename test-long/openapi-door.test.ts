import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { openWorkshop, resultsOf } from '../test/tools/new-dialect/generated.ts'

const club = join(import.meta.dirname, '..', 'test', 'tools', 'new-dialect', 'club.openapi.yaml')

describe('a door made of an OpenAPI document', () => {
  const workshop = openWorkshop()
  before(() => {
    const { status, output } = workshop.make('openapi.yaml', readFileSync(club, 'utf8'))
    assert.equal(status, 0, output)
  })
  after(workshop.close)

  it('compiles', () => {
    const { status, output } = workshop.typeCheck()
    assert.equal(status, 0, output)
  })

  it('keeps the contract as it is', () => {
    const { passed, failed } = resultsOf(workshop.runContract().output)
    assert.deepEqual(failed, [])
    assert.ok(passed >= 140, `${passed} passed`)
  })
})
