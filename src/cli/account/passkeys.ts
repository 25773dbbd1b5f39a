import { removeAllPasskeys } from '../../admin/operations/accounts/actions.ts'
import { senderOf } from '../../core/accounts/sender.ts'
import { removePasskeys } from '../../core/passkeys/remove-all.ts'
import type { CliCommand } from '../cli-command.ts'
import { CommandError } from '../failure.ts'
import { onAccount } from '../realm.ts'
import { onAccountThere } from '../remote/accounts.ts'
import { eitherWay } from '../remote/either-way.ts'
import { printResult } from '../terminal/print.ts'
import { readReason } from './reason.ts'

/** `account remove-passkeys`: for an owner whose device is in other hands, and who has shown otherwise who they are. */
export function removePasskeysCommand(account: CliCommand): void {
  const remove = account
    .command('remove-passkeys <account>')
    .description('remove all passkeys of an account, end all its sessions and tell its owner')
    .requiredOption('--reason <text>', 'why, for the audit trail', readReason)
  eitherWay(remove, {
    here: onAccount<{ reason: string }>('change', async (ctx, account, { options: { reason }, command }) => {
      const { id, email } = account
      const { brand } = await senderOf(ctx, account)
      const removed = await removePasskeys(ctx, id, { reason, brand })
      if (removed === 0) throw new CommandError(`${id} has no passkey`)
      print(command, { id, email, passkeysRemoved: removed })
    }),
    there: onAccountThere(removeAllPasskeys, print),
  })
}

/** A server does not say how many there were. */
function print(
  command: CliCommand,
  { id, email, passkeysRemoved }: { id: string; email: string | null; passkeysRemoved?: number },
): void {
  const many = passkeysRemoved === undefined ? '' : ` (removed: ${passkeysRemoved})`
  printResult(command, { id, passkeysRemoved, sentTo: email ?? undefined }, [
    `${id} has no passkey any more${many}; its sessions have ended`,
    email === null
      ? 'it has no e-mail address, so no mail is sent'
      : `mails to ${email} wait to be sent by a running server`,
  ])
}
