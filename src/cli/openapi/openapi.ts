import pkg from '../../../package.json' with { type: 'json' }
import type { Config, RealmConfig } from '../../config/config.ts'
import { describeDoor } from '../../http/openapi/describe-door.ts'
import { dialectsOf } from '../../server/start-parts.ts'
import type { CliCommand } from '../cli-command.ts'
import { CommandError } from '../failure.ts'
import { realmOption } from '../realm.ts'
import { readConfigFor } from '../with-core.ts'

/** `openapi`: what a door answers, for tools of client developers. It needs no database. */
export function defineCommand(openapi: CliCommand): void {
  openapi
    .argument('<dialect>', 'the door, by the name of its dialect')
    .addOption(realmOption())
    .action(async (name: string, { realm }: { realm?: string }, command: CliCommand) => {
      const config = readConfigFor(command)
      const document = await documentOf(config, realmOf(config, realm), name)
      command.outside.stdout.write(`${JSON.stringify(document, null, 2)}\n`)
    })
}

function realmOf({ realms }: Config, named: string | undefined): RealmConfig {
  const [only, ...others] = realms
  const wanted = named ?? (others.length === 0 ? only?.name : 'main')
  const realm = realms.find(({ name }) => name === wanted)
  if (!realm)
    throw new CommandError(`there is no realm ${wanted}: ${realms.map(({ name }) => name).join(', ')}`)
  return realm
}

/** The document of a door as the realm has set it. */
function documentOf(config: Config, { name: realm, dialects, publicUrl }: RealmConfig, name: string) {
  const door = dialects[name]
  const dialect = dialectsOf(config).find(({ door }) => door.dialect === name)
  if (!door || !dialect)
    throw new CommandError(`realm ${realm} has no door ${name}: ${Object.keys(dialects).join(', ')}`)
  const { settings, password } = door
  return describeDoor({ dialect, settings, lengths: password, url: publicUrl, version: pkg.version })
}
