import { exportAccount, personalDataText } from '../../core/accounts/export.ts'
import type { CliCommand } from '../cli-command.ts'
import { CommandError } from '../failure.ts'
import { onAccount } from '../realm.ts'
import { exportThere } from '../remote/accounts.ts'
import { eitherWay } from '../remote/either-way.ts'
import { writeOut } from '../terminal/print.ts'
import { exportAll } from './export-all.ts'
import { reasonOption } from './reason.ts'

interface Options {
  all?: boolean
  output?: string
  reason?: string
}

/** `account export`: all that is held of a person, or what all accounts need to move to another server. */
export function exportCommand(account: CliCommand): void {
  const command = account
    .command('export [account]')
    .description(
      'print everything stored about a person, as JSON; or all accounts, to move to another server',
    )
    .option('--all', 'all accounts, in the neutral form that `import manydoors` takes')
    .option('--output <file>', 'with --all: a new file, which its owner alone may read')
    .addOption(reasonOption())
  eitherWay(command, {
    here: (name: string | undefined, options: Options, command: CliCommand) => {
      checkWhat(name, options)
      return options.all ? exportAll(options.output, command) : exportOne(name ?? '', options, command)
    },
    there: (remote, name: string | undefined, options: Options, command: CliCommand) => {
      checkWhat(name, options)
      return exportThere(remote, name ?? '', { ...options }, command)
    },
  })
}

/** Throws `CommandError` where neither one account is named nor all are wanted, or both. */
function checkWhat(name: string | undefined, { all, output }: Options): void {
  if (all ? name !== undefined : name === undefined || output !== undefined)
    throw new CommandError('name an account, or give --all and --output FILE')
}

/** As JSON whether or not that is asked for. */
const exportOne = onAccount('read', async (ctx, account, { command }) => {
  const data = await exportAccount(ctx, account)
  for await (const part of personalDataText(data)) await writeOut(command.outside.stdout, part)
})
