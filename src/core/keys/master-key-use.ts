import type { RetainedKeyStore } from '../../store/tables/retained-keys.ts'
import type { KeyCount } from '../../store/tables/sealed.ts'
import type { RealmContext } from '../context.ts'
import type { Secrets } from './secrets.ts'

/** What still rests on one master key. */
export interface MasterKeyUse {
  id: string
  /** `gone`: something was made under it, and this server has not been given it. */
  role: 'primary' | 'next' | 'previous' | 'gone'
  /** Texts that nobody can open without it. */
  signingKeys: number
  authenticators: number
  hashSecrets: number
  lastingKeys: number
  /** Codes, grants and the like of OpenID Connect that have not expired. */
  openidArtifacts: number
  /** What requests to endpoints of webhooks are signed with. */
  webhookSecrets: number
  /** Live sessions that end when it goes, as their clients hold refresh tokens made under it. */
  sessions: number
  /** When the last of them will have ended at the latest; epoch milliseconds. */
  sessionsEndAt: number | undefined
  /** Recovery codes made under it. They outlive a previous one. */
  recoveryCodes: number
}

const unsealed = {
  signingKeys: 0,
  authenticators: 0,
  hashSecrets: 0,
  lastingKeys: 0,
  openidArtifacts: 0,
  webhookSecrets: 0,
}
const nothing = { ...unsealed, sessions: 0, sessionsEndAt: undefined, recoveryCodes: 0 }

/** What rests on each master key, in all realms together: the primary one, then the others. */
export async function countMasterKeyUse(
  secrets: Secrets,
  realms: Iterable<Pick<RealmContext, 'store' | 'now'>>,
  store: RetainedKeyStore,
): Promise<MasterKeyUse[]> {
  const uses = new Map<string, MasterKeyUse>()
  const add = (id: string, role: MasterKeyUse['role']) => uses.set(id, { ...nothing, id, role })
  add(secrets.primaryId, 'primary')
  for (const id of secrets.nextIds) add(id, 'next')
  for (const id of secrets.previousIds) add(id, 'previous')
  const useOf = ({ keyId: id }: KeyCount): MasterKeyUse => {
    if (!uses.has(id)) add(id, 'gone')
    return uses.get(id) as MasterKeyUse
  }

  for (const count of await store.countSealed(0)) useOf(count).lastingKeys += count.count
  for (const { store, now } of realms) {
    const sealed = [
      ['signingKeys', store.signingKeys],
      ['authenticators', store.totp],
      ['authenticators', store.authenticators],
      ['hashSecrets', store.hashSecrets],
      ['openidArtifacts', store.openidArtifacts],
      ['webhookSecrets', store.webhookSecrets],
    ] as const
    for (const [what, texts] of sealed)
      for (const count of await texts.countSealed(now())) useOf(count)[what] += count.count
    for (const count of await store.recoveryCodes.countHashed()) useOf(count).recoveryCodes += count.count
    for (const count of await store.sessions.countLive(now())) {
      const use = useOf(count)
      use.sessions += count.count
      use.sessionsEndAt = Math.max(use.sessionsEndAt ?? 0, count.lastEnd)
    }
  }
  return [...uses.values()]
}

/** How many texts nobody can open without this key. */
export function sealedTexts(use: Pick<MasterKeyUse, keyof typeof unsealed>): number {
  const kinds = Object.keys(unsealed) as (keyof typeof unsealed)[]
  return kinds.reduce((sum, kind) => sum + use[kind], 0)
}

/** Whether the key can be taken away without anybody being signed out. */
export function isRemovable(use: MasterKeyUse): boolean {
  return use.role === 'previous' && sealedTexts(use) === 0 && use.sessions === 0
}
