import { type RawBuilder, sql } from 'kysely'
import { countDeleted } from '../tables/rows.ts'
import type { Database } from '../types.ts'

/** Removes what operators need no more; `free` passes over rows that another node is about to remove. */
export function operationsPruning(db: Database, free: RawBuilder<unknown>) {
  return {
    /** Blocks that had ended before that time. */
    blocks: (before: number, max: number): Promise<number> => {
      const old = db
        .selectFrom('blocks')
        .select(['realm', 'range'])
        .where('ends_at', '<', before)
        .orderBy('ends_at')
        .limit(max)
        .modifyEnd(free)
      return countDeleted(
        db
          .deleteFrom('blocks')
          .where(({ refTuple }) => sql<boolean>`${refTuple('realm', 'range')} in ${old}`)
          // Again, for one that is made longer at this moment.
          .where('ends_at', '<', before),
      )
    },

    /** What was counted in minutes before that time. */
    traffic: (before: number, max: number): Promise<number> => {
      const columns = ['realm', 'minute', 'node', 'dialect', 'kind'] as const
      const old = db
        .selectFrom('traffic')
        .select(columns)
        .where('minute', '<', before)
        .orderBy('minute')
        .limit(max)
        .modifyEnd(free)
      return countDeleted(
        db.deleteFrom('traffic').where(({ refTuple }) => sql<boolean>`${refTuple(...columns)} in ${old}`),
      )
    },

    /** Processes that have not been seen since that time: they were killed. */
    nodes: (before: number): Promise<number> =>
      countDeleted(db.deleteFrom('nodes').where('seen_at', '<', before)),
  }
}
