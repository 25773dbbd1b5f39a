import type { Database } from './database.ts'
import type { LastingKeyRow } from './schema.ts'
import { countRows, isSealedUnder, type SealedTexts } from './sealed.ts'

export type LastingKeys = ReturnType<typeof lastingKeys>

/** Keys derived from former master keys that outlive these, sealed before they come here. */
export function lastingKeys(db: Database) {
  const sealedTexts: SealedTexts = {
    sealedUnder: (keyIds, { after, most }) =>
      db
        .selectFrom('lasting_keys')
        .select(['id', 'keys_sealed as sealed'])
        .where(isSealedUnder(keyIds))
        .where('id', '>', after)
        .orderBy('id')
        .limit(most)
        .execute(),

    reseal: async ({ id, sealed }, next) => {
      const resealed = await db
        .updateTable('lasting_keys')
        .set({ keys_sealed: next.sealed, sealed_under: next.keyId })
        .where('id', '=', id)
        .where('keys_sealed', '=', sealed)
        .returning('id')
        .executeTakeFirst()
      return resealed !== undefined
    },

    countSealed: () =>
      db
        .selectFrom('lasting_keys')
        .select(['sealed_under as keyId', countRows])
        .groupBy('sealed_under')
        .execute(),
  }

  return {
    ...sealedTexts,

    list: (): Promise<LastingKeyRow[]> => db.selectFrom('lasting_keys').selectAll().execute(),

    /** Does nothing when another node has kept those already. */
    add: async (key: LastingKeyRow): Promise<void> => {
      await db
        .insertInto('lasting_keys')
        .values(key)
        .onConflict((conflict) => conflict.doNothing())
        .execute()
    },
  }
}
