import { listAccounts } from '../../core/accounts/admin.ts'
import { presentAccount } from '../../core/accounts/present.ts'
import type { RealmContext } from '../../core/context.ts'
import { countLiveSessions } from '../../core/sessions/account-sessions.ts'
import { hasSecondFactor } from '../../core/sign-in/second-factor.ts'
import type { AccountRow } from '../../store/schema.ts'
import type { CliCommand } from '../cli-command.ts'
import { accountOf, withRealmToRead } from '../realm.ts'
import { printResult } from '../terminal/print.ts'
import { fieldLines, fieldText, printRows } from '../terminal/print-rows.ts'
import { readTime } from '../terminal/times.ts'

interface ListOptions {
  email?: string
  disabled?: boolean
  since?: number
}

/** `account list`: printed as it is read, however many there are. */
export function listCommand(account: CliCommand): void {
  account
    .command('list')
    .description('list accounts, oldest first')
    .option('--email <prefix>', 'only those whose e-mail address begins with this')
    .option('--disabled', 'only those that are disabled')
    .option(
      '--since <time>',
      'only those created since then: 2026-01-31, 12h, 7d',
      readTime(account.outside.now),
    )
    .action(({ email, disabled, since }: ListOptions, command: CliCommand) =>
      withRealmToRead(command, async (ctx) => {
        const accounts = listAccounts(ctx, { emailPrefix: email, isDisabled: disabled, createdSince: since })
        await printRows(command, presentAll(accounts), lineOf)
      }),
    )
}

/** `account show`: one account, with what it has beside its row. */
export function showCommand(account: CliCommand): void {
  account
    .command('show <account>')
    .description('show an account, named by its id, e-mail address, user name or phone number')
    .action((name: string, _options: object, command: CliCommand) =>
      withRealmToRead(command, async (ctx) => {
        const shown = await showAccount(ctx, await accountOf(ctx, name))
        printResult(command, shown, fieldLines(shown))
      }),
    )
}

async function showAccount(ctx: RealmContext, account: AccountRow): Promise<Record<string, unknown>> {
  return {
    ...presentAccount(account),
    hasSecondFactor: await hasSecondFactor(ctx, account.id),
    liveSessions: await countLiveSessions(ctx, account),
  }
}

async function* presentAll(accounts: AsyncIterable<AccountRow>) {
  for await (const account of accounts) yield presentAccount(account)
}

function lineOf({ id, email, username, phone, createdAt, disabledAt }: Record<string, unknown>): string {
  return fieldText({ id, createdAt, state: disabledAt ? 'disabled' : 'enabled ', email, username, phone })
}
