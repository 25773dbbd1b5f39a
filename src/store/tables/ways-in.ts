import type { Database } from '../types.ts'
import { countDeleted } from './rows.ts'

/** What signs people in besides their passwords, of one realm. */
export function waysIn(db: Database, realm: string) {
  const identitiesOf = (accountId: string) =>
    db
      .deleteFrom('legacy_links')
      .where((eb) => eb.and({ realm, account_id: accountId }))
      .where('source', 'like', 'identity:%')

  return {
    /** Removes what one identity provider calls an account, and says how many names these were. */
    removeIdentities: (accountId: string, source: string): Promise<number> =>
      countDeleted(identitiesOf(accountId).where('source', '=', source)),

    /** Removes what any identity provider calls an account, whoever has brought it. */
    removeAllIdentities: async (accountId: string): Promise<void> => {
      await identitiesOf(accountId).execute()
    },

    /**
     * Removes the passkeys and the identities of an account that were added from that time on, but for those that an import
     * has brought, and all of its trusted devices.
     */
    removeNewer: async (accountId: string, since: number): Promise<void> => {
      await db
        .deleteFrom('passkeys')
        .where((eb) => eb.and({ realm, account_id: accountId }))
        .where('created_at', '>=', since)
        .execute()
      await identitiesOf(accountId).where('run_id', 'is', null).where('linked_at', '>=', since).execute()
      await db
        .deleteFrom('trusted_devices')
        .where((eb) => eb.and({ realm, account_id: accountId }))
        .execute()
    },
  }
}
