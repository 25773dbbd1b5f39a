import { scaleLinear } from 'd3-scale'
import { area, line } from 'd3-shape'

/** What stands at one time; nothing where there is nothing to tell. */
export interface ChartPoint {
  /** Epoch milliseconds. */
  at: number
  value: number | undefined
}

/** A chart as its template draws it: lengths are in the units of its own `viewBox`, and all text is ready. */
export interface Chart {
  width: number
  height: number
  /** Between which the lines across are drawn. */
  left: number
  right: number
  /** The `d` of two paths; empty where there is nothing to draw. */
  area: string
  line: string
  /** Lines across, with the number that each stands for, from the lowest on. */
  rows: { y: number; label: string }[]
  /** Times below, from the oldest on. */
  columns: { x: number; label: string; anchor: 'start' | 'middle' | 'end' }[]
  /** The newest value, and the highest. */
  now: string
  highest: string
  /** What the picture shows, in words, the newest first. */
  table: { at: number; time: string; value: string }[]
}

/** How a chart writes what it shows. */
export interface ChartWords {
  number(value: number): string
  time(at: number): string
  /** Where there is no value. */
  nothing: string
}

const width = 480
const height = 160
/** What is left free for the numbers and the times. */
const margin = { left: 56, right: 12, top: 10, bottom: 26 }
const wantedRows = 3
const columns = 4
/** So high is the scale at least, so that one request in an hour is no mountain. */
const minHighest = 5

/** Draws values over time, at least two. The scale begins at 0. */
export function drawChart(points: ChartPoint[], words: ChartWords): Chart {
  const highest = highestOf(points)
  const x = scaleLinear(spanOf(points), [margin.left, width - margin.right])
  const y = scaleLinear([0, Math.max(highest ?? 0, minHighest)], [height - margin.bottom, margin.top]).nice(
    wantedRows,
  )
  const written = (value: number | undefined) => (value === undefined ? words.nothing : words.number(value))
  return {
    width,
    height,
    left: margin.left,
    right: width - margin.right,
    ...pathsOf(points, { x, y, bottom: height - margin.bottom }),
    rows: y.ticks(wantedRows).map((value) => ({ y: rounded(y(value)), label: words.number(value) })),
    columns: columnsOf(points).map(({ at }, index, { length }) => ({
      x: rounded(x(at)),
      label: words.time(at),
      anchor: index === 0 ? 'start' : index === length - 1 ? 'end' : 'middle',
    })),
    now: written(points.at(-1)?.value),
    highest: written(highest),
    table: points.map(({ at, value }) => ({ at, time: words.time(at), value: written(value) })).reverse(),
  }
}

/** A chart without numbers, as small as a word. */
export interface Sparkline {
  width: number
  height: number
  area: string
  line: string
}

const sparkWidth = 120
const sparkHeight = 28
/** Half of a line's breadth stays inside. */
const sparkEdge = 2

/** Draws values over time in a small place, at least two. */
export function drawSparkline(points: ChartPoint[]): Sparkline {
  const x = scaleLinear(spanOf(points), [sparkEdge, sparkWidth - sparkEdge])
  const y = scaleLinear(
    [0, Math.max(highestOf(points) ?? 0, minHighest)],
    [sparkHeight - sparkEdge, sparkEdge],
  )
  return {
    width: sparkWidth,
    height: sparkHeight,
    ...pathsOf(points, { x, y, bottom: sparkHeight - sparkEdge }),
  }
}

interface Scales {
  x(at: number): number
  y(value: number): number
  bottom: number
}

/** Where a value is missing there is a gap. */
function pathsOf(points: ChartPoint[], { x, y, bottom }: Scales): { area: string; line: string } {
  const isThere = ({ value }: ChartPoint) => value !== undefined
  const left = ({ at }: ChartPoint) => x(at)
  const top = ({ value = 0 }: ChartPoint) => y(value)
  const shape = area<ChartPoint>().defined(isThere).x(left).y0(bottom).y1(top).digits(1)
  const edge = line<ChartPoint>().defined(isThere).x(left).y(top).digits(1)
  return { area: shape(points) ?? '', line: edge(points) ?? '' }
}

function spanOf(points: ChartPoint[]): [number, number] {
  return [points[0]?.at ?? 0, points.at(-1)?.at ?? 1]
}

function highestOf(points: ChartPoint[]): number | undefined {
  const values = points.flatMap(({ value }) => value ?? [])
  return values.length > 0 ? Math.max(...values) : undefined
}

/** Some of the points, as far from each other as can be, the first and the last among them. */
function columnsOf(points: ChartPoint[]): ChartPoint[] {
  const last = points.length - 1
  const steps = Math.min(columns, last)
  const indexes = Array.from({ length: steps + 1 }, (_, step) =>
    Math.round((step * last) / Math.max(steps, 1)),
  )
  return indexes.flatMap((index) => points[index] ?? [])
}

function rounded(length: number): number {
  return Math.round(length * 10) / 10
}
