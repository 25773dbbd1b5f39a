import { type RawBuilder, type SqlBool, sql } from 'kysely'
import { engineOf } from '../../engine-of.ts'
import { literal } from '../../literal.ts'
import type { JobRow } from '../../schema.ts'
import type { Database } from '../../types.ts'
import { byBytes } from './by-bytes.ts'

/** What becomes of a message: somebody runs it now; it was given up. */
export type MessageState = 'given-up' | 'waiting' | 'running' | 'sent'

/** Where a list of messages goes on: the time that it is in the order of, in epoch milliseconds. */
export interface MessagePosition {
  time: number
  id: string
}

interface MessageList {
  realm: string
  state: MessageState
  kind?: string
  now: number
  from?: MessagePosition
  isUp?: boolean
  max: number
}

/** Deliveries of webhooks are no messages: they have a log of their own, and are sent again there. */
const ofNobody = 'webhook-delivery'

/** Rows that one look reads at most. */
const maxRead = 2_000

type Condition = RawBuilder<SqlBool>

/** By which time each state is listed, by its index, and what else its messages are. */
const lists = {
  'given-up': { time: 'dead_at', isDescending: true },
  waiting: { time: 'run_at', isDescending: false },
  running: { time: 'run_at', isDescending: false },
  sent: { time: 'done_at', isDescending: true },
} as const satisfies Record<MessageState, { time: keyof JobRow; isDescending: boolean }>

/** The time that a message is listed by, in a state. */
export function timeInList(job: JobRow, state: MessageState): number {
  return job[lists[state].time] ?? 0
}

/** Messages of one realm in a state: newest first, but of those that wait the one that is next. */
export async function listMessages(
  db: Database,
  { realm, kind, state, now, from, isUp = false, max }: MessageList,
): Promise<{ rows: JobRow[]; stoppedAt?: MessagePosition }> {
  const { time, isDescending } = lists[state]
  const isDown = isDescending !== isUp
  const direction = isDown ? sql`desc` : sql`asc`
  const order = sql`${sql.ref(time)} ${direction}, id ${direction}`
  const behind =
    from && sql<SqlBool>`(${sql.ref(time)}, id) ${isDown ? sql`<` : sql`>`} (${from.time}, ${from.id})`
  const indexed = [...inIndex(state), ...(behind ? [behind] : [])]
  const read = sql`select * from jobs where ${sql.join(indexed, sql` and `)} order by ${order} limit ${literal(maxRead)}`
  const only = [
    sql`realm = ${realm}`,
    sql`kind <> ${ofNobody}`,
    ...isOf(state, now),
    ...(kind === undefined ? [] : [sql`kind = ${kind}`]),
  ]
  const found = await sql<JobRow>`select * from (${read}) as looked_at where ${sql.join(only, sql` and `)}
    order by ${order} limit ${literal(max)}`.execute(db)
  if (found.rows.length >= max) return { rows: found.rows }
  const last = await sql<JobRow>`select * from jobs where ${sql.join(indexed, sql` and `)}
    order by ${order} limit 1 offset ${literal(maxRead - 1)}`.execute(db)
  const [stopped] = last.rows
  return { rows: found.rows, stoppedAt: stopped && { time: stopped[time] ?? 0, id: stopped.id } }
}

function inIndex(state: MessageState): Condition[] {
  if (state === 'given-up') return [sql`dead_at is not null`]
  return state === 'sent' ? [sql`done_at is not null`] : [sql`done_at is null`, sql`dead_at is null`]
}

function isOf(state: MessageState, now: number): Condition[] {
  if (state === 'running') return [sql`leased_until > ${now}`]
  return state === 'waiting' ? [sql`coalesce(leased_until, 0) <= ${now}`] : []
}

/** Up to `max` messages that name whoever they are for in one way, newest first, behind that id. */
export async function messagesFor(
  db: Database,
  { realm, recipient, before, max }: { realm: string; recipient: string; before?: string; max: number },
): Promise<JobRow[]> {
  const id = byBytes(db, 'id')
  const behind = before === undefined ? sql`` : sql`and ${id} < ${before}`
  const rows =
    await sql<JobRow>`select * from jobs where ${recipientOf(db)} = ${recipient} and realm = ${realm} ${behind}
    order by ${id} desc limit ${literal(max)}`.execute(db)
  return rows.rows
}

/** As the index has it: whom a message is for. */
function recipientOf(db: Database): RawBuilder<string> {
  return engineOf(db) === 'postgres'
    ? sql`coalesce(payload::jsonb ->> 'accountId', payload::jsonb ->> 'email', payload::jsonb ->> 'phone')`
    : sql`coalesce(json_extract(payload, '$.accountId'), json_extract(payload, '$.email'), json_extract(payload, '$.phone'))`
}

/** Has messages that were given up be sent again from the first attempt on, and returns those. */
export function reviveMessages(db: Database, realm: string, ids: string[], now: number): Promise<JobRow[]> {
  if (ids.length === 0) return Promise.resolve([])
  return db
    .updateTable('jobs')
    .set({ dead_at: null, attempts: 0, run_at: now, leased_until: null })
    .where('realm', '=', realm)
    .where('id', 'in', ids)
    .where('dead_at', 'is not', null)
    .where('kind', '<>', ofNobody)
    .returningAll()
    .execute()
}

/** Drops a message that is not sent and that nobody is sending at the moment; `undefined` when there is none. */
export function dropMessage(
  db: Database,
  realm: string,
  id: string,
  now: number,
): Promise<JobRow | undefined> {
  return db
    .deleteFrom('jobs')
    .where('realm', '=', realm)
    .where('id', '=', id)
    .where('done_at', 'is', null)
    .where((eb) => eb.or([eb('leased_until', 'is', null), eb('leased_until', '<=', now)]))
    .returningAll()
    .executeTakeFirst()
}

/** The message of an id. */
export function messageById(db: Database, realm: string, id: string): Promise<JobRow | undefined> {
  return db.selectFrom('jobs').selectAll().where('id', '=', id).where('realm', '=', realm).executeTakeFirst()
}
