import { statfs } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { ServerFacts } from '../admin/means.ts'
import type { Config } from '../config/config.ts'
import { openidDoor } from '../core/openid/door.ts'
import { settledRule } from '../limits/settings.ts'

/** What the settings and the machine say, for operators. */
export function serverFacts({ realms, limits, keys, database }: Config): ServerFacts {
  return {
    doorsOf: (name) => {
      const realm = realms.find((realm) => realm.name === name)
      return [...Object.keys(realm?.dialects ?? {}), ...(realm?.openid ? [openidDoor.dialect] : [])]
    },
    settledLimit: (rule) => settledRule(limits, rule),
    rotateKeysEverySeconds: keys.rotateEverySeconds,
    freeDiskBytes: async () => {
      if (database.engine === 'postgres') return undefined
      const { bavail, bsize } = await statfs(dirname(database.path))
      return bavail * bsize
    },
  }
}
