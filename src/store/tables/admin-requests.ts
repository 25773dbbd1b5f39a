import type { AdminRequestRow } from '../schema.ts'
import type { Database } from '../types.ts'

/** What programs have asked for under a key of theirs; neither the key nor what was said can be read from it. */
export function adminRequests(db: Database, realm: string) {
  const at = (id: string) => ({ realm, id })
  return {
    /** Keeps that a request has begun, and says whether it is the first of its id that has not expired. */
    begin: async (request: Omit<AdminRequestRow, 'realm' | 'answer'>): Promise<boolean> => {
      const begun = db
        .insertInto('admin_requests')
        .values({ ...request, realm, answer: null })
        .onConflict((conflict) =>
          conflict
            .columns(['realm', 'id'])
            .doUpdateSet({ ...request, answer: null })
            .where('admin_requests.expires_at', '<=', request.created_at),
        )
        .returning('id')
      return (await begun.executeTakeFirst()) !== undefined
    },

    byId: (id: string): Promise<AdminRequestRow | undefined> =>
      db
        .selectFrom('admin_requests')
        .selectAll()
        .where((eb) => eb.and(at(id)))
        .executeTakeFirst(),

    /** Keeps what a request was answered. */
    finish: async (id: string, answer: string): Promise<void> => {
      await db
        .updateTable('admin_requests')
        .set({ answer })
        .where((eb) => eb.and(at(id)))
        .execute()
    },

    /** Forgets a request that has changed nothing. */
    forget: async (id: string): Promise<void> => {
      await db
        .deleteFrom('admin_requests')
        .where((eb) => eb.and(at(id)))
        .execute()
    },
  }
}
