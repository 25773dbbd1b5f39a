import { sql } from 'kysely'
import { engineOf } from '../engine-of.ts'
import { lowestIdAt } from '../tables/time-ordered-ids.ts'
import type { Database } from '../types.ts'

export type Pruning = ReturnType<typeof pruning>

/**
 * Removes what is over, in all realms. Each call is one short statement that takes at most so many rows and says how
 * many it took; times are epoch milliseconds. Nodes that prune at once take different rows.
 */
export function pruning(db: Database) {
  /** Writers are alone on SQLite; on PostgreSQL what another node is about to remove is passed over. */
  const free = engineOf(db) === 'postgres' ? sql`for update skip locked` : sql``

  const oldJobs = async (end: 'done_at' | 'dead_at', before: number, max: number): Promise<number> => {
    const old = db
      .selectFrom('jobs')
      .select('id')
      .where(end, 'is not', null)
      .where(end, '<', before)
      .orderBy(end)
      .limit(max)
      .modifyEnd(free)
    const { numDeletedRows } = await db.deleteFrom('jobs').where('id', 'in', old).executeTakeFirst()
    return Number(numDeletedRows)
  }

  return {
    /** Tickets that expired before that time. */
    tickets: async (before: number, max: number): Promise<number> => {
      const old = db
        .selectFrom('tickets')
        .select(['realm', 'kind', 'subject'])
        .where('expires_at', '<', before)
        .orderBy('expires_at')
        .limit(max)
        .modifyEnd(free)
      const { numDeletedRows } = await db
        .deleteFrom('tickets')
        .where(({ refTuple }) => sql<boolean>`${refTuple('realm', 'kind', 'subject')} in ${old}`)
        .where('expires_at', '<', before)
        .executeTakeFirst()
      return Number(numDeletedRows)
    },

    /** Jobs that were done before that time. */
    doneJobs: (before: number, max: number) => oldJobs('done_at', before, max),

    /** Jobs that were given up before that time. */
    deadJobs: (before: number, max: number) => oldJobs('dead_at', before, max),

    /** Rows of the trail from before that time. */
    audit: async (before: number, max: number): Promise<number> => {
      const old = db
        .selectFrom('audit')
        .select('id')
        .where('id', '<', lowestIdAt(before))
        .orderBy('id')
        .limit(max)
        .modifyEnd(free)
      const { numDeletedRows } = await db.deleteFrom('audit').where('id', 'in', old).executeTakeFirst()
      return Number(numDeletedRows)
    },

    /**
     * Looks at up to `max` sessions behind the id `after`, removes those of them that ended or expired before that
     * time, and returns the last id that it looked at; `undefined` when younger ones are left only.
     */
    sessions: async ({
      after,
      before,
      max,
    }: {
      after: string
      before: number
      max: number
    }): Promise<string | undefined> => {
      const next = await db
        .selectFrom(
          db.selectFrom('sessions').select('id').where('id', '>', after).orderBy('id').limit(max).as('next'),
        )
        .select((eb) => eb.fn.max('id').as('last'))
        .executeTakeFirst()
      if (!next?.last) return undefined
      const youngest = lowestIdAt(before)
      const old = db
        .selectFrom('sessions')
        .select('id')
        .where('id', '>', after)
        .where('id', '<=', next.last < youngest ? next.last : youngest)
        .where((eb) => eb.or([eb('ended_at', '<', before), eb('idle_expires_at', '<', before)]))
        .modifyEnd(free)
      await db.deleteFrom('sessions').where('id', 'in', old).execute()
      return next.last < youngest ? next.last : undefined
    },

    /** Second factors that were begun before that time and never confirmed, with their recovery codes. */
    pendingSecondFactors: (before: number, max: number): Promise<number> =>
      db.transaction().execute(async (db) => {
        const old = db
          .selectFrom('totp')
          .select('account_id')
          .where('confirmed_at', 'is', null)
          .where('created_at', '<', before)
          .orderBy('created_at')
          .limit(max)
          .modifyEnd(free)
        const removed = await db
          .deleteFrom('totp')
          .where('account_id', 'in', old)
          // Again, for one that is confirmed or begun anew at this moment.
          .where('confirmed_at', 'is', null)
          .where('created_at', '<', before)
          .returning('account_id')
          .execute()
        const ids = removed.map(({ account_id }) => account_id)
        if (ids.length > 0) await db.deleteFrom('recovery_codes').where('account_id', 'in', ids).execute()
        return ids.length
      }),

    /** Counts of guesses at clients that are gone, once no ticket of theirs is left for which they matter. */
    guessCounts: async (): Promise<number> => {
      const { numDeletedRows } = await db
        .deleteFrom('guess_counts')
        .where(({ not, exists, selectFrom }) =>
          not(
            exists(
              selectFrom('clients')
                .select('clients.id')
                .whereRef('clients.realm', '=', 'guess_counts.realm')
                .whereRef('clients.dialect', '=', 'guess_counts.dialect')
                .whereRef('clients.id', '=', 'guess_counts.client_id'),
            ),
          ),
        )
        .where(({ not, exists, selectFrom }) =>
          not(
            exists(
              selectFrom('tickets')
                .select('tickets.hash')
                .whereRef('tickets.realm', '=', 'guess_counts.realm')
                .where('tickets.kind', '=', 'reset-code')
                .whereRef('tickets.dialect', '=', 'guess_counts.dialect')
                .whereRef('tickets.client_id', '=', 'guess_counts.client_id'),
            ),
          ),
        )
        .executeTakeFirst()
      return Number(numDeletedRows)
    },
  }
}
