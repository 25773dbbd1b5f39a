import type { Database } from './database.ts'
import type { SigningKeyRow } from './schema.ts'

export type SigningKeys = ReturnType<typeof signingKeys>

/** The key pairs of one realm; private halves are sealed before they come here. */
export function signingKeys(db: Database, realm: string) {
  return {
    list: (): Promise<SigningKeyRow[]> =>
      db.selectFrom('signing_keys').selectAll().where('realm', '=', realm).orderBy('sequence').execute(),

    /** Adds a key at its place in the sequence; does nothing when another node has put one there already. */
    add: async (key: Omit<SigningKeyRow, 'realm'>): Promise<void> => {
      await db
        .insertInto('signing_keys')
        .values({ ...key, realm })
        .onConflict((conflict) => conflict.doNothing())
        .execute()
    },
  }
}
