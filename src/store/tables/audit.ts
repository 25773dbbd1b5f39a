import { type ExpressionBuilder, sql } from 'kysely'
import { compiled } from '../compiled.ts'
import type { AuditRow, Schema } from '../schema.ts'
import type { Database } from '../types.ts'
import { addGiven } from './imports/given-rows.ts'
import { auditRefusals } from './operations/audit-refusals.ts'
import { countUpdated, lastOfNext } from './rows.ts'
import { countRows } from './sealed.ts'
import { lowestIdAt } from './time-ordered-ids.ts'

/** An account, and the keyed hashes of its names. */
export interface Person {
  accountId: string
  subjects: string[]
}

/** Which rows of the trail are asked for: all that meet every condition given. */
export interface AuditFilter {
  /** Rows that name an account, and those that name none but hold what was typed for it. */
  of?: Person
  event?: string
  /** Any of these. */
  events?: readonly string[]
  clientId?: string
  dialect?: string
  ip?: string
  /** Epoch milliseconds, both included. */
  since?: number
  until?: number
}

/** Where a list of rows, newest first, goes on. */
export interface AuditPosition {
  /** Epoch milliseconds. */
  at: number
  id: string
}

/** Which rows a person is shown. */
interface ActivityFilter {
  accountId: string
  /** Names of the account, and since when, in epoch milliseconds, what was typed as them is about it. */
  names: { subjects: string[]; since: number }[]
  /** Any of these. */
  events: readonly string[]
  outcome?: string
  /** Older than that row. */
  before?: AuditPosition
  max: number
}

interface OrphanRange {
  since: number
  after: string
  max: number
  /** What all such rows get; a pseudonym that an id was replaced by already begins like it. */
  pseudonym: { start: string; whole: string }
}

/** By how much the id of a row may be older than the time in it. */
const idSlackMs = 60_000

const add = compiled((db, entry: AuditRow) => db.insertInto('audit').values(entry))

const columns = {
  id: 'text',
  at: 'bigint',
  event: 'text',
  outcome: 'text',
  account_id: 'text',
  session_id: 'text',
  client_id: 'text',
  dialect: 'text',
  ip: 'text',
  detail: 'text',
  actor: 'text',
  subject: 'text',
  note: 'text',
} as const

/** What happened in one realm. Rows are added, and nothing in them is changed but to erase a person. */
export function audit(db: Database, realm: string) {
  const matching = ({ of, event, events, clientId, dialect, ip, since, until }: AuditFilter) => {
    let query = db.selectFrom('audit').selectAll().where('realm', '=', realm)
    if (of) query = query.where(isAbout(of))
    if (event !== undefined) query = query.where('event', '=', event)
    if (events !== undefined) query = query.where('event', 'in', events)
    if (clientId !== undefined) query = query.where('client_id', '=', clientId)
    if (dialect !== undefined) query = query.where('dialect', '=', dialect)
    if (ip !== undefined) query = query.where('ip', '=', ip)
    // By the id too, which has an index and begins with the time.
    if (since !== undefined)
      query = query.where('at', '>=', since).where('id', '>=', lowestIdAt(since - idSlackMs))
    if (until !== undefined)
      query = query.where('at', '<=', until).where('id', '<', lowestIdAt(until + idSlackMs))
    return query
  }

  return {
    ...auditErasure(db, realm),
    ...auditActivity(db, realm),
    ...auditRefusals(db, realm),

    add: async (entry: Omit<AuditRow, 'realm'>): Promise<void> => {
      await add(db, { ...entry, realm })
    },

    /** Adds many rows in one statement. */
    addMany: async (entries: Omit<AuditRow, 'realm'>[]): Promise<void> => {
      await addGiven(db, { table: 'audit', realm, columns }, entries)
    },

    count: async (filter: AuditFilter): Promise<number> => {
      const counted = await matching(filter).clearSelect().select(countRows).executeTakeFirst()
      return Number(counted?.count ?? 0)
    },

    /** Up to `max` rows behind that id, oldest first; from the first one on when the id is empty. */
    listAfter: (id: string, filter: AuditFilter, max: number): Promise<AuditRow[]> =>
      matching(filter).where('id', '>', id).orderBy('id').limit(max).execute(),

    /** Up to `max` of the newest rows, before that id if one is given; newest first. */
    listBefore: (id: string | undefined, filter: AuditFilter, max: number): Promise<AuditRow[]> => {
      const query = matching(filter).orderBy('id', 'desc').limit(max)
      return (id === undefined ? query : query.where('id', '<', id)).execute()
    },
  }
}

