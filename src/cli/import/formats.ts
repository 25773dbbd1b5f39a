import type { ImportFormat } from '../../imports/format.ts'
import { formatNames, loadFormat, loadFormats } from '../../imports/formats.ts'
import type { CliCommand } from '../cli-command.ts'
import { CommandError } from '../failure.ts'
import { alignColumns, printResult } from '../terminal/print.ts'

/** The format of that name. Throws `CommandError` when there is none. */
export async function formatNamed(name: string): Promise<ImportFormat> {
  const format = await loadFormat(name)
  if (format) return format
  throw new CommandError(`there is no format ${name}: ${formatNames.join(', ')}`)
}

/** `import formats`: what can be imported. */
export function addFormatsCommand(parent: CliCommand): void {
  parent
    .command('formats')
    .description('list the formats that can be imported')
    .action(async (_options: object, command: CliCommand) => {
      const formats = (await loadFormats()).map(({ name, description, secrets = [] }) => {
        return { name, description, secrets }
      })
      printResult(command, formats, alignColumns(formats.map(rowOf)))
    })
}

function rowOf({ name, description, secrets }: { name: string; description: string; secrets: string[] }) {
  return [name, description, secrets.map((secret) => `--secret ${secret}`).join(' ')]
}
