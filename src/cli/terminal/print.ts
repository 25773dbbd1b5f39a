import { once } from 'node:events'
import type { CliCommand } from '../cli-command.ts'
import type { Outside } from '../outside.ts'

type Fields = Record<string, unknown>

/** Prints a command's result on standard output: one JSON value where `--json` was given, else lines for people. */
export function printResult(command: CliCommand, result: object, lines: string[]): void {
  const { json } = command.optsWithGlobals<{ json?: boolean }>()
  command.outside.stdout.write(
    json ? `${JSON.stringify(result)}\n` : `${lines.map((line) => harmless(line)).join('\n')}\n`,
  )
}

/** Prints rows no faster than they are read: with `--json` one JSON object a line, else lines for people. */
export async function printRows<Row, Shown extends object>(
  command: CliCommand,
  rows: AsyncIterable<Row> | Iterable<Row>,
  { present, lineOf }: { present: (row: Row) => Shown; lineOf: (shown: Shown) => string },
): Promise<void> {
  const { json } = command.optsWithGlobals<{ json?: boolean }>()
  const { stdout } = command.outside
  for await (const row of rows) {
    const shown = present(row)
    await writeOut(stdout, `${json ? JSON.stringify(shown) : harmless(lineOf(shown))}\n`)
  }
}

/** Writes a text and waits while its reader is behind. */
export async function writeOut(stdout: Outside['stdout'], text: string): Promise<void> {
  if (!stdout.write(text)) await once(stdout, 'drain')
}

/** One line for each field that is there. */
export function fieldLines(fields: Fields): string[] {
  const given = Object.entries(fields).filter(([, value]) => value !== undefined)
  return alignColumns(given.map(([name, value]) => [name, textOf(value)]))
}

/** The rows of a table as lines whose cells begin beneath each other. */
export function alignColumns(rows: string[][]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
}

/** The fields that are there on one line, without names. */
export function fieldText(fields: Fields): string {
  return Object.values(fields)
    .filter((value) => value !== undefined)
    .map(textOf)
    .join('  ')
}

function textOf(value: unknown): string {
  return typeof value === 'object' ? JSON.stringify(value) : harmless(String(value), /\p{Cc}/gu)
}

/** A terminal does what control characters tell it to, and what is shown others have written, such as an endpoint's answer. */
function harmless(text: string, controls = /[^\P{Cc}\n]/gu): string {
  return text.replaceAll(controls, (control) => `\\x${control.charCodeAt(0).toString(16).padStart(2, '0')}`)
}
