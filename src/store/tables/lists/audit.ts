import { type RawBuilder, type SqlBool, sql } from 'kysely'
import { literal } from '../../literal.ts'
import type { AuditRow } from '../../schema.ts'
import type { Database } from '../../types.ts'
import type { AuditPosition, Person } from '../audit.ts'
import { lowestIdAt } from '../time-ordered-ids.ts'
import { byBytes } from './by-bytes.ts'
import { inRealm } from './in-realm.ts'
import { type Part, type Reading, readList } from './read-list.ts'

/** Which rows of the trail are asked for: all that meet every condition given. */
export interface TrailFilter {
  event?: string
  /** Any of these. */
  events?: readonly string[]
  outcome?: string
  ip?: string
  dialect?: string
  clientId?: string
  actor?: string
  /** Epoch milliseconds, both included. */
  since?: number
  until?: number
}

/** By how much the id of a row may be older or newer than the time in it. */
const idSlackMs = 60_000

type Condition = RawBuilder<SqlBool>

/** Rows of one realm's trail, newest first. `from` is an id. */
export function newestAudit(
  db: Database,
  { realm, filter, ...reading }: { realm: string; filter: TrailFilter } & Reading,
): Promise<Part<AuditRow>> {
  const key = byBytes(db, 'id')
  const where: Condition[] = [inRealm(realm)]
  // One of these has an index; what it leaves is looked at.
  const { index, narrow, rest } = split(filter)
  const between = idsBetween(filter)
  const list = { index, between, where: [...where, ...narrow], only: rest, key, isDescending: true }
  return readList(db, 'audit', { ...reading, ...list })
}

/** Rows of one realm's trail that were written at a time or later, newest first. */
export async function freshAudit(
  db: Database,
  { realm, since, max }: { realm: string; since: number; max: number },
): Promise<AuditRow[]> {
  const key = byBytes(db, 'id')
  const where: Condition[] = [inRealm(realm)]
  const between = { least: lowestIdAt(since) }
  return (
    await readList(db, 'audit', { index: 'audit_listed', between, where, key, isDescending: true, max })
  ).rows
}

/** The ids of a time have an index, and begin with the time. */
function idsBetween({ since, until }: TrailFilter) {
  return {
    least: since === undefined ? undefined : lowestIdAt(since - idSlackMs),
    below: until === undefined ? undefined : lowestIdAt(until + idSlackMs),
  }
}

/** The narrowest condition that has an index, and what that leaves. */
function split(filter: TrailFilter): { index: string; narrow: Condition[]; rest: Condition[] } {
  const { actor, ip, event } = filter
  const indexed = [
    { index: 'audit_of_actor', value: actor, condition: sql<SqlBool>`actor = ${actor}` },
    { index: 'audit_of_ip', value: ip, condition: sql<SqlBool>`ip = ${ip}` },
    { index: 'audit_of_event', value: event, condition: sql<SqlBool>`event = ${event}` },
  ].filter(({ value }) => value !== undefined)
  const [first, ...others] = indexed
  const rest = [...others.map(({ condition }) => condition), ...beside(filter)]
  return { index: first?.index ?? 'audit_listed', narrow: first ? [first.condition] : [], rest }
}

/** What no index knows. */
function beside({ events, outcome, dialect, clientId, since, until }: TrailFilter): Condition[] {
  const conditions: Condition[] = []
  if (events !== undefined) conditions.push(sql`event in (${sql.join(events)})`)
  if (outcome !== undefined) conditions.push(sql`outcome = ${outcome}`)
  if (dialect !== undefined) conditions.push(sql`dialect = ${dialect}`)
  if (clientId !== undefined) conditions.push(sql`client_id = ${clientId}`)
  if (since !== undefined) conditions.push(sql`at >= ${since}`)
  if (until !== undefined) conditions.push(sql`at <= ${until}`)
  return conditions
}

interface OfPerson {
  realm: string
  of: Person
  filter: TrailFilter
  from?: AuditPosition
  isUp?: boolean
  max: number
}

/**
 * Rows about one person, newest first: those that name the account, and those that name none but hold what it is called.
 * In the order of time, as the index of an account's rows is.
 */
export async function auditOfPerson(db: Database, { of, max, ...list }: OfPerson): Promise<AuditRow[]> {
  const own = rowsAbout(db, { ...list, max, who: [sql`account_id = ${of.accountId}`] })
  // So written, it invites nobody to read all rows that name no account. An empty list is no SQL.
  const who = () => [
    sql<SqlBool>`subject in (${sql.join(of.subjects)})`,
    sql<SqlBool>`coalesce(account_id, '') = ''`,
  ]
  const named = of.subjects.length > 0 ? rowsAbout(db, { ...list, max, who: who() }) : []
  const rows = (await Promise.all([own, named])).flat()
  const sign = list.isUp ? -1 : 1
  return rows.sort((one, other) => sign * (other.at - one.at || (one.id < other.id ? 1 : -1))).slice(0, max)
}

async function rowsAbout(
  db: Database,
  { realm, who, filter, from, isUp, max }: Omit<OfPerson, 'of'> & { who: Condition[] },
): Promise<AuditRow[]> {
  const { narrow, rest } = split(filter)
  const direction = isUp ? sql`asc` : sql`desc`
  const behind = from && sql<SqlBool>`(at, id) ${isUp ? sql`>` : sql`<`} (${from.at}, ${from.id})`
  const all = [...who, sql<SqlBool>`realm = ${realm}`, ...narrow, ...rest, ...(behind ? [behind] : [])]
  const rows = await sql<AuditRow>`select * from audit where ${sql.join(all, sql` and `)}
    order by at ${direction}, id ${direction} limit ${literal(max)}`.execute(db)
  return rows.rows
}
