import { createCommand } from './account-create.ts'
import { exportCommand } from './account-export.ts'
import { listCommand, showCommand } from './account-list.ts'
import { resetCommand } from './account-reset.ts'
import { removeSecondFactorCommand } from './account-second-factor.ts'
import { sessionsCommand } from './account-sessions.ts'
import { deleteCommand, disableCommand, enableCommand } from './account-state.ts'
import type { CliCommand } from './cli-command.ts'
import { realmOption } from './realm.ts'

/** `account …`: the accounts of a realm, while its servers run. */
export function defineCommand(account: CliCommand): void {
  account.addOption(realmOption())
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
