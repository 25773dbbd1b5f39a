import type { Command } from 'commander'
import { createCommand } from './account-create.ts'
import { exportCommand } from './account-export.ts'
import { listCommand, showCommand } from './account-list.ts'
import { resetCommand } from './account-reset.ts'
import { removeSecondFactorCommand } from './account-second-factor.ts'
import { sessionsCommand } from './account-sessions.ts'
import { deleteCommand, disableCommand, enableCommand } from './account-state.ts'
import { realmOption } from './realm.ts'

/** `account …`: the accounts of a realm, while its servers run. */
export function accountCommand(program: Command): void {
  const account = program
    .command('account')
    .description(
      'accounts: create, list, show, disable, enable, delete, reset, sessions, remove-second-factor, export',
    )
    .addOption(realmOption())
  for (const addCommand of [
    createCommand,
    listCommand,
    showCommand,
    disableCommand,
    enableCommand,
    deleteCommand,
    resetCommand,
    sessionsCommand,
    removeSecondFactorCommand,
    exportCommand,
  ])
    addCommand(account)
}