/** What persons are shown of the trail of one realm. */
function auditActivity(db: Database, realm: string) {
  /** In the order of time, as the index of an account's rows is: by ids the rows of everybody would be read. */
  const activity = ({ events, outcome, before, max }: ActivityFilter) => {
    let query = db
      .selectFrom('audit')
      .selectAll()
      .where('realm', '=', realm)
      .where('event', 'in', events)
      .orderBy('at', 'desc')
      .orderBy('id', 'desc')
      .limit(max)
    if (outcome !== undefined) query = query.where('outcome', '=', outcome)
    if (before)
      query = query.where(({ eb, refTuple, tuple }) =>
        eb(refTuple('at', 'id'), '<', tuple(before.at, before.id)),
      )
    return query
  }

  return {
    /** Up to `max` of the newest rows about an account that name it or what it is called, newest first. */
    listActivity: async (filter: ActivityFilter): Promise<AuditRow[]> => {
      const named = filter.names.map(({ subjects, since }) =>
        activity(filter)
          .where('subject', 'in', subjects)
          // So written, it invites nobody to read all rows that name no account.
          .where(sql`coalesce(account_id, '')`, '=', '')
          .where('at', '>=', since)
          .execute(),
      )
      const own = activity(filter).where('account_id', '=', filter.accountId).execute()
      const rows = (await Promise.all([own, ...named])).flat()
      return rows.sort((one, other) => other.at - one.at || (one.id < other.id ? 1 : -1)).slice(0, filter.max)
    },

    /** Up to `max` rows about a person, oldest first, behind that row if one is given: each is read about once. */
    listOfPerson: async (
      { accountId, subjects }: Person,
      after: AuditPosition | undefined,
      max: number,
    ): Promise<AuditRow[]> => {
      const behind = () => {
        const rows = db.selectFrom('audit').selectAll().where('realm', '=', realm)
        const sorted = rows.orderBy('at').orderBy('id').limit(max)
        if (!after) return sorted
        return sorted.where(({ eb, refTuple, tuple }) =>
          eb(refTuple('at', 'id'), '>', tuple(after.at, after.id)),
        )
      }
      const own = behind().where('account_id', '=', accountId).execute()
      // So written, it invites nobody to read all rows that name no account. An empty list is no SQL.
      const nameless = () =>
        behind().where('subject', 'in', subjects).where(sql`coalesce(account_id, '')`, '=', '')
      const named = subjects.length > 0 ? nameless().execute() : []
      const rows = (await Promise.all([own, named])).flat()
      return rows.sort((one, other) => one.at - other.at || (one.id < other.id ? -1 : 1)).slice(0, max)
    },
  }
}

/** Takes persons out of the trail of one realm. */
function auditErasure(db: Database, realm: string) {
  return {
    /** Pseudonymizes up to `max` rows about an account, with nothing personal left, and says how many there were. */
    pseudonymize: (of: Person, pseudonym: string, max: number): Promise<number> => {
      const some = db
        .selectFrom('audit')
        .select('id')
        .where('realm', '=', realm)
        .where(isAbout(of))
        .limit(max)
      return countUpdated(
        db
          .updateTable('audit')
          .set({ ...nameless, account_id: pseudonym })
          .where('id', 'in', some),
      )
    },

    /**
     * Takes everything personal out of rows about accounts that are gone, among up to `max` rows since that time and
     * behind the id `after`. Returns the last id that it looked at; `undefined` at the end of the trail.
     */
    pseudonymizeOrphans: async (range: OrphanRange): Promise<string | undefined> => {
      const { since, after, max, pseudonym } = range
      const from = after || lowestIdAt(since)
      const last = await lastOfNext(db, 'audit', { after: from, max })
      if (last === undefined) return undefined
      await db
        .updateTable('audit')
        .set({ ...nameless, account_id: pseudonym.whole })
        .where('realm', '=', realm)
        .where('id', '>', from)
        .where('id', '<=', last)
        .where('account_id', 'is not', null)
        .where(sql`substr(account_id, 1, ${pseudonym.start.length})`, '!=', pseudonym.start)
        .where(({ not, exists, selectFrom }) =>
          not(
            exists(
              selectFrom('accounts').select('accounts.id').whereRef('accounts.id', '=', 'audit.account_id'),
            ),
          ),
        )
        .execute()
      return last
    },
  }
}

/** What is left of the person in a row when only a pseudonym is. The reason that an operator gives is free text. */
const nameless = {
  session_id: null,
  ip: null,
  subject: null,
  note: null,
  detail: sql<
    string | null
  >`case when event in ('second_factor.removed', 'passkey.removed') then null else detail end`,
}

function isAbout({ accountId, subjects }: Person) {
  return (eb: ExpressionBuilder<Schema, 'audit'>) =>
    eb.or([
      eb('account_id', '=', accountId),
      // What names an account says whose it is, whatever was typed. An empty list is no SQL.
      ...(subjects.length > 0 ? [eb.and([eb('account_id', 'is', null), eb('subject', 'in', subjects)])] : []),
    ])
}
