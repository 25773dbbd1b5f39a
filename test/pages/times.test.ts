import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { presentTime } from '../../src/pages/times.ts'

const now = Date.UTC(2026, 10, 30, 12)
const minute = 60_000
const day = 24 * 60 * minute

describe('a time on a page', () => {
  const english = { language: 'en', now } as const
  const norwegian = { language: 'nb', now } as const

  it('is relative up to seven days, and a date beyond, in both languages', () => {
    assert.equal(presentTime(now - 1000, english).text, 'just now')
    assert.equal(presentTime(now - 2 * minute, english).text, '2 minutes ago')
    assert.equal(presentTime(now - 119 * minute, english).text, '1 hour ago')
    assert.equal(presentTime(now - 2 * day, english).text, '2 days ago')
    assert.equal(presentTime(now - 30 * 60 * minute, english).text, '1 day ago')
    assert.equal(presentTime(now + 3 * day, english).text, 'in 3 days')
    assert.equal(presentTime(now - 7 * day, english).text, '23 November 2026')
    assert.equal(presentTime(now - 2 * minute, norwegian).text, 'for 2 minutter siden')
    assert.equal(presentTime(now - 3 * day, norwegian).text, 'for 3 døgn siden')
    assert.equal(presentTime(now - 7 * day, norwegian).text, '23. november 2026')
  })

  it('names its zone, which is UTC where the reader has chosen none', () => {
    const at = Date.UTC(2026, 10, 29, 23, 30)
    assert.equal(presentTime(at, english).title, '29 November 2026 at 23:30 UTC')
    assert.equal(presentTime(at, english).iso, '2026-11-29T23:30:00.000Z')
    const inOslo = presentTime(at, { ...english, timeZone: 'Europe/Oslo' })
    assert.equal(inOslo.title, '30 November 2026 at 00:30 CET')
    assert.equal(
      presentTime(at, { ...norwegian, timeZone: 'Europe/Oslo' }).title,
      '30. november 2026 kl. 00:30 CET',
    )
  })
})
