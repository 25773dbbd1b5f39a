import { exportAccount, personalDataText } from '../../core/accounts/export.ts'
import type { CliCommand } from '../cli-command.ts'
import { CommandError } from '../failure.ts'
import { onAccount } from '../realm.ts'
import { writeOut } from '../terminal/print.ts'
import { exportAll } from './export-all.ts'

interface Options {
  all?: boolean
  output?: string
}

/** `account export`: all that is held of a person, or what all accounts need to move to another server. */
export function exportCommand(account: CliCommand): void {
  account
    .command('export [account]')
    .description(
      'print everything stored about a person, as JSON; or all accounts, to move to another server',
    )
    .option('--all', 'all accounts, in the neutral form that `import manydoors` takes')
    .option('--output <file>', 'with --all: a new file, which its owner alone may read')
    .action((name: string | undefined, options: Options, command: CliCommand) => {
      if (options.all ? name !== undefined : name === undefined || options.output !== undefined)
        throw new CommandError('name an account, or give --all and --output FILE')
      return options.all ? exportAll(options.output, command) : exportOne(name ?? '', options, command)
    })
}

/** As JSON whether or not that is asked for. */
const exportOne = onAccount('read', async (ctx, account, { command }) => {
  const data = await exportAccount(ctx, account)
  for await (const part of personalDataText(data)) await writeOut(command.outside.stdout, part)
})
