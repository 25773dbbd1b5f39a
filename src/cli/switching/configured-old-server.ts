import type { Config } from '../../config/config.ts'
import type { SwitchingConfig } from '../../config/sections/switching.ts'
import type { RealmContext } from '../../core/context.ts'
import { dialects } from '../../dialects/registry.ts'
import { openOldServer } from '../../server/old-servers.ts'
import type { OldServer } from '../../upstream/old-server.ts'
import { CommandError } from '../failure.ts'

/** The old server of a door, as it is set. */
export interface ConfiguredOldServer {
  realm: string
  dialect: string
  switching: SwitchingConfig
  /** To be asked one question after the other, as fast as it answers. The caller closes it. Throws `ConfigError`. */
  open(randomBytes: RealmContext['randomBytes']): OldServer
}

/** The old server that is meant: the only one, where nothing more is said. Throws `CommandError` for none and several. */
export function configuredOldServer(
  config: Config,
  wanted: { realm?: string; dialect?: string },
): ConfiguredOldServer {
  const all = oldServersIn(config)
  const found = all.filter(
    ({ realm, dialect }) => realm === (wanted.realm ?? realm) && dialect === (wanted.dialect ?? dialect),
  )
  const [only, ...others] = found
  if (only && others.length === 0) return only
  const names = (only ? found : all).map(({ realm, dialect }) => `${dialect} of realm ${realm}`).join(', ')
  if (only) throw new CommandError(`say which one is meant: ${names}`)
  throw new CommandError(
    all.length === 0
      ? 'no door has an old server in the settings: dialects.<name>.switching'
      : `that door has no old server in the settings, but these have: ${names}`,
  )
}

function oldServersIn({ realms, loadedDialects }: Config): ConfiguredOldServer[] {
  const known = [...dialects, ...loadedDialects]
  return realms.flatMap(({ name: realm, dialects: doors }) =>
    known.flatMap((dialect) => {
      const door = { realm, dialect: dialect.door.dialect }
      const { settings, switching } = doors[door.dialect] ?? {}
      if (!switching) return []
      // What it allows is to be found, and not what we allow ourselves.
      const unbounded = { ...switching, concurrency: 1, perMinute: Number.MAX_SAFE_INTEGER }
      const open: ConfiguredOldServer['open'] = (randomBytes) =>
        openOldServer(door, { dialect, settings, switching: unbounded }, { randomBytes })
      return [{ ...door, switching, open }]
    }),
  )
}
