import { mkdir, writeFile } from 'node:fs/promises'
import { arch, cpus, release, totalmem } from 'node:os'
import { join } from 'node:path'
import type { Comparison, Spread } from './compare.ts'

/** One figure by itself, with what it ought not to exceed. */
export interface Figure {
  name: string
  unit: string
  value: Spread
  most?: number
}

export interface Report {
  comparisons: Comparison[]
  figures: Figure[]
}

/** The table as text. */
export function table({ comparisons, figures }: Report): string {
  const rows = comparisons.map(({ name, against, ratio, target, ours, theirs, failed }) => [
    name,
    against,
    `${ratio.median.toFixed(2)} (${ratio.least.toFixed(2)}–${ratio.most.toFixed(2)})`,
    target === undefined ? '' : `≥ ${target.toFixed(2)}${ratio.median >= target ? '' : ' missed'}`,
    perSecond(ours.rate),
    perSecond(theirs.rate),
    ours.p99 ? `${ours.p99.median.toFixed(1)} ms` : '',
    microseconds(ours.cpu),
    microseconds(theirs.cpu),
    failed > 0 ? `${failed} failed` : '',
  ])
  const header = [
    'case',
    'against',
    'ratio (spread)',
    'target',
    'ours /s',
    'theirs /s',
    'our p99',
    'our CPU',
    'their CPU',
    '',
  ]
  const note =
    'Limits are off. Ratios are ours to theirs, within a round. CPU is of the server, for each answer, of all its threads.'
  return `${aligned([header, ...rows])}\n\n${[...figures.map(figureLine), note].join('\n')}\n`
}

/** Writes the newest results as JSON, text and a chart. */
export async function writeReport(report: Report): Promise<void> {
  const folder = join(import.meta.dirname, 'results')
  const machine = {
    node: process.version,
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memory: totalmem(),
    system: `${release()} ${arch()}`,
  }
  await mkdir(folder, { recursive: true })
  const at = new Date().toISOString()
  await writeFile(join(folder, 'latest.json'), `${JSON.stringify({ at, machine, ...report }, null, 2)}\n`)
  await writeFile(join(folder, 'latest.txt'), table(report))
  await writeFile(join(folder, 'latest.svg'), chart(report.comparisons))
}

function figureLine({ name, unit, value, most }: Figure): string {
  const isMissed = most !== undefined && value.median > most
  const target = most === undefined ? '' : `, target ≤ ${most}${isMissed ? ' missed' : ''}`
  const figures = [value.median, value.least, value.most].map((number) => number.toFixed(1))
  return `${name}: ${figures[0]} ${unit} (${figures[1]}–${figures[2]})${target}`
}

function microseconds(cpu?: Spread): string {
  return cpu ? `${cpu.median.toFixed(0)} µs` : ''
}

function perSecond({ median }: Spread): string {
  return median < 1000 ? median.toFixed(1) : Math.round(median).toString()
}

function aligned(rows: string[][]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

const barHeight = 18
const labelWidth = 330
const barWidth = 420

/** The ratios as bars on a logarithmic scale, with their spread and their targets. */
function chart(comparisons: Comparison[]): string {
  const values = comparisons.flatMap(({ ratio, target }) => [ratio.least, ratio.most, target ?? 1])
  const [least, most] = [Math.min(...values, 0.1), Math.max(...values, 1)]
  const x = (value: number) => labelWidth + (Math.log(value / least) / Math.log(most / least)) * barWidth
  const bars = comparisons.map(({ name, against, ratio, target }, index) => {
    const y = 30 + index * (barHeight + 14)
    const middle = y + barHeight / 2
    return [
      text({ x: labelWidth - 10, y: middle + 4, anchor: 'end' }, `${name} / ${against}`),
      `<rect x="${x(least)}" y="${y}" width="${x(ratio.median) - x(least)}" height="${barHeight}" fill="#4477aa"/>`,
      `<path d="M${x(ratio.least)} ${middle}H${x(ratio.most)}" stroke="#112233" stroke-width="2"/>`,
      target === undefined
        ? ''
        : `<path d="M${x(target)} ${y - 3}V${y + barHeight + 3}" stroke="#cc3311" stroke-width="2"/>`,
      text({ x: labelWidth + barWidth + 10, y: middle + 4, anchor: 'start' }, ratio.median.toFixed(2)),
    ].join('')
  })
  const height = 50 + comparisons.length * (barHeight + 14)
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${labelWidth + barWidth + 70}" height="${height}" \
font-family="sans-serif" font-size="12"><title>Ratios: ours to theirs, median and spread; red: target</title>\
<rect width="100%" height="100%" fill="white"/>${bars.join('\n')}\
<path d="M${x(1)} 20V${height - 20}" stroke="#888888" stroke-dasharray="3 3"/></svg>\n`
}

function text({ x, y, anchor }: { x: number; y: number; anchor: string }, words: string): string {
  return `<text x="${x}" y="${y}" text-anchor="${anchor}">${words.replaceAll('&', '&amp;').replaceAll('<', '&lt;')}</text>`
}
