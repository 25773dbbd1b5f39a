import { type ExpressionBuilder, sql } from 'kysely'
import { literal } from '../literal.ts'
import type { AccountRow, Schema, TicketRow } from '../schema.ts'
import type { Database } from '../types.ts'

type NewTicket = Omit<
  TicketRow,
  'realm' | 'attempts' | 'consumed_at' | 'guess_limit' | 'asked_from' | 'asker_attempts'
> &
  Partial<Pick<TicketRow, 'asked_from'>>

/** Begins to change tickets of a kind that are neither used nor expired; what it returns is the changed rows. */
export function updateLive(db: Database, realm: string, kind: string, now: number) {
  return db
    .updateTable('tickets')
    .where('realm', '=', realm)
    .where('kind', '=', kind)
    .where('consumed_at', 'is', null)
    .where('expires_at', '>', now)
    .returningAll()
}

/** Short-lived single-use secrets of one realm, known by their hash. */
export function tickets(db: Database, realm: string) {
  return {
    ...ticketsOfAccounts(db, realm),

    /** Stores a ticket, which replaces the one that its subject had: the newest wins. */
    put: async (ticket: NewTicket): Promise<void> => {
      const unused = { attempts: 0, asker_attempts: 0, consumed_at: null }
      const fresh = { asked_from: null, ...ticket, ...unused, guess_limit: null }
      await db
        .insertInto('tickets')
        .values({ ...fresh, realm })
        .onConflict((conflict) => conflict.columns(['realm', 'kind', 'subject']).doUpdateSet(fresh))
        .execute()
    },

    /** A ticket that has not expired, whether it was consumed or not. */
    find: (kind: string, hash: string, now: number): Promise<TicketRow | undefined> =>
      db
        .selectFrom('tickets')
        .selectAll()
        .where((eb) => eb.and({ realm, kind, hash }))
        .where('expires_at', '>', now)
        .executeTakeFirst(),

    /** Uses a ticket up. Of any number of callers one gets it, the others `undefined`. */
    consume: (kind: string, hash: string, now: number): Promise<TicketRow | undefined> =>
      updateLive(db, realm, kind, now).set({ consumed_at: now }).where('hash', '=', hash).executeTakeFirst(),

    /** Counts an attempt at a ticket before it is judged; `undefined` when it has had `max`, or is dead. */
    attempt: (
      kind: string,
      hash: string,
      { max, now }: { max: number; now: number },
    ): Promise<TicketRow | undefined> =>
      updateLive(db, realm, kind, now)
        .set({ attempts: sql`attempts + 1` })
        .where('hash', '=', hash)
        .where('attempts', '<', max)
        .executeTakeFirst(),

    ...ticketsOfSubjects(db, realm),
  }
}

