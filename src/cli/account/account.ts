import type { CliCommand } from '../cli-command.ts'
import { realmOption } from '../realm.ts'
import { createCommand } from './create.ts'
import { exportCommand } from './export.ts'
import { listCommand, showCommand } from './list.ts'
import { removePasskeysCommand } from './passkeys.ts'
import { resetCommand } from './reset.ts'
import { removeSecondFactorCommand } from './second-factor.ts'
import { sessionsCommand } from './sessions.ts'
import { deleteCommand, disableCommand, enableCommand, keepCommand } from './state.ts'

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
    keepCommand,
    resetCommand,
    sessionsCommand,
    removeSecondFactorCommand,
    removePasskeysCommand,
    exportCommand,
  ])
    addCommand(account)
}
