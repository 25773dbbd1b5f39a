import type { CliCommand } from '../cli-command.ts'

/** Prints a command's result on standard output: one JSON value where `--json` was given, else lines for people. */
export function printResult(command: CliCommand, result: object, lines: string[]): void {
  const { json } = command.optsWithGlobals<{ json?: boolean }>()
  command.outside.stdout.write(json ? `${JSON.stringify(result)}\n` : `${lines.join('\n')}\n`)
}
