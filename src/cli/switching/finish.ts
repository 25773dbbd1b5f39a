import { finishSwitching } from '../../core/switching/finish.ts'
import { switchingStatus } from '../../core/switching/status.ts'
import type { CliCommand } from '../cli-command.ts'
import { CommandError } from '../failure.ts'
import { realmOption, withRealm } from '../realm.ts'
import { confirm } from '../terminal/ask.ts'
import { printResult } from '../terminal/print.ts'

/** `switching finish`: nobody waits for the old server of a door any more. */
export function addFinishCommand(parent: CliCommand): void {
  parent
    .command('finish <dialect>')
    .description(
      'have nobody wait for the old server of a door any more: who is pending sets a new password by mail',
    )
    .addOption(realmOption())
    .option('--yes', 'do not ask for confirmation')
    .action(finish)
}

async function finish(dialect: string, { yes }: { yes?: boolean }, command: CliCommand): Promise<void> {
  await withRealm(command, 'change', async (ctx) => {
    const { doors } = await switchingStatus(ctx)
    const door = doors.find((door) => door.dialect === dialect)
    const pending = door?.pending ?? 0
    const recent = door?.seen.at(-1)
    const seen = recent ? ` (${recent.pending} of them were seen in the last ${recent.days} days)` : ''
    const question =
      `Leave ${pending} accounts of realm ${ctx.realm.name}${seen} without a password? ` +
      `They can get a new one by mail; the old server of ${dialect} is not asked for them again.`
    if (!yes && !(await confirm(command.outside, question))) throw new CommandError('nothing was changed')
    const finished = await finishSwitching(ctx, dialect)
    printResult(command, { realm: ctx.realm.name, dialect, finished }, [
      `${finished} accounts of ${dialect} no longer wait for its old server`,
      'who has no password: manydoors account list --password none',
      'a mail with a link to set one: manydoors account reset ACCOUNT',
    ])
  })
}
