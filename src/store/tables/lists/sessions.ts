import { type RawBuilder, type SqlBool, sql } from 'kysely'
import { literal } from '../../literal.ts'
import type { SessionRow } from '../../schema.ts'
import type { Database } from '../../types.ts'
import { lowestIdAt } from '../time-ordered-ids.ts'
import { byBytes } from './by-bytes.ts'
import { inRealm } from './in-realm.ts'
import { type Part, type Reading, readList } from './read-list.ts'

type Condition = RawBuilder<SqlBool>

/** Which live sessions are asked for: all that meet every condition given. */
export interface LiveFilter {
  accountId?: string | undefined
  dialect?: string | undefined
  /** Of that dialect. */
  clientId?: string | undefined
  ip?: string | undefined
  /** Opened then or later, in epoch milliseconds. */
  since?: number | undefined
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
    ...conditions({ realm, now, filter }),
    key,
    isDescending: true,
  })
}

/** How many live sessions there are, as far as `most`. */
export async function countLiveSessions(
  db: Database,
  { most, ...list }: LiveSessions & { most: number },
): Promise<number> {
  const { where, between, only } = conditions(list)
  const since = between.least === undefined ? [] : [sql`${byBytes(db, 'id')} >= ${between.least}`]
  const some = sql`select 1 as one from sessions where ${sql.join([...where, ...since, ...only], sql` and `)} limit ${literal(most)}`
  const counted = await sql<{ count: number }>`select count(*) as count from (${some}) as counted`.execute(db)
  return Number(counted.rows[0]?.count ?? 0)
}

/** The index of the narrowest condition knows some, and the rest is looked at. */
function conditions({ realm, now, filter }: LiveSessions) {
  const { accountId, dialect, clientId, ip, since } = filter
  const index = indexFor(filter)
  const where: Condition[] = [inRealm(realm), sql`ended_at is null`]
  const only: Condition[] = [sql`idle_expires_at > ${now}`]
  // Ids begin with the time.
  const between = { least: since === undefined ? undefined : lowestIdAt(since) }
  const known = (by: string) => (index === by ? where : only)
  if (accountId !== undefined) known('sessions_unended').push(sql`account_id = ${accountId}`)
  if (ip !== undefined) known('sessions_of_ip').push(sql`ip = ${ip}`)
  if (dialect !== undefined) known('sessions_of_client').push(sql`dialect = ${dialect}`)
  if (clientId !== undefined) known('sessions_of_client').push(sql`client_id = ${clientId}`)
  return { index, between, where, only }
}

/** The few sessions of one account are sorted; everything else is in the order of the index. */
function indexFor({ accountId, dialect, clientId, ip }: LiveFilter): string {
  if (accountId !== undefined) return 'sessions_unended'
  if (ip !== undefined) return 'sessions_of_ip'
  return dialect !== undefined && clientId !== undefined ? 'sessions_of_client' : 'sessions_listed'
}
