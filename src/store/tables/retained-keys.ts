import type { RetainedKeyRow } from '../schema.ts'
import type { Database } from '../types.ts'
import { sealedTexts } from './sealed.ts'

export type RetainedKeyStore = ReturnType<typeof retainedKeys>

/** Keys derived from former master keys that outlive these, sealed before they come here. */
export function retainedKeys(db: Database) {
  return {
    ...sealedTexts(db, { table: 'retained_keys', id: 'id', text: 'keys_sealed' }),

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
