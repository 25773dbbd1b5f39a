import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type ChartPoint, drawChart, drawSparkline } from '../../src/admin/charts.ts'

const minute = 60_000
const words = {
  number: (value: number) => `${value} a minute`,
  time: (at: number) => `minute ${at / minute}`,
  nothing: 'nothing',
}

/** One value a minute. */
function pointsOf(...values: (number | undefined)[]): ChartPoint[] {
  return values.map((value, index) => ({ at: index * minute, value }))
}

/** The coordinates of a path that has straight lines only. */
function cornersOf(path: string): [number, number][] {
  return [...path.matchAll(/([\d.]+),([\d.]+)/g)].map(([, x, y]) => [Number(x), Number(y)])
}

describe('a chart', () => {
  it('draws each value at its height, the oldest at the left, from 0 on', () => {
    const { line, rows, width, height } = drawChart(pointsOf(0, 10, 5), words)
    const [first = [0, 0], second = [0, 0], third = [0, 0], ...more] = cornersOf(line)
    assert.deepEqual(more, [])
    assert.ok(first[0] < second[0] && second[0] < third[0] && third[0] < width)
    assert.ok(first[1] < height && second[1] > 0)
    assert.equal(third[1], (first[1] + second[1]) / 2)
    assert.deepEqual(
      rows.map(({ label }) => label),
      ['0 a minute', '5 a minute', '10 a minute'],
    )
    assert.deepEqual([rows[0]?.y, rows[1]?.y, rows[2]?.y], [first[1], third[1], second[1]])
  })

  it('leaves a gap where there is no value, and draws one that stands alone', () => {
    const { line, area } = drawChart(pointsOf(1, 2, undefined, 3, undefined), words)
    assert.equal(line.split('M').length - 1, 2)
    assert.equal(area.split('M').length - 1, 2)
    assert.match(line, /M[\d.]+,[\d.]+Z$/)
  })

  it('tells the same in words, the newest first', () => {
    const { table, now, highest, columns } = drawChart(pointsOf(7, undefined, 3), words)
    assert.deepEqual(
      table.map(({ time, value }) => [time, value]),
      [
        ['minute 2', '3 a minute'],
        ['minute 1', 'nothing'],
        ['minute 0', '7 a minute'],
      ],
    )
    assert.deepEqual([now, highest], ['3 a minute', '7 a minute'])
    assert.deepEqual(
      columns.map(({ label, anchor }) => [label, anchor]),
      [
        ['minute 0', 'start'],
        ['minute 1', 'middle'],
        ['minute 2', 'end'],
      ],
    )
  })

  it('has five times below an hour of minutes, within its edges', () => {
    const { columns, width } = drawChart(pointsOf(...Array.from({ length: 60 }, (_, index) => index)), words)
    assert.equal(columns.length, 5)
    assert.ok(columns.every(({ x }) => x > 0 && x < width))
  })

  it('is flat without values, and empty where nothing is known', () => {
    const quiet = cornersOf(drawChart(pointsOf(0, 0, 0), words).line)
    assert.equal(new Set(quiet.map(([, y]) => y)).size, 1)
    const unknown = drawChart(pointsOf(undefined, undefined), words)
    assert.deepEqual([unknown.line, unknown.area, unknown.now], ['', '', 'nothing'])
    assert.ok(unknown.rows.length > 1)
  })

  it('makes no mountain of one request', () => {
    const [low = [0, 0], high = [0, 0]] = cornersOf(drawChart(pointsOf(0, 1), words).line)
    assert.ok(low[1] - high[1] < 40)
  })
})

describe('a sparkline', () => {
  it('draws the same in a small place', () => {
    const { line, area, width, height } = drawSparkline(pointsOf(1, 20, 3))
    const corners = cornersOf(line)
    assert.equal(corners.length, 3)
    assert.ok(corners.every(([x, y]) => x > 0 && x < width && y > 0 && y < height))
    assert.notEqual(area, '')
  })
})
