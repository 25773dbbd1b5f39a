import { timeOf } from '../../core/accounts/present.ts'
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
import { realmOption, withRealmAndServer } from '../realm.ts'
import { alignColumns, printResult } from '../terminal/print.ts'

/** `settings …`: what operators may set while servers run. What the configuration sets stays as it is there. */
export function defineCommand(settings: CliCommand): void {
  settings
    .command('list')
    .description('list what may be set here, what is in force and who has set it')
    .addOption(realmOption())
    .action((_options: object, command: CliCommand) =>
      withRealmAndServer(command, 'read', async ({ realm, server }) => {
        const all = [...(await listSettings(realm, 'realm')), ...(await listSettings(server, 'server'))]
        printResult(
          command,
          { realm: realm.realm.name, settings: all.map(presentSetting) },
          alignColumns(all.map(rowOf)),
        )
      }),
    )
  settings
    .command('set <name> <value>')
    .description('set one, written as in the settings file; running servers know it within seconds')
    .addOption(realmOption())
    .action((name: string, value: string, _options: object, command: CliCommand) =>
      withRealmAndServer(command, 'change', async (contexts) => {
        const scope = scopeOf(name)
        const refusal = await setSetting(contexts[scope], scope, { name, value })
        if (refusal) throw new CommandError(refusalText(name, refusal))
        printResult(command, { name, value }, [`${name} is ${value}`])
      }),
    )
  settings
    .command('reset <name>')
    .description('have one be again what the settings file says')
    .addOption(realmOption())
    .action((name: string, _options: object, command: CliCommand) =>
      withRealmAndServer(command, 'change', async (contexts) => {
        const scope = scopeOf(name)
        if (!(await resetSetting(contexts[scope], scope, name)))
          throw new CommandError(`nobody has set ${name}: manydoors settings list`)
        printResult(command, { name }, [`${name} is as in the settings file`])
      }),
    )
}

/** What is of the whole server is called as its section of the settings file is. */
function scopeOf(name: string): SettingsScope {
  return name.startsWith('retention.') ? 'server' : 'realm'
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
