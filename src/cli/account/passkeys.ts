import { senderOf } from '../../core/accounts/sender.ts'
import { removePasskeys } from '../../core/passkeys/remove-all.ts'
import type { CliCommand } from '../cli-command.ts'
import { CommandError } from '../failure.ts'
import { onAccount } from '../realm.ts'
import { printResult } from '../terminal/print.ts'
import { readReason } from './reason.ts'

/** `account remove-passkeys`: for an owner whose device is in other hands, and who has shown otherwise who they are. */
export function removePasskeysCommand(account: CliCommand): void {
  account
    .command('remove-passkeys <account>')
    .description('remove all passkeys of an account, end all its sessions and tell its owner')
    .requiredOption('--reason <text>', 'why, for the audit trail', readReason)
    .action(
      onAccount<{ reason: string }>('change', async (ctx, account, { options: { reason }, command }) => {
        const { id, email } = account
        const { brand } = await senderOf(ctx, account)
        const removed = await removePasskeys(ctx, id, { reason, brand })
        if (removed === 0) throw new CommandError(`${id} has no passkey`)
        printResult(command, { id, passkeysRemoved: removed, sentTo: email ?? undefined }, [
          `${id} has no passkey any more (removed: ${removed}); its sessions have ended`,
          email === null
            ? 'it has no e-mail address, so no mail is sent'
            : `mails to ${email} wait to be sent by a running server`,
        ])
      }),
    )
}
