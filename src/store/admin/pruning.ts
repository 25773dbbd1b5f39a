import { sql } from 'kysely'
import { engineOf } from '../engine-of.ts'
import { countDeleted, lastOfNext } from '../tables/rows.ts'
import { lowestIdAt } from '../tables/time-ordered-ids.ts'
import type { Database } from '../types.ts'
import { operationsPruning } from './operations-pruning.ts'
import { endOrphans, type OrphanRange } from './orphans.ts'

export type Pruning = ReturnType<typeof pruning>

/**
 * Removes what is over, in all realms. Each call is one short statement that takes at most so many rows and says how
 * many it took; times are epoch milliseconds. Nodes that prune at once take different rows.
 */
export function pruning(db: Database) {
  const free = passingOver(db)
  const remove = (
    {
      table,
      by,
    }: { table: 'jobs'; by: 'done_at' | 'dead_at' } | { table: 'audit' | 'webhook_deliveries'; by: 'id' },
    before: number | string,
    max: number,
  ): Promise<number> => {
    const column = db.dynamic.ref(by)
    const old = db
      .selectFrom(table)
      .select('id')
      .where(column, '<', before)
      .orderBy(column)
      .limit(max)
      .modifyEnd(free)
    return countDeleted(db.deleteFrom(table).where('id', 'in', old))
  }

  return {
    sessions: (range: SessionRange) => pruneSessions(db, range),
    orphanedSessions: (range: OrphanRange) => endOrphans(db, range),
    pendingSecondFactors: (before: number, max: number) =>
      db.transaction().execute((db) => prunePendingSecondFactors(db, before, max)),
    pendingAuthenticators: (before: number, max: number) => prunePendingAuthenticators(db, before, max),
    /** IPs that were brought along from another system before that time. */
    knownAddresses: (before: number, max: number): Promise<number> => {
      const old = db
        .selectFrom('known_addresses')
        .select(['account_id', 'ip'])
        .where('imported_at', '<', before)
        .orderBy('imported_at')
        .limit(max)
        .modifyEnd(free)
      return countDeleted(
        db
          .deleteFrom('known_addresses')
          .where(({ refTuple }) => sql<boolean>`${refTuple('account_id', 'ip')} in ${old}`),
      )
    },

    guessCounts: () => pruneGuessCounts(db),
    /** What was told to endpoints outside, or could not be, of before that time, and events that nobody wants any more. */
    webhookDeliveries: async (before: number, max: number): Promise<number> => {
      const id = lowestIdAt(before)
      await countDeleted(db.deleteFrom('webhook_events').where('id', '<', id))
      return remove({ table: 'webhook_deliveries', by: 'id' }, id, max)
    },
    tickets: (before: number, max: number) => pruneTickets(db, before, max),
    trustedDevices: (before: number, max: number) => pruneExpired(db, 'trusted_devices', before, max),
    legacySessions: (before: number, max: number) => pruneLegacySessions(db, before, max),
    openidArtifacts: (before: number, max: number) => pruneExpired(db, 'openid_artifacts', before, max),
    adminRequests: (before: number, max: number) => pruneExpired(db, 'admin_requests', before, max),

    ...operationsPruning(db, free),

    /** Jobs that were done before that time. */
    doneJobs: (before: number, max: number) => remove({ table: 'jobs', by: 'done_at' }, before, max),

    /** Jobs that were given up before that time. */
    deadJobs: (before: number, max: number) => remove({ table: 'jobs', by: 'dead_at' }, before, max),

    /** Rows of the trail from before that time. */
    audit: (before: number, max: number) => remove({ table: 'audit', by: 'id' }, lowestIdAt(before), max),
  }
}

/** Writers are alone on SQLite; on PostgreSQL what another node is about to remove is passed over. */
function passingOver(db: Database) {
  return engineOf(db) === 'postgres' ? sql`for update skip locked` : sql``
}

interface SessionRange {
  /** The id of a session. */
  after: string
  before: number
  max: number
}

/**
 * Looks at up to `max` sessions behind the id `after`, removes those of them that ended or expired before that
 * time, and returns the last id that it looked at; `undefined` when younger ones are left only.
 */
