import type { ImportReport, ReportLine } from '../../core/imports/report.ts'
import { alignColumns } from '../terminal/print.ts'
import type { Forecast } from './forecast.ts'

/** So many reasons of a kind are told on the screen; `--json` and the file of `--report` have all. */
const maxReasons = 8

/** A report on one screen: no address, no hash. */
export function linesOfReport(report: ImportReport, forecast: Forecast | undefined): string[] {
  return [
    headline(report),
    '',
    ...alignColumns(countRows(report)),
    ...reasonLines('Skipped', report.skipped),
    ...reasonLines('Refused', report.refused),
    ...doubtLines(report),
    ...reasonLines('Taken, but without', report.dropped),
    ...passwordLines(report),
    ...(forecast ? ['', forecastLine(forecast)] : []),
  ]
}

/** Some reasons, how often each was met and where first, below a title; nothing when there are none. */
export function reasonLines(title: string, lines: ReportLine[]): string[] {
  if (lines.length === 0) return []
  const rows = lines
    .slice(0, maxReasons)
    .map(({ reason, count, places }) => [`  ${number(count)}`, `${reason} (${places.join(', ')})`])
  const left = lines.slice(maxReasons)
  if (left.length > 0) rows.push([`  ${number(totalOf(left))}`, `for ${left.length} more reasons`])
  return ['', `${title}:`, ...alignColumns(rows)]
}

/** Files of one system are often read by the format of another without being wrong as such. */
function doubtLines({ read, refused }: ImportReport): string[] {
  if (totalOf(refused) < read) return []
  const what = read === 0 ? 'No entry was found' : 'Every entry was refused'
  return ['', `${what}: are the files of this format? See manydoors import formats.`]
}

function headline({ isDryRun, runId }: ImportReport): string {
  return isDryRun
    ? 'This was a dry run: nothing is written. With --commit this is what happens:'
    : `The import is done. Its run is ${runId}.`
}

function countRows(report: ImportReport): string[][] {
  const rows: [name: string, count: number][] = [
    ['read', report.read],
    ['created', report.created],
    ['filled', report.filled],
    ['unchanged', report.unchanged],
    ['skipped', totalOf(report.skipped)],
    ['refused', totalOf(report.refused)],
    ['verified names', report.verified],
    ['disabled', report.disabled],
    ['second factors', report.secondFactors],
    ['recovery codes', report.recoveryCodes],
    ['other ids', report.idsChanged],
  ]
  return rows.map(([name, count]) => [name, number(count)])
}

function passwordLines({ passwords }: ImportReport): string[] {
  if (passwords.length === 0) return []
  const rows = passwords.map(({ label, accounts, costMs, isWrapped }) => [
    `  ${number(accounts)}`,
    `${label}${isWrapped ? ', wrapped in one of ours' : ''}`,
    costMs > 0 ? `${Math.round(costMs)} ms a check` : '',
  ])
  return ['', 'Passwords:', ...alignColumns(rows)]
}

function forecastLine({ cores, signInsASecond, timesAsDear, worst }: Forecast): string {
  return (
    `The first morning: with ${cores} ${cores === 1 ? 'core' : 'cores'} about ${rounded(signInsASecond)} first sign-ins a second, ` +
    `${rounded(timesAsDear)} times as dear as later ones. The dearest kind is ${worst.label}, ${Math.round(worst.costMs)} ms.`
  )
}

/** How many things these lines are about. */
export function totalOf(lines: ReportLine[]): number {
  return lines.reduce((sum, { count }) => sum + count, 0)
}

function number(count: number): string {
  return count.toLocaleString('en')
}

function rounded(value: number): string {
  return value < 10 ? String(Number(value.toFixed(1))) : number(Math.round(value))
}
