import type { RetainedKeyRow } from '../schema.ts'
import type { Database } from '../types.ts'
import { countRows, type SealedTexts } from './sealed.ts'

export type RetainedKeyStore = ReturnType<typeof retainedKeys>

/** Keys derived from former master keys that outlive these, sealed before they come here. */
export function retainedKeys(db: Database) {
  const sealedTexts: SealedTexts = {
    sealedUnder: (keyIds, { after, max }) =>
      db
        .selectFrom('retained_keys')
        .select(['id', 'keys_sealed as sealed'])
        .where('sealed_under', 'in', keyIds)
        .where('id', '>', after)
        .orderBy('id')
        .limit(max)
        .execute(),

    reseal: async ({ id, sealed }, next) => {
      const resealed = await db
        .updateTable('retained_keys')
        .set({ keys_sealed: next.sealed, sealed_under: next.keyId })
        .where('id', '=', id)
        .where('keys_sealed', '=', sealed)
        .returning('id')
        .executeTakeFirst()
      return resealed !== undefined
    },

    countSealed: () =>
      db
        .selectFrom('retained_keys')
        .select(['sealed_under as keyId', countRows])
        .groupBy('sealed_under')
        .execute(),
  }

  return {
    ...sealedTexts,

    list: (): Promise<RetainedKeyRow[]> => db.selectFrom('retained_keys').selectAll().execute(),

    /** Does nothing when another node has kept those already. */
    add: async (key: RetainedKeyRow): Promise<void> => {
      await db
        .insertInto('retained_keys')
        .values(key)
        .onConflict((conflict) => conflict.doNothing())
        .execute()
    },
  }
}
