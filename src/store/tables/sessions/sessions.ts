import { type ExpressionBuilder, sql } from 'kysely'
import { compiled } from '../compiled.ts'
import { literal } from '../literal.ts'
import type { Schema, SessionRow } from '../schema.ts'
import type { Database } from '../types.ts'
import { countRows, type KeyCount } from './sealed.ts'
import { liveOf, sessionLists } from './session-lists.ts'

export type Sessions = ReturnType<typeof sessions>

/** How many sessions one sign-in ends at most: a limit that was lowered may have left any number. */
const maxEnded = 10_000

export type NewSession = Omit<SessionRow, 'realm' | 'ended_at' | 'ended_why'>

/** The use of a refresh token of that generation. */
export interface RefreshStep {
  dialect: string
  generation: number
  idleExpiresAt: number
  /** The master key of the oldest token that may be shown from now on; what is known of it stays when not given. */
  masterKeyId?: string
  now: number
}

/** When a session that is used now would end for want of use, if its absolute end does not come first. */
const idleEnd = (idleExpiresAt: number) =>
  sql<number>`case when absolute_expires_at < ${idleExpiresAt} then absolute_expires_at else ${idleExpiresAt} end`

/** What a use of a refresh token writes. `master_key_id` stays when none is given. */
interface LiveUse extends Omit<RefreshStep, 'masterKeyId'> {
  id: string
  realm: string
  masterKeyId: string | null
}

const useLive = (
  db: Database,
  { id, realm, dialect, generation, now, idleExpiresAt, masterKeyId }: LiveUse,
) =>
  db
    .updateTable('sessions')
    .set({
      last_used_at: now,
      idle_expires_at: idleEnd(idleExpiresAt),
      master_key_id: sql<string>`coalesce(${masterKeyId}, master_key_id)`,
    })
    .where('id', '=', id)
    .where('realm', '=', realm)
    .where('dialect', '=', dialect)
    .where('generation', '=', generation)
    .where('ended_at', 'is', null)
    .where('idle_expires_at', '>', now)
    .returningAll()

// What requests wait for most.
const create = compiled((db, session: SessionRow) =>
  db.insertInto('sessions').values({
    id: session.id,
    realm: session.realm,
    account_id: session.account_id,
    client_id: session.client_id,
    dialect: session.dialect,
    generation: session.generation,
    rotated_at: session.rotated_at,
    created_at: session.created_at,
    last_used_at: session.last_used_at,
    idle_expires_at: session.idle_expires_at,
    absolute_expires_at: session.absolute_expires_at,
    user_agent: session.user_agent,
    ip: session.ip,
    second_factor_at: session.second_factor_at,
    master_key_id: session.master_key_id,
    device: session.device,
    ended_at: session.ended_at,
    ended_why: session.ended_why,
  } satisfies SessionRow),
)
const liveById = compiled(
  (db, { realm, now, id, dialect }: { realm: string; now: number; id: string; dialect: string }) =>
    liveOf(db, realm, now).where('id', '=', id).where('dialect', '=', dialect),
)
/** A session that has begun, and how many others its account may have through the dialect. */
interface Begun {
  realm: string
  accountId: string
  dialect: string
  id: string
  others: number
  now: number
}

const endBeyond = compiled((db, { realm, accountId, dialect, id, others, now }: Begun) => {
  const isOther = (eb: ExpressionBuilder<Schema, 'sessions'>) =>
    eb.and([
      eb('account_id', '=', accountId),
      eb('dialect', '=', dialect),
      eb('ended_at', 'is', null),
      eb('realm', '=', realm),
      eb('id', '<>', id),
    ])
  const kept = db
    .selectFrom('sessions')
    .select('id')
    .where(isOther)
    .where('idle_expires_at', '>', now)
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .limit(others)
  const firstLeft = db
    .selectFrom('sessions')
    .select('created_at')
    .where(isOther)
    .orderBy('created_at')
    .limit(literal(1))
    .offset(maxEnded)
  return (
    db
      .updateTable('sessions')
      .set({ ended_at: now, ended_why: 'too_many_sessions' })
      .where(isOther)
      .where('id', 'not in', kept)
      // A time, as PostgreSQL may look for each of a list of ids in the whole list.
      .where('created_at', '<=', sql<number>`coalesce(${firstLeft}, ${sql.lit(Number.MAX_SAFE_INTEGER)})`)
  )
})
const rotate = compiled((db, use: LiveUse) =>
  useLive(db, use).set((eb) => ({ generation: eb('generation', '+', 1), rotated_at: use.now })),
)
const extend = compiled(useLive)

