import { type RawBuilder, sql } from 'kysely'
import { literal } from '../literal.ts'
import type { ClientRow } from '../schema.ts'
import type { Database } from '../types.ts'
import { byBytes } from './lists/by-bytes.ts'
import { lowestIdAt } from './time-ordered-ids.ts'

/** How much there is of what pages tell in a number, in one realm; counting ends at `most`. */
export function counts(db: Database, realm: string) {
  return {
    /** Live sessions of a client. */
    liveSessions: (
      { dialect, id }: Pick<ClientRow, 'dialect' | 'id'>,
      { now, most }: { now: number; most: number },
    ): Promise<number> =>
      count(
        db,
        sql`select 1 as one from sessions where realm = ${realm} and dialect = ${dialect} and client_id = ${id}
          and ended_at is null and idle_expires_at > ${now}`,
        most,
      ),

    /** Rows of the trail about an event since then. Their ids begin with the time. */
    eventsSince: (event: string, { since, most }: { since: number; most: number }): Promise<number> =>
      count(
        db,
        sql`select 1 as one from audit where realm = ${realm} and event = ${event}
          and ${byBytes(db, 'id')} >= ${lowestIdAt(since)}`,
        most,
      ),
  }
}

async function count(db: Database, rows: RawBuilder<unknown>, most: number): Promise<number> {
  const { rows: counted } = await sql<{ count: number }>`
    select count(*) as count from (${rows} limit ${literal(most)}) as counted`.execute(db)
  return Number(counted[0]?.count ?? 0)
}
