import { randomBytes } from 'node:crypto'
import type { Config } from '../../config/config.ts'
import type { SwitchingConfig } from '../../config/sections/switching.ts'
import type { Upstream } from '../../core/switching/upstream.ts'
import { dialects } from '../../dialects/registry.ts'
import { genericUpstream } from '../../upstream/generic.ts'
import { CommandError } from '../failure.ts'

/** The old server of a door, as it is set. */
export interface ConfiguredOldServer {
  realm: string
  dialect: string
  settings: SwitchingConfig
  /** How it is asked. */
  upstream(): Upstream
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
  return realms.flatMap((realm) =>
    Object.entries(realm.dialects).flatMap(([name, { settings: ofDoor, switching: settings }]) => {
      if (!settings) return []
      const dialect = [...dialects, ...loadedDialects].find(({ door }) => door.dialect === name)
      const { generic, options } = settings
      const upstream = () => {
        if (generic) return genericUpstream(generic)
        if (!dialect?.upstream)
          throw new CommandError(`${name} says not how an old server is asked: set \`generic\``)
        return dialect.upstream(ofDoor, { options, randomBytes })
      }
      return [{ realm: realm.name, dialect: name, settings, upstream }]
    }),
  )
}
