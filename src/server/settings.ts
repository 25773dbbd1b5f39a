import type { Config } from '../config/config.ts'
import { settableSettings } from '../config/settable.ts'
import type { Retention } from '../core/audit/retention.ts'
import type { Log } from '../core/log.ts'
import { changeRealm, type LiveRealm } from '../core/settings/live-realm.ts'
import type { SettingsHolder } from '../core/settings/settable.ts'
import { applySettings } from '../core/settings/settings.ts'
import type { SettingRow } from '../store/schema.ts'
import { settingsOfAll } from '../store/tables/settings.ts'
import type { Database } from '../store/types.ts'

/** What operators have set of all realms of a process, after the settings file. */
export interface SetSettings {
  /** Those of a realm, which are set in the objects that it is held by. */
  ofRealm(live: LiveRealm): SettingsHolder
  ofServer: SettingsHolder
  /** How long things are kept: one object, in which settings are set. */
  retention: Retention
  /** Has what was stored at the start hold. */
  restore(holder: SettingsHolder): void
  /** Has what other nodes have stored since hold here. */
  reload(holders: Iterable<SettingsHolder>): Promise<void>
}

/**
 * Reads what is stored. Where it cannot be read, as in a database whose tables are older, the settings are those of the
 * configuration until it can.
 */
export async function openSettings(config: Config, db: Database, log: Log): Promise<SetSettings> {
  const settable = settableSettings(config)
  const retention = { ...config.retention }
  const atStart = await settingsOfAll(db).catch((error) => {
    log.warn({ err: error }, 'what operators have set cannot be read: the configuration holds')
    return new Map<string, SettingRow[]>()
  })
  const ofServer: SettingsHolder = {
    realm: '',
    settable: () => settable.ofServer(),
    apply: whenOther((values) => Object.assign(retention, settable.retentionWith(values))),
  }
  applySettings(ofServer, atStart.get('') ?? [])
  return {
    ofRealm: (live) => {
      const { name } = live.realm
      return {
        realm: name,
        settable: () => settable.ofRealm(name),
        apply: whenOther((values) => changeRealm(live, settable.realmWith(name, values))),
      }
    },
    ofServer,
    retention,
    restore: (holder) => applySettings(holder, atStart.get(holder.realm) ?? []),
    reload: async (holders) => {
      const rows = await settingsOfAll(db)
      for (const holder of [ofServer, ...holders]) applySettings(holder, rows.get(holder.realm) ?? [])
    },
  }
}

/** Does nothing where the values are those of the last time; at first there are none. */
function whenOther(apply: SettingsHolder['apply']): SettingsHolder['apply'] {
  let last = '[]'
  return (values) => {
    const wanted = JSON.stringify([...values])
    if (wanted === last) return
    last = wanted
    apply(values)
  }
}
