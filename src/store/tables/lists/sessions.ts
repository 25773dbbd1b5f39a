import { type RawBuilder, type SqlBool, sql } from 'kysely'
import { literal } from '../../literal.ts'
import type { SessionRow } from '../../schema.ts'
import type { Database } from '../../types.ts'
import { lowestIdAt } from '../time-ordered-ids.ts'
import { byBytes } from './by-bytes.ts'
import { type Part, type Reading, readList } from './read-list.ts'

/** Which live sessions are asked for: all that meet every condition given. */
export interface LiveFilter {
  dialect?: string
  /** Of that dialect. */
  clientId?: string
  ip?: string
  /** Opened then or later, in epoch milliseconds. */
  since?: number
}

interface LiveSessions {
  realm: string
  now: number
  filter: LiveFilter
}

/** Live sessions of one realm, the one that was opened last first. `from` is an id. */
export function liveSessions(
  db: Database,
  { realm, now, filter, ...reading }: LiveSessions & Reading,
): Promise<Part<SessionRow>> {
  const key = byBytes(db, 'id')
  return readList(db, 'sessions', {
    ...reading,
    ...conditions(db, { realm, now, filter }),
    key,
    isDescending: true,
  })
}

/** How many live sessions there are, as far as `most`. */
export async function countLiveSessions(
  db: Database,
  { most, ...list }: LiveSessions & { most: number },
): Promise<number> {
  const { where, only } = conditions(db, list)
  const some = sql`select 1 as one from sessions where ${sql.join([...where, ...only], sql` and `)} limit ${literal(most)}`
  const counted = await sql<{ count: number }>`select count(*) as count from (${some}) as some`.execute(db)
  return Number(counted.rows[0]?.count ?? 0)
}

/** The index of the narrowest condition knows some, and the rest is looked at. */
function conditions(db: Database, { realm, now, filter: { dialect, clientId, ip, since } }: LiveSessions) {
  const where: RawBuilder<SqlBool>[] = [sql`realm = ${realm}`, sql`ended_at is null`]
  const only: RawBuilder<SqlBool>[] = [sql`idle_expires_at > ${now}`]
  // Ids begin with the time.
  if (since !== undefined) where.push(sql`${byBytes(db, 'id')} >= ${lowestIdAt(since)}`)
  if (ip !== undefined) where.push(sql`ip = ${ip}`)
  const isOfClient = ip === undefined && dialect !== undefined && clientId !== undefined
  if (dialect !== undefined) (isOfClient ? where : only).push(sql`dialect = ${dialect}`)
  if (clientId !== undefined) (isOfClient ? where : only).push(sql`client_id = ${clientId}`)
  const index = ip !== undefined ? 'sessions_of_ip' : isOfClient ? 'sessions_of_client' : 'sessions_listed'
  return { index, where, only }
}
