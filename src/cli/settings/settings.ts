import { timeOf } from '../../core/accounts/present.ts'
import type { RealmContext } from '../../core/context.ts'
import {
  listSettings,
  resetSetting,
  type SettingRefusal,
  type SettingState,
  type SettingsScope,
  setSetting,
} from '../../core/settings/settings.ts'
import type { CliCommand } from '../cli-command.ts'
import { CommandError } from '../failure.ts'
import { realmOption, withRealm } from '../realm.ts'
import { alignColumns, printResult } from '../terminal/print.ts'

/** `settings …`: what operators may set while servers run. What the configuration sets stays as it is there. */
export function defineCommand(settings: CliCommand): void {
  settings
    .command('list')
    .description('list what may be set here, what is in force and who has set it')
    .addOption(realmOption())
    .action((_options: object, command: CliCommand) =>
      withRealm(command, 'read', async (ctx) => {
        const all = await everySetting(ctx)
        printResult(
          command,
          { realm: ctx.realm.name, settings: all.map(presentSetting) },
          alignColumns(all.map(rowOf)),
        )
      }),
    )
  settings
    .command('set <name> <value>')
    .description('set one, written as in the settings file; running servers know it within seconds')
    .addOption(realmOption())
    .action((name: string, value: string, _options: object, command: CliCommand) =>
      withRealm(command, 'change', async (ctx) => {
        const refusal = await setSetting(ctx, scopeOf(name), { name, value })
        if (refusal) throw new CommandError(refusalText(name, refusal))
        printResult(command, { name, value }, [`${name} is ${value}`])
      }),
    )
  settings
    .command('reset <name>')
    .description('have one be again what the settings file says')
    .addOption(realmOption())
    .action((name: string, _options: object, command: CliCommand) =>
      withRealm(command, 'change', async (ctx) => {
        if (!(await resetSetting(ctx, scopeOf(name), name)))
          throw new CommandError(`nobody has set ${name}: manydoors settings list`)
        printResult(command, { name }, [`${name} is as in the settings file`])
      }),
    )
}

/** What is of the whole server is called as its section of the settings file is. */
function scopeOf(name: string): SettingsScope {
  return name.startsWith('retention.') ? 'server' : 'realm'
}

async function everySetting(ctx: RealmContext): Promise<SettingState[]> {
  return [...(await listSettings(ctx, 'realm')), ...(await listSettings(ctx, 'server'))]
}

function presentSetting({ setHere, ...setting }: SettingState) {
  return { ...setting, ...(setHere && { setHere: { ...setHere, at: timeOf(setHere.at) } }) }
}

function rowOf({ name, setBy, setHere, default: standsIn }: SettingState): string[] {
  if (setBy) return [name, setBy.value, setBy.source]
  if (!setHere) return [name, standsIn ?? '-', 'default']
  return [
    name,
    setHere.value,
    `set here${setHere.actor ? ` by ${setHere.actor}` : ''} at ${timeOf(setHere.at)}`,
  ]
}

function refusalText(name: string, refusal: SettingRefusal): string {
  if (refusal.why === 'unknown') return `${name} cannot be set here: manydoors settings list`
  return refusal.why === 'set_elsewhere'
    ? `${name} is set by ${refusal.source}, and cannot be set here`
    : `${name} ${refusal.problem}`
}