/** The tickets of one realm, by whom or what they are for. */
function ticketsOfSubjects(db: Database, realm: string) {
  const ofSubject = (kind: string, subject: string, now: number) =>
    updateLive(db, realm, kind, now).where('subject', '=', subject)

  return {
    /** The ticket of a subject, unless it is used or expired. */
    liveOf: (kind: string, subject: string, now: number): Promise<TicketRow | undefined> =>
      db
        .selectFrom('tickets')
        .selectAll()
        .where((eb) => eb.and({ realm, kind, subject }))
        .where('consumed_at', 'is', null)
        .where('expires_at', '>', now)
        .executeTakeFirst(),

    /** Every ticket of these kinds that an account has and that is neither used nor expired, oldest first. */
    listLive: (accountId: string, kinds: string[], now: number): Promise<TicketRow[]> =>
      db
        .selectFrom('tickets')
        .selectAll()
        .where((eb) => eb.and({ realm, account_id: accountId }))
        .where('kind', 'in', kinds)
        .where('consumed_at', 'is', null)
        .where('expires_at', '>', now)
        .orderBy('created_at')
        .execute(),

    /** Of the tickets of a kind whose subject begins so and that are neither used nor expired, the one that was issued last. */
    newestLiveFor: (kind: string, beginning: string, now: number): Promise<TicketRow | undefined> =>
      db
        .selectFrom('tickets')
        .selectAll()
        .where((eb) => eb.and({ realm, kind }))
        .where(sql`substr(subject, 1, ${[...beginning].length})`, '=', beginning)
        .where('consumed_at', 'is', null)
        .where('expires_at', '>', now)
        // One that is mailed again keeps the time at which it was asked for, and lasts longer.
        .orderBy('expires_at', 'desc')
        .limit(literal(1))
        .executeTakeFirst(),

    /** Has a ticket hold something else. */
    setPayload: async ({ kind, hash }: Pick<TicketRow, 'kind' | 'hash'>, payload: object): Promise<void> => {
      await db
        .updateTable('tickets')
        .set({ payload: JSON.stringify(payload) })
        .where((eb) => eb.and({ realm, kind, hash }))
        .execute()
    },

    /** Counts a guess at a subject's ticket before it is judged; `undefined` when it has had `max`, or is dead. */
    guessOf: (
      kind: string,
      subject: string,
      { max, now }: { max: number; now: number },
    ): Promise<TicketRow | undefined> =>
      ofSubject(kind, subject, now)
        .set({ attempts: sql`attempts + 1` })
        .where('attempts', '<', max)
        .executeTakeFirst(),
  }
}

/** The kinds of which the subject is an e-mail address, and those of which it is a number. */
const ofNames = { email: ['verify-email', 'mailed-sign-in'], phone: ['texted-sign-in'] }

/** An account, and the names that are its own. */
type Named = Pick<AccountRow, 'id' | 'email' | 'phone'>

/** The tickets of one realm, by whom they were made for. */
function ticketsOfAccounts(db: Database, realm: string) {
  /** Some tickets are made for an address or a number, and may be older than its account. */
  const isOf = (account: Named) => (eb: ExpressionBuilder<Schema, 'tickets'>) =>
    eb.or([
      eb('account_id', '=', account.id),
      ...(['email', 'phone'] as const).flatMap((name) => {
        const subject = account[name]
        return subject === null ? [] : [eb('kind', 'in', ofNames[name]).and('subject', '=', subject)]
      }),
    ])

  return {
    /** Every ticket of an account, and those that were made for its e-mail address or its number. */
    listOf: (account: Named): Promise<TicketRow[]> =>
      db
        .selectFrom('tickets')
        .selectAll()
        .where('realm', '=', realm)
        .where(isOf(account))
        .orderBy('created_at')
        .execute(),

    /** Removes every ticket of an account, and those that were made for its e-mail address or its number. */
    removeAllOf: async (account: Named): Promise<void> => {
      await db.deleteFrom('tickets').where('realm', '=', realm).where(isOf(account)).execute()
    },

    /** Whether an account has got a ticket of these kinds, used or not, after that time and not after `until`. */
    hasNewer: async (
      accountId: string,
      kinds: string[],
      { since, until }: { since: number; until: number },
    ): Promise<boolean> => {
      const newer = await db
        .selectFrom('tickets')
        .select('hash')
        .where('realm', '=', realm)
        .where('account_id', '=', accountId)
        .where('kind', 'in', kinds)
        .where('created_at', '>', since)
        .where('created_at', '<=', until)
        .limit(literal(1))
        .executeTakeFirst()
      return newer !== undefined
    },

    /** Uses up every ticket of these kinds that an account has. */
    consumeAll: async (accountId: string, kinds: string[], now: number): Promise<void> => {
      await db
        .updateTable('tickets')
        .set({ consumed_at: now })
        .where('realm', '=', realm)
        .where('account_id', '=', accountId)
        .where('kind', 'in', kinds)
        .where('consumed_at', 'is', null)
        .execute()
    },
  }
}
