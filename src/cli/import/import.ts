import { Option } from 'commander'
import type { CliCommand } from '../cli-command.ts'
import { realmOption } from '../realm.ts'
import { countArgument } from '../terminal/arguments.ts'
import { addConvertCommand } from './convert.ts'
import { addFormatsCommand } from './formats.ts'
import { addReadingOptions } from './options.ts'
import { runImport } from './run.ts'
import { addRunsCommand, addUndoCommand } from './runs.ts'
import { addVerifyCommand } from './verify.ts'

/** `import FORMAT FILES…`: accounts of other systems, while servers run; and what is done before and after it. */
export function defineCommand(command: CliCommand): void {
  command
    // Else there is no room beside them.
    .configureHelp({ subcommandTerm: (subcommand) => subcommand.name() })
    .usage('[options] <format> <files...>\n       manydoors import [command]')
    .argument('<format>', 'the system that the files are of: manydoors import formats')
    .argument('<files...>', 'its files, also packed with gzip')
    .addOption(realmOption())
    .option('--commit', 'write; without it this is a dry run, which says what would be done')
  addWritingOptions(command)
  addReadingOptions(command)
  command.addHelpText('after', exitCodes).action(runImport)
  for (const addCommand of [
    addConvertCommand,
    addFormatsCommand,
    addRunsCommand,
    addUndoCommand,
    addVerifyCommand,
  ])
    addCommand(command)
}

const exitCodes = `
Exit code: 0 when all was done, 2 when that and entries were refused, 130 when it was stopped (--resume goes on), else 1.`

function addWritingOptions(command: CliCommand): void {
  command
    .addOption(
      new Option('--on-conflict <what>', 'with an account whose names somebody has')
        .choices(['skip', 'fill', 'fail'])
        .default('skip'),
    )
    .option(
      '--pending <dialect>',
      'mark accounts without a hash: the old server of this door knows the password',
    )
    .addOption(
      new Option('--wrap <which>', 'hashes that are hashed once more, with argon2id')
        .choices(['fast', 'all', 'none'])
        .default('fast'),
    )
    .addOption(
      new Option('--ids <which>', 'whether accounts keep the ids that they had, where they can')
        .choices(['keep', 'new'])
        .default('keep'),
    )
    .option(
      '--report <file>',
      'a new file for what became of each entry that was not simply created: JSON lines',
    )
    .option('--batch <count>', 'accounts that are written at a time', countArgument, 500)
    .option('--resume [run]', 'go on with a run that ended early (default: the newest of this format)')
}
