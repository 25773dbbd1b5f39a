import type { Command } from 'commander'

/** Prints a command's result on standard output: one JSON value where `--json` was given, else lines for people. */
export function printResult(command: Command, result: object, lines: string[]): void {
  const { json } = command.optsWithGlobals<{ json?: boolean }>()
  process.stdout.write(json ? `${JSON.stringify(result)}\n` : `${lines.join('\n')}\n`)
}
