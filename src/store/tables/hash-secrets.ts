import type { HashSecretRow } from '../schema.ts'
import type { Database } from '../types.ts'
import { sealedTexts } from './sealed.ts'

/** The secrets of one realm that hashes of other systems were made with, sealed before they come here. */
export function hashSecrets(db: Database, realm: string) {
  const ours = () => db.selectFrom('hash_secrets').selectAll().where('realm', '=', realm)

  return {
    ...sealedTexts(db, { table: 'hash_secrets', id: 'id', text: 'secret_sealed', realm }),

    list: (): Promise<HashSecretRow[]> => ours().orderBy('id').execute(),

    byId: (id: string): Promise<HashSecretRow | undefined> => ours().where('id', '=', id).executeTakeFirst(),

    /** Does nothing when one of that id is there. */
    add: async (secret: Omit<HashSecretRow, 'realm'>): Promise<void> => {
      const insert = db.insertInto('hash_secrets').values({ ...secret, realm })
      await insert.onConflict((conflict) => conflict.doNothing()).execute()
    },
  }
}
