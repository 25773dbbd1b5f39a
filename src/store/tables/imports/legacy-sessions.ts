import { sql } from 'kysely'
import type { LegacySessionRow } from '../../schema.ts'
import type { Database } from '../../types.ts'
import { addGiven } from './given-rows.ts'

const columns = {
  source: 'text',
  hash: 'text',
  account_id: 'text',
  client_id: 'text',
  session_id: 'text',
  created_at: 'bigint',
  expires_at: 'bigint',
  consumed_at: 'bigint',
} as const

type Key = Pick<LegacySessionRow, 'source' | 'hash'>

/** The sessions that other systems have opened for the accounts of one realm, by hashes of their tokens. */
export function legacySessions(db: Database, realm: string) {
  const at = ({ source, hash }: Key) =>
    db
      .updateTable('legacy_sessions')
      .where('realm', '=', realm)
      .where('source', '=', source)
      .where('hash', '=', hash)

  return {
    /** Of whichever of these systems, by whichever of these hashes of one token. */
    find: (sources: string[], hashes: string[]): Promise<LegacySessionRow | undefined> =>
      db
        .selectFrom('legacy_sessions')
        .selectAll()
        .where('realm', '=', realm)
        .where('source', 'in', sources)
        .where('hash', 'in', hashes)
        .executeTakeFirst(),

    /** Adds those that are not there, and says how many these were. */
    add: (rows: Omit<LegacySessionRow, 'realm'>[]): Promise<number> =>
      addGiven(db, { table: 'legacy_sessions', realm, columns }, rows),

    /** Of any number of callers one uses the token, while it is good; the others get `undefined`. */
    consume: (key: Key, now: number): Promise<LegacySessionRow | undefined> =>
      at(key)
        .set({ consumed_at: now })
        .where('consumed_at', 'is', null)
        .where('expires_at', '>', now)
        .returningAll()
        .executeTakeFirst(),

    /** Keeps which session of ours came of it. */
    noteSession: async (
      key: Key,
      session: Pick<LegacySessionRow, 'session_id' | 'client_id'>,
    ): Promise<void> => {
      await at(key).set(session).execute()
    },

    /** When all sessions that the account has through this door were last ended at once; `undefined` for never. */
    endedAt: async (accountId: string, dialect: string): Promise<number | undefined> => {
      const row = await db
        .selectFrom('legacy_endings')
        .select((eb) => eb.fn.max('ended_at').as('at'))
        .where('realm', '=', realm)
        .where('account_id', '=', accountId)
        .where('dialect', 'in', ['', dialect])
        .executeTakeFirst()
      return row?.at ?? undefined
    },
  }
}

/** Keeps that all sessions of an account were ended, where another system knows it and so may have opened some. */
export async function noteEnding(
  db: Database,
  { realm, accountId, dialect, now }: { realm: string; accountId: string; dialect: string; now: number },
): Promise<void> {
  await sql`insert into legacy_endings (realm, account_id, dialect, ended_at)
    select realm, account_id, cast(${dialect} as text), cast(${now} as bigint) from legacy_links
    where account_id = ${accountId} and realm = ${realm} limit 1
    on conflict (account_id, dialect) do update set ended_at = excluded.ended_at`.execute(db)
}
