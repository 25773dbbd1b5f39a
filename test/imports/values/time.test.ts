import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { UnreadableImport } from '../../../src/imports/format.ts'
import { asTime } from '../../../src/imports/values/time.ts'

const at = '2024-03-01T08:15:30.123Z'

describe('a time of an import', () => {
  const spellings: unknown[] = [
    '2024-03-01T08:15:30.123Z',
    '2024-03-01 08:15:30.123Z',
    '2024-03-01 08:15:30.123456+00',
    '2024-03-01 08:15:30.1234567 +00:00',
    '2024-03-01T08:15:30,123',
    '2024-03-01 08:15:30.123 UTC',
    '2024-03-01T13:45:30.123+05:30',
    '2024-03-01T04:15:30.123-0400',
    ' 2024-03-01T08:15:30.123Z ',
    1709280930123,
    '1709280930123',
    1709280930.123,
    '1709280930.123',
    1709280930123456,
    { $date: '2024-03-01T08:15:30.123Z' },
    { $date: 1709280930123 },
    { $date: { $numberLong: '1709280930123' } },
  ]
  for (const spelling of spellings) {
    it(`is read from ${JSON.stringify(spelling)}`, () => {
      assert.equal(asTime(spelling), at)
    })
  }

  it('may have no seconds, or be a day alone', () => {
    assert.equal(asTime('2024-03-01 08:15'), '2024-03-01T08:15:00.000Z')
    assert.equal(asTime('2024-03-01'), '2024-03-01T00:00:00.000Z')
    assert.equal(asTime('20240301'), undefined)
  })

  const nothing: unknown[] = [
    ...['', ' ', 'NULL', '\\N', '0000-00-00 00:00:00', '0000-00-00', 'infinity', 'yesterday', '01/03/2024'],
    ...['2024-02-30', '2024-13-01', '2024-03-01T25:00:00Z', '99999-01-01', '-99999999999999999999'],
    ...[0, Number.NaN, Number.POSITIVE_INFINITY, 1e300, null, undefined, true, [], {}, { $date: {} }],
  ]
  for (const value of nothing) {
    it(`is not there, or cannot be read: ${typeof value === 'number' ? value : JSON.stringify(value)}`, () => {
      assert.equal(asTime(value), undefined)
    })
  }

  it('without offset is of the time zone that is given, in summer and in winter', () => {
    assert.equal(asTime('2024-01-15 12:00:00', 'Europe/Oslo'), '2024-01-15T11:00:00.000Z')
    assert.equal(asTime('2024-07-15 12:00:00', 'Europe/Oslo'), '2024-07-15T10:00:00.000Z')
    assert.equal(asTime('2024-07-15 12:00:00', 'America/St_Johns'), '2024-07-15T14:30:00.000Z')
    assert.equal(asTime('2024-03-31 03:30:00', 'Europe/Oslo'), '2024-03-31T01:30:00.000Z')
  })

  it('with an offset, or counted since 1970, is of no time zone', () => {
    assert.equal(asTime('2024-07-15T12:00:00Z', 'Europe/Oslo'), '2024-07-15T12:00:00.000Z')
    assert.equal(asTime(1709280930123, 'Europe/Oslo'), at)
  })

  it('is refused with a time zone that there is not', () => {
    assert.throws(() => asTime('2024-07-15 12:00:00', 'Europe/Atlantis'), UnreadableImport)
  })

  it('is read again from its ISO form as the same', () => {
    const noInvalidDate = { noInvalidDate: true, min: new Date('1970-01-02'), max: new Date('9999-12-31') }
    fc.assert(
      fc.property(fc.date(noInvalidDate), (date) => {
        assert.equal(asTime(date.toISOString()), date.toISOString())
        assert.equal(asTime(date.toISOString(), 'Asia/Tokyo'), date.toISOString())
      }),
    )
  })

  it('is none of whatever else there is in JSON, and throws for nothing', () => {
    fc.assert(fc.property(fc.jsonValue(), (value) => /^\d{4}-.*Z$/.test(asTime(value) ?? '0000-Z')))
  })
})
