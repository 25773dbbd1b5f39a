import { sql } from 'kysely'
import { literal } from '../../literal.ts'
import type { Database } from '../../types.ts'
import { lowestIdAt } from '../time-ordered-ids.ts'

/** No more than this is counted: beyond it, how many there are changes nothing. */
const maxCounted = 1000

/** What of one realm waits for somebody's hand. Each question is answered by an index. */
export function troubles(db: Database, realm: string) {
  return {
    /** How many messages and calls were given up since that time, in epoch milliseconds, up to a thousand. */
    givenUpSince: async (since: number): Promise<number> => {
      const some = db
        .selectFrom('jobs')
        .select('id')
        .where('realm', '=', realm)
        .where('dead_at', 'is not', null)
        .where('dead_at', '>=', since)
        .limit(literal(maxCounted))
      return countOf(db, some)
    },

    /** Since when the job waits that has been due for longest, in epoch milliseconds. */
    dueSince: async (now: number): Promise<number | undefined> => {
      const oldest = await db
        .selectFrom('jobs')
        .select('run_at')
        .where('realm', '=', realm)
        .where('done_at', 'is', null)
        .where('dead_at', 'is', null)
        .where('run_at', '<=', now)
        .orderBy('run_at')
        .limit(literal(1))
        .executeTakeFirst()
      return oldest?.run_at
    },

    /** How many thefts of sessions were seen since that time, in epoch milliseconds, up to a thousand. */
    reusesSince: async (since: number): Promise<number> => {
      const some = db
        .selectFrom('audit')
        .select('id')
        .where('realm', '=', realm)
        // As a parameter it would not be seen to be what the index is of.
        .where('event', '=', sql<string>`'session.reuse_detected'`)
        .where('id', '>=', lowestIdAt(since))
        .limit(literal(maxCounted))
      return countOf(db, some)
    },
  }
}

async function countOf(db: Database, some: { as(name: 'some'): unknown }): Promise<number> {
  const { rows } = await sql<{ count: number | string }>`
    select count(*) as count from ${some.as('some')}`.execute(db)
  return Number(rows[0]?.count ?? 0)
}
