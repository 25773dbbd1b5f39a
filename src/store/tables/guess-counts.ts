import { sql } from 'kysely'
import type { Database } from '../types.ts'

/** Failed guesses at short codes, counted for each client of one realm. */
export function guessCounts(db: Database, realm: string) {
  return {
    /**
     * Counts one more guess and returns the count. The row stays locked until the transaction ends, so guesses at
     * one client's codes are judged one after the other.
     */
    add: async (dialect: string, clientId: string): Promise<number> => {
      const { failures } = await db
        .insertInto('guess_counts')
        .values({ realm, dialect, client_id: clientId, failures: 1 })
        .onConflict((conflict) =>
          conflict
            .columns(['realm', 'dialect', 'client_id'])
            .doUpdateSet({ failures: sql`guess_counts.failures + 1` }),
        )
        .returning('failures')
        .executeTakeFirstOrThrow()
      return failures
    },

    /** Refunds one: the guess was right. */
    refund: async (dialect: string, clientId: string): Promise<void> => {
      await db
        .updateTable('guess_counts')
        .set({ failures: sql`failures - 1` })
        .where((eb) => eb.and({ realm, dialect, client_id: clientId }))
        .execute()
    },

    current: async (dialect: string, clientId: string): Promise<number> => {
      const row = await db
        .selectFrom('guess_counts')
        .select('failures')
        .where((eb) => eb.and({ realm, dialect, client_id: clientId }))
        .executeTakeFirst()
      return row?.failures ?? 0
    },
  }
}
