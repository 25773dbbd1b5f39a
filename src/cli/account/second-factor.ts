import { removeAuthenticator } from '../../admin/operations/accounts/actions.ts'
import { removeSecondFactor } from '../../core/accounts/admin.ts'
import { senderOf } from '../../core/accounts/sender.ts'
import type { CliCommand } from '../cli-command.ts'
import { CommandError } from '../failure.ts'
import { onAccount } from '../realm.ts'
import { onAccountThere } from '../remote/accounts.ts'
import { eitherWay } from '../remote/either-way.ts'
import { printResult } from '../terminal/print.ts'
import { readReason } from './reason.ts'

/** `account remove-second-factor`: for an owner who has lost it, and has shown otherwise who they are. */
export function removeSecondFactorCommand(account: CliCommand): void {
  const remove = account
    .command('remove-second-factor <account>')
    .description('remove the second factor of an account, end all its sessions and tell its owner')
    .requiredOption('--reason <text>', 'why, for the audit trail', readReason)
  eitherWay(remove, {
    here: onAccount<{ reason: string }>('change', async (ctx, account, { options: { reason }, command }) => {
      const { brand } = await senderOf(ctx, account)
      if (!(await removeSecondFactor(ctx, account.id, { reason, brand })))
        throw new CommandError(`${account.id} has no second factor`)
      print(command, account)
    }),
    there: onAccountThere(removeAuthenticator, print),
  })
}

function print(command: CliCommand, { id, email }: { id: string; email: string | null }): void {
  printResult(command, { id, secondFactorRemoved: true, sentTo: email ?? undefined }, [
    `${id} has no second factor any more; its sessions have ended`,
    email === null
      ? 'it has no e-mail address, so no mail is sent'
      : `a mail to ${email} waits to be sent by a running server`,
  ])
}
