import type { ImportFormat } from '../../imports/format.ts'
import { findFormat, importFormats } from '../../imports/formats.ts'
import type { CliCommand } from '../cli-command.ts'
import { CommandError } from '../failure.ts'
import { alignColumns, printResult } from '../terminal/print.ts'

/** The format of that name. Throws `CommandError` when there is none. */
export async function formatNamed(name: string): Promise<ImportFormat> {
  const format = await findFormat(name)
  if (format) return format
  throw new CommandError(`there is no format ${name}: ${importFormats.map(({ name }) => name).join(', ')}`)
}

/** `import formats`: what can be imported. */
export function addFormatsCommand(parent: CliCommand): void {
  parent
    .command('formats')
    .description('list the formats that can be imported')
    .action((_options: object, command: CliCommand) =>
      printResult(
        command,
        importFormats,
        alignColumns(importFormats.map(({ name, description }) => [name, description])),
      ),
    )
}