/** The sessions of one realm. */
export function sessions(db: Database, realm: string) {
  const all = () => db.selectFrom('sessions').selectAll().where('realm', '=', realm)
  const useOf = (id: string, step: RefreshStep): LiveUse => ({
    ...step,
    id,
    realm,
    masterKeyId: step.masterKeyId ?? null,
  })
  const endLive = (why: string, now: number) =>
    db
      .updateTable('sessions')
      .set({ ended_at: now, ended_why: why })
      .where('realm', '=', realm)
      .where('ended_at', 'is', null)

  return {
    ...sessionLists(db, realm),

    create: async (session: NewSession): Promise<SessionRow> => {
      const row = { ...session, realm, ended_at: null, ended_why: null }
      await create(db, row)
      return row
    },

    byId: (id: string): Promise<SessionRow | undefined> => all().where('id', '=', id).executeTakeFirst(),

    /** The session of that dialect when it has neither ended nor expired. */
    liveById: async (id: string, dialect: string, now: number): Promise<SessionRow | undefined> =>
      (await liveById(db, { realm, now, id, dialect }))[0],

    /**
     * Replaces a refresh generation by the next one. Of any number of callers that present the same generation,
     * one gets the session and the others `undefined`, as with a session that has ended or expired.
     */
    rotate: async (id: string, step: RefreshStep): Promise<SessionRow | undefined> =>
      (await rotate(db, useOf(id, step)))[0],

    /** Extends a live session, of which the refresh token stays as it is; `undefined` when it has ended or expired. */
    extend: async (id: string, step: RefreshStep): Promise<SessionRow | undefined> =>
      (await extend(db, useOf(id, step)))[0],

    /** Has the time in which the last generation may be repeated begin now. */
    renewGrace: (id: string, generation: number, now: number): Promise<SessionRow | undefined> =>
      db
        .updateTable('sessions')
        .set({ rotated_at: now })
        .where('id', '=', id)
        .where('realm', '=', realm)
        .where('generation', '=', generation)
        .returningAll()
        .executeTakeFirst(),

    /** Undoes what a rotation at that time may have done, or is about to: then this waits for it. */
    undoRotation: async (id: string, { generation, now }: RefreshStep): Promise<void> => {
      const isItsWork = (eb: ExpressionBuilder<Schema, 'sessions'>) =>
        eb.and([eb('generation', '=', generation + 1), eb('rotated_at', '=', now)])
      await db
        .updateTable('sessions')
        // Not in the condition, as PostgreSQL waits only for rows that fit when it looks.
        .set((eb) => ({
          generation: eb.case().when(isItsWork(eb)).then(generation).else(eb.ref('generation')).end(),
        }))
        .where('id', '=', id)
        .where('realm', '=', realm)
        .execute()
    },

    /** Sets a session forward to a generation, and says whether it had not got there already. */
    fastForward: async (id: string, generation: number): Promise<boolean> => {
      const session = await db
        .updateTable('sessions')
        .set({ generation })
        .where('id', '=', id)
        .where('realm', '=', realm)
        .where('generation', '<', generation)
        .where('ended_at', 'is', null)
        .returning('id')
        .executeTakeFirst()
      return session !== undefined
    },

    /** Ends a session. `undefined` when it had ended already, so of several callers one is the one who ended it. */
    end: (id: string, why: string, now: number): Promise<SessionRow | undefined> =>
      endLive(why, now).where('id', '=', id).returningAll().executeTakeFirst(),

    /** Ends every session of an account, whichever door it came through. */
    endAll: async (accountId: string, why: string, now: number): Promise<void> => {
      await endLive(why, now).where('account_id', '=', accountId).execute()
    },

    /** Ends every session of the account that has this one, but this one, whichever door they came through. */
    endOthers: async (
      { id, account_id: accountId }: Pick<SessionRow, 'id' | 'account_id'>,
      why: string,
      now: number,
    ): Promise<void> => {
      await endLive(why, now).where('account_id', '=', accountId).where('id', '<>', id).execute()
    },

    /** Keeps that a session has shown the second factor of its account. */
    noteSecondFactor: async (id: string, now: number): Promise<void> => {
      await db
        .updateTable('sessions')
        .set({ second_factor_at: now })
        .where('id', '=', id)
        .where('realm', '=', realm)
        .execute()
    },

    /** Has nothing tell any more from where an account has been signed in to. */
    forgetAddresses: async (accountId: string): Promise<void> => {
      await db
        .updateTable('sessions')
        .set({ ip: null })
        .where('account_id', '=', accountId)
        .where('realm', '=', realm)
        .where('ip', 'is not', null)
        .execute()
    },

    /** Ends every session that an account has through one dialect. */
    endAllThrough: async (accountId: string, dialect: string, why: string, now: number): Promise<void> => {
      await endLive(why, now).where('account_id', '=', accountId).where('dialect', '=', dialect).execute()
    },

    /** Removes up to `max` sessions of an account and says how many there were. */
    removeSome: async (accountId: string, max: number): Promise<number> => {
      const some = all().clearSelect().select('id').where('account_id', '=', accountId).limit(max)
      const { numDeletedRows } = await db.deleteFrom('sessions').where('id', 'in', some).executeTakeFirst()
      return Number(numDeletedRows)
    },

    /** How many live sessions hang on each master key by their refresh tokens, and when the last of them will end. */
    countLive: (now: number): Promise<(KeyCount & { lastEnd: number })[]> =>
      db
        .selectFrom('sessions')
        .select(['master_key_id as keyId', countRows])
        .select(sql<number>`max(absolute_expires_at)`.as('lastEnd'))
        .where('realm', '=', realm)
        .where('ended_at', 'is', null)
        .where('idle_expires_at', '>', now)
        .groupBy('master_key_id')
        .execute(),

    /**
     * Ends the oldest live sessions of an account at a dialect until `keep` are left, among them the one given: it was
     * opened last, whatever the clock has said since the others were. Of more than ten thousand it ends the oldest ten
     * thousand.
     */
    endBeyond: async (
      { id, account_id: accountId, dialect }: SessionRow,
      keep: number,
      now: number,
    ): Promise<void> => {
      await endBeyond(db, { realm, now, id, accountId, dialect, others: keep - 1 })
    },
  }
}
