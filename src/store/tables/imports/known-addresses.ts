import type { KnownAddressRow } from '../../schema.ts'
import type { Database } from '../../types.ts'
import { addGiven } from './given-rows.ts'

const columns = { account_id: 'text', ip: 'text', imported_at: 'bigint' } as const

/** The IPs that the accounts of one realm have brought along from other systems. */
export function knownAddresses(db: Database, realm: string) {
  return {
    /** Adds those that are not there. */
    add: async (addresses: Omit<KnownAddressRow, 'realm'>[]): Promise<void> => {
      await addGiven(db, { table: 'known_addresses', realm, columns }, addresses)
    },

    /** Of an account. */
    listOf: (accountId: string): Promise<KnownAddressRow[]> =>
      db
        .selectFrom('known_addresses')
        .selectAll()
        .where('realm', '=', realm)
        .where('account_id', '=', accountId)
        .orderBy('ip')
        .execute(),

    /** Forgets those of an account. */
    removeOf: async (accountId: string): Promise<void> => {
      await db
        .deleteFrom('known_addresses')
        .where('realm', '=', realm)
        .where('account_id', '=', accountId)
        .execute()
    },
  }
}
