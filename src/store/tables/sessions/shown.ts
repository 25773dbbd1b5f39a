import type { SessionRow } from '../../schema.ts'
import type { Database } from '../../types.ts'
import { updateSession } from './update.ts'

/** What the people of sessions of one realm have shown of who they are. */
export function shownProofs(db: Database, realm: string) {
  return {
    /** Keeps what its person has shown, and when; what is not given stays as it was. */
    noteShown: async (
      id: string,
      shown: Partial<Pick<SessionRow, 'methods' | 'proven_at' | 'second_factor_at'>>,
    ): Promise<void> => {
      await updateSession(db, realm, id).set(shown).execute()
    },

    /** Has every other session of the same account prove anew who is there. */
    forgetOtherProofs: async ({ id, account_id }: Pick<SessionRow, 'id' | 'account_id'>): Promise<void> => {
      await db
        .updateTable('sessions')
        .set({ proven_at: null })
        .where('account_id', '=', account_id)
        .where('realm', '=', realm)
        .where('id', '<>', id)
        .where('proven_at', 'is not', null)
        .execute()
    },
  }
}
