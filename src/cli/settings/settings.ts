import { ofRealm, ofServer } from '../../admin/operations/settings/settable.ts'
import { timeOf } from '../../core/accounts/present.ts'
import {
  listSettings,
  resetSetting,
  type SettingRefusal,
  type SettingState,
  type SettingsScope,
  setSetting,
} from '../../core/settings/settings.ts'
import { reasonOption } from '../account/reason.ts'
import type { CliCommand } from '../cli-command.ts'
import { CommandError } from '../failure.ts'
import { realmOption, withRealmAndServer } from '../realm.ts'
import { byOperation, realmThere, withoutNulls } from '../remote/by-operation.ts'
import { eitherWay } from '../remote/either-way.ts'
import type { Remote } from '../remote/remote.ts'
import { alignColumns, printResult } from '../terminal/print.ts'

/** `settings …`: what operators may set while servers run. What the configuration sets stays as it is there. */
export function defineCommand(settings: CliCommand): void {
  const list = settings
    .command('list')
    .description('list what may be set here, what is in force and who has set it')
    .addOption(realmOption())
  eitherWay(list, { here: listHere, there: listThere })
  const set = settings
    .command('set <name> <value>')
    .description('set one, written as in the settings file; running servers know it within seconds')
    .addOption(realmOption())
    .addOption(reasonOption())
  eitherWay(set, {
    here: (name: string, value: string, _options: object, command: CliCommand) =>
      withRealmAndServer(command, 'change', async (contexts) => {
        const scope = scopeOf(name)
        const refusal = await setSetting(contexts[scope], scope, { name, value })
        if (refusal) throw new CommandError(refusalText(name, refusal))
        printSet(command, {}, name, value)
      }),
    there: (remote, name: string, value: string, options: object, command: CliCommand) =>
      byOperation(operationsOn[scopeOf(name)].set, {
        input: (setting: string, value: string) => ({ setting, value }),
        print: printSet,
      })(remote, name, value, options, command),
  })
  const reset = settings
    .command('reset <name>')
    .description('have one be again what the settings file says')
    .addOption(realmOption())
    .addOption(reasonOption())
  eitherWay(reset, {
    here: (name: string, _options: object, command: CliCommand) =>
      withRealmAndServer(command, 'change', async (contexts) => {
        const scope = scopeOf(name)
        if (!(await resetSetting(contexts[scope], scope, name)))
          throw new CommandError(`nobody has set ${name}: manydoors settings list`)
        printReset(command, {}, name)
      }),
    there: (remote, name: string, options: object, command: CliCommand) =>
      byOperation(operationsOn[scopeOf(name)].reset, {
        input: (setting: string) => ({ setting }),
        print: printReset,
      })(remote, name, options, command),
  })
}

const operationsOn = { realm: ofRealm, server: ofServer }

function listHere(_options: object, command: CliCommand): Promise<void> {
  return withRealmAndServer(command, 'read', async ({ realm, server }) => {
    const all = [...(await listSettings(realm, 'realm')), ...(await listSettings(server, 'server'))]
    printSettings(command, realm.realm.name, all.map(presentSetting))
  })
}

async function listThere(remote: Remote, _options: object, command: CliCommand): Promise<void> {
  const at = realmThere(command)
  const ofBoth = [await remote.perform(ofRealm.list, at), await remote.perform(ofServer.list)]
  const all = ofBoth.flatMap(({ items }) => items)
  printSettings(
    command,
    at.realm,
    all.map(({ setHere, ...setting }) => ({
      ...withoutNulls(setting),
      ...(setHere && { setHere: withoutNulls(setHere) }),
    })),
  )
}

function printSettings(command: CliCommand, realm: string, settings: ShownSetting[]): void {
  printResult(command, { realm, settings }, alignColumns(settings.map(rowOf)))
}

function printSet(command: CliCommand, _answer: object, name: string, value: string): void {
  printResult(command, { name, value }, [`${name} is ${value}`])
}

function printReset(command: CliCommand, _answer: object, name: string): void {
  printResult(command, { name }, [`${name} is as in the settings file`])
}

/** What is of the whole server is called as its section of the settings file is. */
function scopeOf(name: string): SettingsScope {
  return name.startsWith('retention.') ? 'server' : 'realm'
}

type ShownSetting = Omit<SettingState, 'setHere'> & {
  setHere?: { value: string; at?: string; actor?: string }
}

function presentSetting({ setHere, ...setting }: SettingState): ShownSetting {
  return { ...setting, ...(setHere && { setHere: { ...setHere, at: timeOf(setHere.at) } }) }
}

function rowOf({ name, setBy, setHere, default: standsIn }: ShownSetting): string[] {
  if (setBy) return [name, setBy.value, setBy.source]
  if (!setHere) return [name, standsIn ?? '-', 'default']
  return [name, setHere.value, `set here${setHere.actor ? ` by ${setHere.actor}` : ''} at ${setHere.at}`]
}

function refusalText(name: string, refusal: SettingRefusal): string {
  if (refusal.why === 'unknown') return `${name} cannot be set here: manydoors settings list`
  return refusal.why === 'set_elsewhere'
    ? `${name} is set by ${refusal.source}, and cannot be set here`
    : `${name} ${refusal.problem}`
}
