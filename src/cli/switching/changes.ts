import { timeOf } from '../../core/accounts/present.ts'
import { type ChangedAccount, changedSince } from '../../core/switching/changes.ts'
import type { CliCommand } from '../cli-command.ts'
import { realmOption, withRealm } from '../realm.ts'
import { timeArgument } from '../terminal/arguments.ts'
import { fieldText, printRows } from '../terminal/print.ts'

/** `switching changes`: what the old server would have to be told on a way back. */
export function addChangesCommand(parent: CliCommand): void {
  parent
    .command('changes')
    .description('list the accounts that were made here, or whose password, address or factor changed here')
    .addOption(realmOption())
    .requiredOption(
      '--since <time>',
      'only what changed since then: 2026-01-31, 12h, 7d',
      timeArgument(parent.outside.now),
    )
    .action(({ since }: { since: number }, command: CliCommand) =>
      withRealm(command, 'read', async (ctx) => {
        await printRows(command, changedSince(ctx, since), { present: presentChanged, lineOf })
      }),
    )
}

function presentChanged({ id, changed, changedAt, account, links }: ChangedAccount) {
  return {
    id,
    changed,
    changedAt: timeOf(changedAt),
    email: account?.email ?? undefined,
    username: account?.username ?? undefined,
    phone: account?.phone ?? undefined,
    links,
  }
}

function lineOf({ id, changed, changedAt, email, username, phone }: Record<string, unknown>): string {
  return fieldText({ id, changedAt, changed: (changed as string[]).join(','), email, username, phone })
}
