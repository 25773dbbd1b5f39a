import { say } from '../../admin/findings.ts'
import type { Config } from '../../config/config.ts'
import {
  countMasterKeyUse,
  isRemovable,
  type MasterKeyUse,
  sealedTexts,
} from '../../core/keys/master-key-use.ts'
import { deriveSecrets } from '../../core/keys/secrets.ts'
import { readMasterKeys } from '../../server/master-key-file.ts'
import { realmStore } from '../../store/store.ts'
import { retainedKeys } from '../../store/tables/retained-keys.ts'
import type { Database } from '../../store/types.ts'
import { type Finding, ok, problem, warning } from './check.ts'

/** Whether everything was made under a master key that is configured, and how far the change to a new one is. */
export async function checkMasterKeyUse(config: Config, db: Database, now: () => number): Promise<Finding> {
  const masterKeys = await readMasterKeys(config)
  if (!masterKeys) return ok(say('there is none yet'))
  const realms = [...config.realms, config.operators].map(({ name }) => ({
    store: realmStore(db, name),
    now,
  }))
  const uses = await countMasterKeyUse(deriveSecrets(masterKeys), realms, retainedKeys(db))
  const given = uses.filter(({ role }) => role !== 'gone').map(({ id, role }) => `${id} (${role})`)
  return judgeMissing(uses) ?? judgePrevious(uses) ?? ok(say('{keys}', { keys: given.join(', ') }))
}

function judgeMissing(uses: MasterKeyUse[]): Finding | undefined {
  const missing = uses.filter((use) => use.role === 'gone' && sealedTexts(use) > 0)
  if (missing.length === 0) return undefined
  const keys = missing.map((use) => `${use.id} (${sealedTexts(use)})`).join(', ')
  return problem(
    say('missing, each with so many texts under it: {keys}', { keys }),
    say('give it in MANYDOORS_SECRET_PREVIOUS'),
  )
}

function judgePrevious(uses: MasterKeyUse[]): Finding | undefined {
  const previous = uses.filter(({ role }) => role === 'previous')
  const [first] = previous
  if (!first) return undefined
  const waiting = previous.reduce((sum, use) => sum + sealedTexts(use), 0)
  if (waiting > 0)
    return warning(
      say('texts under a previous key: {waiting}', { waiting }),
      say('servers seal them anew, or `manydoors keys reseal`'),
    )
  const sessions = previous.reduce((sum, use) => sum + use.sessions, 0)
  return previous.every(isRemovable)
    ? warning(
        say('sessions under a previous key: {sessions}', { sessions }),
        say('take what is in MANYDOORS_SECRET_PREVIOUS out of it'),
      )
    : ok(say('sessions under a previous key: {sessions}; `manydoors keys list` says more', { sessions }))
}
