import { readFile } from 'node:fs/promises'
import { parse } from 'yaml'
import type { z } from 'zod'
import { differenceKinds } from '../../shadow/difference.ts'
import { type ExpectedRow, expectedRows } from '../../shadow/expected.ts'
import { readTally } from '../../shadow/read-tally.ts'
import { type RouteReport, reportOf } from '../../shadow/report.ts'
import type { CliCommand } from '../cli-command.ts'
import { CommandError } from '../failure.ts'
import { argument } from '../terminal/arguments.ts'
import { alignColumns, printResult } from '../terminal/print.ts'

interface ReportOptions {
  expected?: string
  failOn: FailOn[]
}

const failOns = [...differenceKinds, 'unpaired', 'dropped', 'failed'] as const
type FailOn = (typeof failOns)[number]

/** `shadow report`: what a shadow has seen, route by route. */
export function addReportCommand(parent: CliCommand): void {
  parent
    .command('report <file>')
    .description('print what a shadow has seen; exit code 2 when there is what --fail-on names')
    .option(
      '--expected <file>',
      'differences on purpose (YAML): route, pointer, rule, and old and new if you like',
    )
    .option('--fail-on <kinds>', `some of ${failOns.join(', ')}, with commas between`, kindsArgument, [])
    .action(printReport)
}

const kindsArgument = argument(
  (text) => {
    const kinds = text.split(',').filter((kind) => failOns.some((known) => known === kind))
    return kinds.length === text.split(',').length ? (kinds as FailOn[]) : undefined
  },
  `It must be of ${failOns.join(', ')}.`,
)

async function printReport(file: string, options: ReportOptions, command: CliCommand): Promise<void> {
  const tally = readTally(await readFile(file, 'utf8'))
  if (!tally) throw new CommandError(`${file} is not what a shadow has written`)
  const rows = options.expected === undefined ? [] : await readExpected(options.expected)
  const routes = reportOf(tally, rows)
  const failures = options.failOn.filter((kind) => routes.some((route) => has(route, kind)))
  const { dialect, startedAt } = tally
  printResult(command, { dialect, startedAt, routes, failures }, reportLines(routes))
  if (failures.length > 0) command.outside.exitCode = 2
}

function has(route: RouteReport, kind: FailOn): boolean {
  if (kind === 'unpaired' || kind === 'dropped' || kind === 'failed') return route[kind] > 0
  return route.places.some((place) => place.kind === kind)
}

async function readExpected(file: string): Promise<ExpectedRow[]> {
  const { data, error } = expectedRows.safeParse(parsedYaml(await readFile(file, 'utf8'), file))
  if (data) return data
  throw new CommandError(`${file}: ${problemOf(error)}`)
}

function parsedYaml(text: string, file: string): unknown {
  try {
    return parse(text)
  } catch {
    throw new CommandError(`${file} is no YAML`)
  }
}

function problemOf(error: z.ZodError): string {
  const [issue] = error.issues
  return `${issue?.path.join('.') || 'it'}: ${issue?.message}`
}

const columns = ['same', 'expected', 'different', 'unsettled', 'unpaired', 'dropped', 'failed'] as const

function reportLines(routes: RouteReport[]): string[] {
  const table = routes.map((route) => [...columns.map((column) => String(route[column])), route.route])
  const places = routes
    .filter(({ places }) => places.length > 0)
    .flatMap(({ route, places }) => [
      '',
      route,
      ...places.flatMap(({ kind, pointer, count, examples }) => [
        `  ${count} × ${kind === 'status' ? '' : `${kind} `}${pointer}`,
        ...examples.map(({ old, new: fresh }) => `      old ${old}  new ${fresh}`),
      ]),
    ])
  return [...alignColumns([[...columns, 'route'], ...table]), ...places]
}
