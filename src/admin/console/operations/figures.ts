import type { FastifyRequest } from 'fastify'
import { languageOf } from '../../../http/origin.ts'
import { fillIn } from '../../../lib/fill-in.ts'
import { type Chart, type ChartPoint, drawChart, drawSparkline, type Sparkline } from '../../charts.ts'
import { type Texts, textsFor } from '../texts.ts'

const locales = { en: 'en-GB', nb: 'nb-NO' }

/** Writes numbers as people of the request's language do, with as many digits as tell something. */
export function numberText(request: FastifyRequest, value: number): string {
  const digits = { maximumFractionDigits: value < 10 ? 1 : 0 }
  return new Intl.NumberFormat(locales[languageOf(request)], digits).format(value)
}

/** Writes a number of something with its unit, such as `5 minutes`. */
export function unitText(request: FastifyRequest, value: number, unit: string): string {
  const style = { style: 'unit', unit, unitDisplay: 'long' } as const
  return new Intl.NumberFormat(locales[languageOf(request)], style).format(value)
}

/** A chart with everything that its template `_chart` says. */
export interface Figure extends Chart {
  caption: string
  unit: string
  /** What the picture shows, for those who do not see it. */
  label: string
}

/** What a chart is of: its name, and the unit of its numbers. */
export interface FigureTexts {
  caption: keyof Texts
  unit: keyof Texts
}

/** Draws the last hour of something. */
export function figureFor(
  request: FastifyRequest,
  points: ChartPoint[],
  { caption, unit }: FigureTexts,
): Figure {
  const texts = textsFor(request)
  const chart = drawChart(points, wordsFor(request))
  const values = { what: texts[caption], unit: texts[unit], now: chart.now, highest: chart.highest }
  return { ...chart, caption: texts[caption], unit: texts[unit], label: fillIn(texts.chartLabel, values) }
}

/** A small chart with what it says to those who do not see it. */
export interface Spark extends Sparkline {
  label: string
}

/** Draws the last hour of something in a small place. */
export function sparkFor(
  request: FastifyRequest,
  points: ChartPoint[],
  { caption, unit }: FigureTexts,
): Spark {
  return { ...drawSparkline(points), label: figureFor(request, points, { caption, unit }).label }
}

/** Of the shown minutes of something, what stands at each. */
export function pointsOf<Minute extends { at: string }>(
  minutes: Minute[],
  read: (minute: Minute) => number | null,
): ChartPoint[] {
  return minutes.map((minute) => ({ at: Date.parse(minute.at), value: read(minute) ?? undefined }))
}

function wordsFor(request: FastifyRequest) {
  const { nothingShort } = textsFor(request)
  const clock = new Intl.DateTimeFormat(locales[languageOf(request)], {
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
    timeZone: 'UTC',
  })
  return {
    number: (value: number) => numberText(request, value),
    time: (at: number) => clock.format(at),
    nothing: nothingShort,
  }
}
