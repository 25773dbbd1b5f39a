import type { ExpressionBuilder } from 'kysely'
import type { RecoveryCodeRow, Schema } from '../schema.ts'
import type { Database } from '../types.ts'
import { addGiven } from './imports/given-rows.ts'
import { countRows, type KeyCount } from './sealed.ts'

const columns = { account_id: 'text', hash: 'text', hashed_under: 'text', created_at: 'bigint' } as const

/** The recovery codes of one realm, by their hashes. */
export function recoveryCodes(db: Database, realm: string) {
  const isOf = (accountId: string) => (eb: ExpressionBuilder<Schema, 'recovery_codes'>) =>
    eb.and({ account_id: accountId, realm })
  const removeAll = async (accountId: string): Promise<void> => {
    await db.deleteFrom('recovery_codes').where(isOf(accountId)).execute()
  }

  return {
    removeAll,

    list: (accountId: string): Promise<RecoveryCodeRow[]> =>
      db.selectFrom('recovery_codes').selectAll().where(isOf(accountId)).execute(),

    /** Gives an account these codes and no others; `keyId` is the master key that they were hashed under. */
    replace: async (
      accountId: string,
      { hashes, keyId }: { hashes: string[]; keyId: string },
      now: number,
    ): Promise<void> => {
      await removeAll(accountId)
      const rows = hashes.map((hash) => ({
        realm,
        account_id: accountId,
        hash,
        hashed_under: keyId,
        created_at: now,
      }))
      await db.insertInto('recovery_codes').values(rows).execute()
    },

    /** Adds codes of many accounts. */
    add: async (
      codes: { account_id: string; hash: string; hashed_under: string }[],
      now: number,
    ): Promise<void> => {
      const rows = codes.map((code) => ({ ...code, created_at: now }))
      await addGiven(db, { table: 'recovery_codes', realm, columns }, rows)
    },

    /** Uses up the code that has one of these hashes; of any number of callers one gets it. */
    consume: (accountId: string, hashes: string[], now: number): Promise<RecoveryCodeRow | undefined> =>
      db
        .updateTable('recovery_codes')
        .set({ consumed_at: now })
        .where(isOf(accountId))
        .where('hash', 'in', hashes)
        .where('consumed_at', 'is', null)
        .returningAll()
        .executeTakeFirst(),

    /** Of the codes that are not used up. */
    countHashed: (): Promise<KeyCount[]> =>
      db
        .selectFrom('recovery_codes')
        .select(['hashed_under as keyId', countRows])
        .where('realm', '=', realm)
        .where('consumed_at', 'is', null)
        .groupBy('hashed_under')
        .execute(),
  }
}
