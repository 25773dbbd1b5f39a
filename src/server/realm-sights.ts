import type { Means } from '../admin/means.ts'
import type { Config } from '../config/config.ts'
import { countMasterKeyUse } from '../core/keys/master-key-use.ts'
import { retainedKeys } from '../store/tables/retained-keys.ts'
import { clientRules, manifestsOf } from './client-rules.ts'
import { type Core, everyRealm } from './core.ts'

/** What operators see of realms, of the rules for their apps, and of what rests on the master keys. */
export function realmSights(
  config: Config,
  core: Core,
): Pick<Means, 'file' | 'placeOf' | 'clientRules' | 'masterKeyUse'> {
  const { file, realms, smtp } = config
  const manifests = manifestsOf(config)
  return {
    ...(file !== undefined && { file }),
    placeOf: (name) => {
      const realm = realms.find((realm) => realm.name === name)
      const sender = realm?.mailFrom ?? smtp?.from
      return {
        hosts: realm?.hosts ?? [],
        doors: Object.keys(realm?.dialects ?? {}).map((dialect) => ({
          name: dialect,
          prefixes: manifests.get(dialect)?.prefixes ?? [],
        })),
        ...(sender !== undefined && { sender }),
      }
    },
    clientRules: clientRules(config),
    masterKeyUse: () => countMasterKeyUse(core.operators.secrets, everyRealm(core), retainedKeys(core.db)),
  }
}
