import { type RawBuilder, type SqlBool, sql } from 'kysely'
import { engineOf } from '../../engine-of.ts'
import { literal } from '../../literal.ts'
import type { JobRow } from '../../schema.ts'
import type { Database, Engine } from '../../types.ts'
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

/** Whom messages are for: one way in which their payloads name somebody. */
type Recipient = { accountId: string } | { email: string } | { phone: string }

/** Up to `max` of the newest messages for somebody, newest first, behind that id. */
export async function messagesFor(
  db: Database,
  { realm, recipient, before, max }: { realm: string; recipient: Recipient; before?: string; max: number },
): Promise<JobRow[]> {
  const [[field, name] = ['', '']] = Object.entries(recipient)
  const fieldOf = fields[engineOf(db)]
  const id = byBytes(db, 'id')
  const behind = before === undefined ? sql`` : sql`and ${id} < ${before}`
  const alike = sql`select * from jobs where ${sql.raw(recipientOf(fieldOf))} = ${keyOf(recipient)} ${behind}
    order by ${id} desc limit ${literal(maxRead)}`
  const rows = await sql<JobRow>`select * from (${alike}) as looked_at
    where ${sql.raw(fieldOf(field))} = ${name} and realm = ${realm} order by ${id} desc limit ${literal(max)}`.execute(
    db,
  )
  return rows.rows
}

/** What the index knows of a recipient: no whole address. */
function keyOf(recipient: Recipient): string {
  if ('accountId' in recipient) return recipient.accountId
  if ('phone' in recipient) return recipient.phone.slice(-4)
  return recipient.email.slice(0, 3) + recipient.email.length
}

const fields: Record<Engine, (field: string) => string> = {
  sqlite: (field) => `json_extract(payload, '$.${field}')`,
  postgres: (field) => `(payload::jsonb ->> '${field}')`,
}

/** As the index has it. */
const recipientOf = (of: (field: string) => string) =>
  `coalesce(${of('accountId')},
    substr(${of('email')}, 1, 3) || cast(length(${of('email')}) as text),
    substr(${of('phone')}, length(${of('phone')}) - 3))`

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
    .where('kind', '<>', ofNobody)
    .where('done_at', 'is', null)
    .where((eb) => eb.or([eb('leased_until', 'is', null), eb('leased_until', '<=', now)]))
    .returningAll()
    .executeTakeFirst()
}

/** The message of an id. */
export function messageById(db: Database, realm: string, id: string): Promise<JobRow | undefined> {
  return db.selectFrom('jobs').selectAll().where('id', '=', id).where('realm', '=', realm).executeTakeFirst()
}
