import type { Database } from '../types.ts'

/** What signs people in besides their passwords, of one realm. */
export function waysIn(db: Database, realm: string) {
  return {
    /** Removes the passkeys of an account that were added from that time on, and all of its trusted devices. */
    removeNewer: async (accountId: string, since: number): Promise<void> => {
      await db
        .deleteFrom('passkeys')
        .where((eb) => eb.and({ realm, account_id: accountId }))
        .where('created_at', '>=', since)
        .execute()
      await db
        .deleteFrom('trusted_devices')
        .where((eb) => eb.and({ realm, account_id: accountId }))
        .execute()
    },
  }
}
