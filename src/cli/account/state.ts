import * as operations from '../../admin/operations/accounts/actions.ts'
import { disableAccount, enableAccount } from '../../core/accounts/admin.ts'
import { eraseAccount } from '../../core/accounts/erasure.ts'
import { stopDeletionByHand } from '../../core/self-service/deletion.ts'
import type { CliCommand } from '../cli-command.ts'
import { CommandError } from '../failure.ts'
import { onAccount } from '../realm.ts'
import { deleteThere, onAccountThere } from '../remote/accounts.ts'
import { eitherWay } from '../remote/either-way.ts'
import { confirm } from '../terminal/ask.ts'
import { printResult } from '../terminal/print.ts'
import { reasonOption } from './reason.ts'

/** `account disable`: nobody gets in any more, and all sessions end at once. */
export function disableCommand(account: CliCommand): void {
  const disable = account
    .command('disable <account>')
    .description('disable an account and end all its sessions')
    .addOption(reasonOption())
  eitherWay(disable, {
    here: onAccount('change', async (ctx, { id }, { command }) => {
      const wasChanged = (await disableAccount(ctx, id)) !== undefined
      printResult(command, { id, disabled: true, wasChanged }, [
        wasChanged ? `${id} is disabled; its sessions have ended` : `${id} was disabled already`,
      ])
    }),
    there: onAccountThere(operations.disable, (command, { id }) =>
      printResult(command, { id, disabled: true, wasChanged: true }, [
        `${id} is disabled; its sessions have ended`,
      ]),
    ),
  })
}

/** `account enable`: its owner may sign in again. */
export function enableCommand(account: CliCommand): void {
  const enable = account
    .command('enable <account>')
    .description('enable an account that was disabled')
    .addOption(reasonOption())
  eitherWay(enable, {
    here: onAccount('change', async (ctx, { id }, { command }) => {
      const wasChanged = (await enableAccount(ctx, id)) !== undefined
      printResult(command, { id, disabled: false, wasChanged }, [
        wasChanged ? `${id} is enabled` : `${id} was not disabled`,
      ])
    }),
    there: onAccountThere(operations.enable, (command, { id }) =>
      printResult(command, { id, disabled: false, wasChanged: true }, [`${id} is enabled`]),
    ),
  })
}

/** `account keep`: stops a deletion that the owner has asked for. */
export function keepCommand(account: CliCommand): void {
  account
    .command('keep <account>')
    .description('stop the deletion of an account that its owner has asked for')
    .action(
      onAccount('change', async (ctx, { id }, { command }) => {
        const wasChanged = await stopDeletionByHand(ctx, id)
        printResult(command, { id, kept: true, wasChanged }, [
          wasChanged ? `${id} is kept; its owner is mailed` : `no deletion of ${id} could be stopped`,
        ])
      }),
    )
}

const tracesLeft =
  'The write-ahead log still holds some of what was deleted, as somebody reads the database, such as a backup; ' +
  'a running server removes it within an hour after that has ended.'

/** `account delete`: for ever, with all that is held of the person. */
export function deleteCommand(account: CliCommand): void {
  const erase = account
    .command('delete <account>')
    .description('delete an account and everything stored about the person')
    .option('--yes', 'do not ask for confirmation')
    .addOption(reasonOption())
  eitherWay(erase, {
    here: onAccount<{ yes?: boolean }>('change', async (ctx, account, { options, command }) => {
      const { id, email, username, phone } = account
      const question = `Delete ${id} (${email ?? username ?? phone}) and everything stored about the person?`
      if (!options.yes && !(await confirm(command.outside, question)))
        throw new CommandError('nothing was deleted')
      const erasure = await eraseAccount(ctx, id)
      if (!erasure) throw new CommandError(`${id} was deleted by somebody else meanwhile`)
      const { pseudonym, leavesTraces } = erasure
      printResult(command, { id, deleted: true, ...erasure }, [
        `${id} is deleted; the audit trail knows it as ${pseudonym}`,
        ...(leavesTraces ? [tracesLeft] : []),
      ])
    }),
    there: deleteThere,
  })
}
