import { type ExpressionBuilder, sql } from 'kysely'
import { compiled } from '../../compiled.ts'
import { literal } from '../../literal.ts'
import type { Schema, SessionRow } from '../../schema.ts'
import type { Database } from '../../types.ts'
import { noteEnding } from '../imports/legacy-sessions.ts'
import { removeTrust } from '../trusted-devices.ts'
import { endWithChildren } from './children.ts'
import { grantSessions } from './grants.ts'

/** How many sessions one sign-in ends at most: a limit that was lowered may have left any number. */
const maxEnded = 10_000

/** A session that has begun, and how many others its account may have through the dialect. */
interface Begun {
  realm: string
  accountId: string
  dialect: string
  id: string
  others: number
  now: number
}

// What every sign-in waits for.
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

/**
 * Ends sessions of one realm. What has expired ends too; what has ended stays as it is. Whatever ends all of them, or all
 * but one, ends those that another system has opened before, and has no browser be trusted without the second factor.
 * What hangs on a session (`parent_id`) ends with it.
 */
export function sessionEndings(db: Database, realm: string) {
  const endLive = (why: string, now: number, within = db) => endingLive(within, realm, why, now)

  return {
    ...grantSessions(db, realm),
    ...unshownSessions(db, realm),

    /** Ends a session. `undefined` when it had ended already, so of several callers one is the one who ended it. */
    end: (
      { id, account_id: accountId, dialect }: Pick<SessionRow, 'id' | 'account_id' | 'dialect'>,
      why: string,
      now: number,
    ): Promise<SessionRow | undefined> =>
      endWithChildren(db, { realm, accountId, dialect, now }, (db) =>
        endLive(why, now, db).where('id', '=', id).returningAll().executeTakeFirst(),
      ),

    /** Ends every session of an account, whichever door it came through. */
    endAll: async (accountId: string, why: string, now: number): Promise<void> => {
      await endLive(why, now).where('account_id', '=', accountId).execute()
      await removeTrust(db, { realm, accountId })
      await noteEnding(db, { realm, accountId, dialect: '', now })
    },

    /**
     * Ends every session of the account that has this one, but this one and what hangs on it, whichever door they came
     * through.
     */
    endOthers: async (
      { id, account_id }: Pick<SessionRow, 'id' | 'account_id'>,
      why: string,
      now: number,
    ): Promise<void> => {
      await endLive(why, now)
        .where('account_id', '=', account_id)
        .where('id', '<>', id)
        .where((eb) => eb.or([eb('parent_id', 'is', null), eb('parent_id', '<>', id)]))
        .execute()
      await removeTrust(db, { realm, accountId: account_id })
      await noteEnding(db, { realm, accountId: account_id, dialect: '', now })
    },

    /** Ends every session that an account has through one dialect, but the one to `keep` and what hangs on it. */
    endAllThrough: async (
      { accountId, dialect, keep = '' }: { accountId: string; dialect: string; keep?: string },
      why: string,
      now: number,
    ): Promise<void> => {
      await endWithChildren(db, { realm, accountId, dialect, now }, (db) =>
        endLive(why, now, db)
          .where((eb) => eb.and({ account_id: accountId, dialect }))
          .where('id', '<>', keep)
          .execute(),
      )
      await noteEnding(db, { realm, accountId, dialect, now })
    },

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
      await endWithChildren(db, { realm, accountId, dialect, now }, (db) =>
        endBeyond(db, { realm, accountId, dialect, id, others: keep - 1, now }),
      )
    },
  }
}

function endingLive(db: Database, realm: string, why: string, now: number) {
  return db
    .updateTable('sessions')
    .set({ ended_at: now, ended_why: why })
    .where('realm', '=', realm)
    .where('ended_at', 'is', null)
}

function unshownSessions(db: Database, realm: string) {
  return {
    /**
     * Ends every other session that the account of this one has through the same dialect and whose person has not shown the
     * second factor since that time.
     */
    endUnshown: async (
      { id, account_id: accountId, dialect }: Pick<SessionRow, 'id' | 'account_id' | 'dialect'>,
      since: number,
      why: string,
      now: number,
    ): Promise<void> => {
      await endWithChildren(db, { realm, accountId, dialect, now }, (db) =>
        endingLive(db, realm, why, now)
          .where((eb) => eb.and({ account_id: accountId, dialect }))
          .where('id', '<>', id)
          .where((eb) => eb.or([eb('second_factor_at', 'is', null), eb('second_factor_at', '<', since)]))
          .execute(),
      )
    },
  }
}