async function pruneSessions(
  db: Database,
  { after, before, max }: SessionRange,
): Promise<string | undefined> {
  const last = await lastOfNext(db, 'sessions', { after, max })
  if (last === undefined) return undefined
  const youngest = lowestIdAt(before)
  const old = db
    .selectFrom('sessions')
    .select('id')
    .where('id', '>', after)
    .where('id', '<=', last < youngest ? last : youngest)
    .where((eb) => eb.or([eb('ended_at', '<', before), eb('idle_expires_at', '<', before)]))
    .modifyEnd(passingOver(db))
  await db.deleteFrom('sessions').where('id', 'in', old).execute()
  return last < youngest ? last : undefined
}

/** Authenticators that were begun before that time where there may be several, and never confirmed. */
function prunePendingAuthenticators(db: Database, before: number, max: number): Promise<number> {
  const old = db
    .selectFrom('authenticators')
    .select('id')
    .where('confirmed_at', 'is', null)
    .where('created_at', '<', before)
    .orderBy('created_at')
    .limit(max)
    .modifyEnd(passingOver(db))
  // Again, for one that is confirmed at this moment.
  return countDeleted(
    db.deleteFrom('authenticators').where('id', 'in', old).where('confirmed_at', 'is', null),
  )
}

/** Second factors that were begun before that time and never confirmed, with their recovery codes. */
async function prunePendingSecondFactors(db: Database, before: number, max: number): Promise<number> {
  const old = db
    .selectFrom('totp')
    .select('account_id')
    .where('confirmed_at', 'is', null)
    .where('created_at', '<', before)
    .orderBy('created_at')
    .limit(max)
    .modifyEnd(passingOver(db))
  const removed = await db
    .deleteFrom('totp')
    .where('account_id', 'in', old)
    // Again, for one that is confirmed or begun anew at this moment.
    .where('confirmed_at', 'is', null)
    .where('created_at', '<', before)
    .returning('account_id')
    .execute()
  const ids = removed.map(({ account_id }) => account_id)
  if (ids.length > 0) await db.deleteFrom('recovery_codes').where('account_id', 'in', ids).execute()
  return ids.length
}

/** Counts of guesses at clients that are gone, once no ticket of theirs is left for which they matter. */
function pruneGuessCounts(db: Database): Promise<number> {
  return countDeleted(
    db
      .deleteFrom('guess_counts')
      .where(sql<boolean>`not exists (select 1 from clients where clients.realm = guess_counts.realm
        and clients.dialect = guess_counts.dialect and clients.id = guess_counts.client_id)`)
      .where(sql<boolean>`not exists (select 1 from tickets where tickets.realm = guess_counts.realm
        and tickets.kind = 'reset-code' and tickets.dialect = guess_counts.dialect
        and tickets.client_id = guess_counts.client_id)`),
  )
}

/** Sessions of other systems that had ended by themselves before that time. */
function pruneLegacySessions(db: Database, before: number, max: number): Promise<number> {
  const old = db
    .selectFrom('legacy_sessions')
    .select(['realm', 'source', 'hash'])
    .where('expires_at', '<', before)
    .orderBy('expires_at')
    .limit(max)
    .modifyEnd(passingOver(db))
  return countDeleted(
    db
      .deleteFrom('legacy_sessions')
      .where(({ refTuple }) => sql<boolean>`${refTuple('realm', 'source', 'hash')} in ${old}`),
  )
}

/** Rows that a realm and an id name, and that had expired before that time. */
function pruneExpired(
  db: Database,
  table: 'trusted_devices' | 'openid_artifacts' | 'admin_requests',
  before: number,
  max: number,
): Promise<number> {
  const old = db
    .selectFrom(table)
    .select(['realm', 'id'])
    .where('expires_at', '<', before)
    .orderBy('expires_at')
    .limit(max)
    .modifyEnd(passingOver(db))
  return countDeleted(
    db
      .deleteFrom(table)
      .where(({ refTuple }) => sql<boolean>`${refTuple('realm', 'id')} in ${old}`)
      // Again, for what is written over at this moment.
      .where('expires_at', '<', before),
  )
}

/** Tickets that expired before that time. */
function pruneTickets(db: Database, before: number, max: number): Promise<number> {
  const old = db
    .selectFrom('tickets')
    .select(['realm', 'kind', 'subject'])
    .where('expires_at', '<', before)
    .orderBy('expires_at')
    .limit(max)
    .modifyEnd(passingOver(db))
  return countDeleted(
    db
      .deleteFrom('tickets')
      .where(({ refTuple }) => sql<boolean>`${refTuple('realm', 'kind', 'subject')} in ${old}`)
      .where('expires_at', '<', before),
  )
}
