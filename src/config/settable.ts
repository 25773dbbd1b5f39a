import type { Retention } from '../core/audit/retention.ts'
import type { RealmInForce } from '../core/settings/live-realm.ts'
import type { Settable, SettingReading } from '../core/settings/settable.ts'
import { buildRetention, rebuildRealm } from './build-config.ts'
import type { Config } from './config.ts'
import { describeSettings, type EffectiveSetting } from './effective/describe-settings.ts'
import { sourceText, valueIn } from './effective/sources.ts'
import { FileSchema, type Settings } from './schema.ts'
import { findingsOf, type Path, pathText, wordsFor } from './sources/findings.ts'
import { type Section, withValue } from './sources/tree.ts'

/** What may be set of a realm while servers run. The rest of a realm has routes, tokens or keys made of it at the start. */
const ofRealm = [
  'strictPasswords',
  'signUpPage',
  'brand.name',
  'brand.logoUrl',
  'brand.accent',
  'brand.accentDark',
  'brand.helpUrl',
  'brand.privacyUrl',
  'brand.termsUrl',
]

/** What operators may set while servers run, and what the configuration is with that. */
export interface SettableSettings {
  ofRealm(name: string): Settable[]
  ofServer(): Settable[]
  /** A realm with these values, by the names of its settings. */
  realmWith(name: string, values: ReadonlyMap<string, unknown>): RealmInForce
  retentionWith(values: ReadonlyMap<string, unknown>): Retention
}

/** Finds what a configuration leaves to be set. */
export function settableSettings(config: Config): SettableSettings {
  // Only who looks at settings, or has set some, waits for it: there may be hundreds of realms.
  let described: Map<string, EffectiveSetting> | undefined
  const look = () => {
    described ??= new Map(describeSettings(config).map((setting) => [setting.name, setting]))
    return described
  }
  const settable =
    (within: string[]) =>
    (name: string): Settable[] => {
      const path = [...within, ...name.split('.')]
      const setting = look().get(pathText(path))
      return setting ? [asSettable(name, path, setting)] : []
    }
  return {
    ofRealm: (name) => ofRealm.flatMap(settable(['realms', name])),
    ofServer: () => [...look().keys()].filter((name) => name.startsWith('retention.')).flatMap(settable([])),
    realmWith: (name, values) => {
      const { dialects, ...realm } = rebuildRealm(config, name, values)
      const doorPasswords = Object.entries(dialects).map(([dialect, { password }]) => [dialect, password])
      return { ...realm, doorPasswords: Object.fromEntries(doorPasswords) }
    },
    retentionWith: (values) => {
      const { retention } = config.given.settings
      const set = [...values].reduce<Section>((tree, [name, value]) => withValue(tree, name, value), {
        retention,
      })
      return buildRetention(set as Pick<Settings, 'retention'>)
    },
  }
}

function asSettable(name: string, path: Path, setting: EffectiveSetting): Settable {
  const { description = '', value, source } = setting
  const setBy = sourceText(source)
  return {
    name,
    description,
    ...(setting.default !== undefined && { default: setting.default }),
    ...(setBy !== undefined && { setBy: { source: setBy, value: String(value ?? '') } }),
    read: (value) => readAt(path, value),
  }
}

/** Reads one value as the settings file's schema does, in its words where it is wrong. */
function readAt(path: Path, value: unknown): SettingReading {
  const given = withValue({}, path.join('.'), value)
  const { data, error } = FileSchema.safeParse(given, { error: wordsFor })
  if (!error) return { value: valueIn(data, path) }
  return {
    problem: findingsOf(error.issues)
      .map(({ problem }) => problem)
      .join('; '),
  }
}
