import { Option } from 'commander'
import { listAccounts } from '../../core/accounts/admin.ts'
import { presentAccount } from '../../core/accounts/present.ts'
import { countLiveSessions } from '../../core/sessions/account-sessions.ts'
import { hasSecondFactor } from '../../core/sign-in/second-factor.ts'
import type { PasswordState } from '../../store/tables/accounts/lookups.ts'
import type { CliCommand } from '../cli-command.ts'
import { onAccount, withRealm } from '../realm.ts'
import { listThere, showThere } from '../remote/accounts.ts'
import { eitherWay } from '../remote/either-way.ts'
import { timeArgument } from '../terminal/arguments.ts'
import { fieldLines, fieldText, printResult, printRows } from '../terminal/print.ts'

const passwordStates: PasswordState[] = ['own', 'imported', 'pending', 'none']

interface ListOptions {
  email?: string
  disabled?: boolean
  since?: number
  password?: PasswordState
}

/** `account list`: printed as it is read, however many there are. */
export function listCommand(account: CliCommand): void {
  const list = account
    .command('list')
    .description('list accounts, oldest first, imported ones by their old ids')
    .option('--email <prefix>', 'only those whose e-mail address begins with this')
    .option('--disabled', 'only those that are disabled')
    .addOption(
      new Option('--password <state>', 'only those whose password is kept so').choices(passwordStates),
    )
    .option(
      '--since <time>',
      'only those created since then: 2026-01-31, 12h, 7d',
      timeArgument(account.outside.now),
    )
  eitherWay(list, {
    here: ({ email, disabled, since, password }: ListOptions, command: CliCommand) =>
      withRealm(command, 'read', async (ctx) => {
        const only = {
          emailPrefix: email,
          isDisabled: disabled,
          createdSince: since,
          passwordState: password,
        }
        const accounts = listAccounts(ctx, only)
        await printRows(command, accounts, { present: presentAccount, lineOf })
      }),
    there: listThere,
  })
}

/** `account show`: one account, with what it has beside its row. */
export function showCommand(account: CliCommand): void {
  const show = account
    .command('show <account>')
    .description('show an account, by id, e-mail address, user name or phone number')
  eitherWay(show, {
    here: onAccount('read', async (ctx, account, { command }) => {
      const shown = {
        ...presentAccount(account),
        hasSecondFactor: await hasSecondFactor(ctx, account.id),
        liveSessions: await countLiveSessions(ctx, account),
      }
      printResult(command, shown, fieldLines(shown))
    }),
    there: showThere,
  })
}

function lineOf({ id, email, username, phone, createdAt, disabledAt }: Record<string, unknown>): string {
  return fieldText({ id, createdAt, state: disabledAt ? 'disabled' : 'enabled ', email, username, phone })
}
