import type { AccountRow, AuditRow, JobRow } from '../../store/schema.ts'
import type { TrailFilter } from '../../store/tables/lists/audit.ts'
import { subjectsOf } from '../audit/audit.ts'
import type { RealmContext } from '../context.ts'
import { readCursor, writeCursor } from '../lists/cursors.ts'
import { type ListedMessage, present } from '../messages/list.ts'
import { withOwnNames } from './proven-names.ts'

/** Something that has happened to an account, or a message to its owner. `at` is in epoch milliseconds. */
type TimelineItem = { at: number } & ({ event: AuditRow } | { message: ListedMessage })

export interface Timeline {
  /** Newest first. */
  items: TimelineItem[]
  /** Where older ones begin, to be given as `after`. */
  after?: string
}

interface TimelineQuery {
  /** Which rows of the trail; with any condition there are no messages. */
  filter?: TrailFilter
  after?: string
  most: number
}

/** Before all that there is. */
const beginning: Place = [Number.MAX_SAFE_INTEGER, '\u{10ffff}', '\u{10ffff}']
/** Where the audit trail goes on, by time and id, and where the messages do, by id. */
type Place = [at: number, eventId: string, messageId: string]

/** What has happened to an account and what was sent to its owner, as one list, newest first. Throws `validation_failed`. */
export async function timelineOf(
  ctx: RealmContext,
  account: AccountRow,
  { filter, after, most }: TimelineQuery,
): Promise<Timeline> {
  const [at, eventId, messageId] = after === undefined ? beginning : readCursor(after, beginning)
  const of = { accountId: account.id, subjects: subjectsOf(ctx, account) }
  const query = { of, filter: filter ?? {}, from: { at, id: eventId }, max: most + 1 }
  const events = await ctx.store.lists.auditOfPerson(query)
  const jobs = filter ? [] : await messagesTo(ctx, account, { before: messageId, max: most + 1 })
  const messages = await present(ctx, jobs)
  const all: TimelineItem[] = [
    ...events.map((event) => ({ at: event.at, event })),
    ...messages.map((message) => ({ at: message.createdAt, message })),
  ]
  const items = all.sort((one, other) => other.at - one.at).slice(0, most)
  return {
    items,
    after: all.length > most ? writeCursor(behind(items, [at, eventId, messageId])) : undefined,
  }
}

function behind(items: TimelineItem[], [at, eventId, messageId]: Place): Place {
  const event = items.flatMap((item) => ('event' in item ? [item.event] : [])).at(-1)
  const message = items.flatMap((item) => ('message' in item ? [item.message] : [])).at(-1)
  return [event?.at ?? at, event?.id ?? eventId, message?.id ?? messageId]
}

/** Up to `max` of the newest messages for an account: those that name it, and those to names that are its own. */
async function messagesTo(
  ctx: RealmContext,
  person: AccountRow,
  { before, max }: { before: string; max: number },
): Promise<JobRow[]> {
  const { id, email, phone } = withOwnNames(person)
  const recipients = [
    { accountId: id },
    ...(email === null ? [] : [{ email }]),
    ...(phone === null ? [] : [{ phone }]),
  ]
  const found = await Promise.all(
    recipients.map((recipient) => ctx.store.lists.messagesFor({ recipient, before, max })),
  )
  return found
    .flat()
    .sort((one, other) => (one.id < other.id ? 1 : -1))
    .slice(0, max)
}
