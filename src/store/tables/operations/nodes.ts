import type { NodeRow } from '../../schema.ts'
import type { Database } from '../../types.ts'

/** The processes that serve, of no realm. */
export function nodes(db: Database) {
  return {
    /** Says that a process serves. */
    beat: async ({ id, ...node }: NodeRow): Promise<void> => {
      await db
        .insertInto('nodes')
        .values({ id, ...node })
        .onConflict((conflict) => conflict.column('id').doUpdateSet(node))
        .execute()
    },

    /** Says that a process serves no more. */
    remove: async (id: string): Promise<void> => {
      await db.deleteFrom('nodes').where('id', '=', id).execute()
    },

    /** Those that have served since that time, in epoch milliseconds; the oldest first. */
    seenSince: (time: number): Promise<NodeRow[]> =>
      db
        .selectFrom('nodes')
        .selectAll()
        .where('seen_at', '>=', time)
        .orderBy('started_at')
        .orderBy('id')
        .execute(),
  }
}
