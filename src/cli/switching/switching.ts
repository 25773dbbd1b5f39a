import type { CliCommand } from '../cli-command.ts'
import { addChangesCommand } from './changes.ts'
import { addCheckCommand } from './check.ts'
import { addFinishCommand } from './finish.ts'
import { addStatusCommand } from './status.ts'

/** `switching …`: how far the way from an old server is, whether that can be asked, and the end of it. */
export function defineCommand(switching: CliCommand): void {
  for (const addCommand of [addStatusCommand, addCheckCommand, addFinishCommand, addChangesCommand])
    addCommand(switching)
}
