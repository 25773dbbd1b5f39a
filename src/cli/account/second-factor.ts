import { removeSecondFactor } from '../../core/accounts/admin.ts'
import { senderOf } from '../../core/accounts/sender.ts'
import type { CliCommand } from '../cli-command.ts'
import { CommandError } from '../failure.ts'
import { onAccount } from '../realm.ts'
import { printResult } from '../terminal/print.ts'
import { readReason } from './reason.ts'

/** `account remove-second-factor`: for an owner who has lost it, and has shown otherwise who they are. */
export function removeSecondFactorCommand(account: CliCommand): void {
  account
    .command('remove-second-factor <account>')
    .description('remove the second factor of an account, end all its sessions and tell its owner')
    .requiredOption('--reason <text>', 'why, for the audit trail', readReason)
    .action(
      onAccount<{ reason: string }>('change', async (ctx, account, { options: { reason }, command }) => {
        const { id, email } = account
        const { brand } = await senderOf(ctx, account)
        if (!(await removeSecondFactor(ctx, id, { reason, brand })))
          throw new CommandError(`${id} has no second factor`)
        printResult(command, { id, secondFactorRemoved: true, sentTo: email ?? undefined }, [
          `${id} has no second factor any more; its sessions have ended`,
          email === null
            ? 'it has no e-mail address, so no mail is sent'
            : `a mail to ${email} waits to be sent by a running server`,
        ])
      }),
    )
}
