import type { Database } from './database.ts'
import type { RecoveryCodeRow } from './schema.ts'

export type RecoveryCodes = ReturnType<typeof recoveryCodes>

/** The recovery codes of one realm, by their hashes. */
export function recoveryCodes(db: Database, realm: string) {
  const removeAll = async (accountId: string): Promise<void> => {
    await db
      .deleteFrom('recovery_codes')
      .where('account_id', '=', accountId)
      .where('realm', '=', realm)
      .execute()
  }

  return {
    removeAll,

    /** Gives an account these codes and no others. */
    replace: async (accountId: string, hashes: string[], now: number): Promise<void> => {
      await removeAll(accountId)
      const rows = hashes.map((hash) => ({
        realm,
        account_id: accountId,
        hash,
        created_at: now,
        consumed_at: null,
      }))
      await db.insertInto('recovery_codes').values(rows).execute()
    },

    /** Uses a code up; of any number of callers one gets it. */
    consume: (accountId: string, hash: string, now: number): Promise<RecoveryCodeRow | undefined> =>
      db
        .updateTable('recovery_codes')
        .set({ consumed_at: now })
        .where('account_id', '=', accountId)
        .where('realm', '=', realm)
        .where('hash', '=', hash)
        .where('consumed_at', 'is', null)
        .returningAll()
        .executeTakeFirst(),
  }
}
