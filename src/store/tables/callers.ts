import { sql } from 'kysely'
import { compiled } from '../compiled.ts'
import type { AccountRow, SessionRow } from '../schema.ts'
import type { Database } from '../types.ts'

/** A session and whose it is. */
export interface SessionOfAccount {
  session: SessionRow
  account: AccountRow
}

// Of the type alone nothing is left at run time; test/store/callers.test.ts fails where one is missing.
const sessionColumns = columnsOf<SessionRow>(
  'sessions',
  `id realm account_id client_id dialect generation rotated_at created_at last_used_at idle_expires_at
   absolute_expires_at user_agent ip second_factor_at ended_at ended_why master_key_id device proven_at
   methods parent_id grant_id openid tell_end claims`,
)
const accountColumns = columnsOf<AccountRow>(
  'accounts',
  `id realm username username_key email email_verified_at email_seen_through phone phone_verified_at
   password_hash password_kind password_pending password_changed_at last_sign_in_at disabled_at profile attributes
   signed_up_through language time_zone deletion_due_at deletion_claimed_at created_at updated_at disabled_until invited_at`,
)

// The hot path, and so one statement.
const live = compiled(
  (db, { realm, now, id, dialect }: { realm: string; now: number; id: string; dialect: string }) =>
    db
      .selectFrom('sessions')
      .innerJoin('accounts', (join) =>
        join.onRef('accounts.id', '=', 'sessions.account_id').onRef('accounts.realm', '=', 'sessions.realm'),
      )
      .select([...sessionColumns, ...accountColumns].map(({ path }) => sql.ref(path).as(path)))
      .where('sessions.id', '=', id)
      .where('sessions.realm', '=', realm)
      .where('sessions.dialect', '=', dialect)
      .where('sessions.ended_at', 'is', null)
      .where('sessions.idle_expires_at', '>', now),
)

/** Who sends requests to one realm. */
export function callers(db: Database, realm: string) {
  return {
    /** The session of that dialect when it has neither ended nor expired, and its account. */
    live: async (id: string, dialect: string, now: number): Promise<SessionOfAccount | undefined> => {
      const [row] = await live(db, { realm, now, id, dialect })
      return row && { session: rowOf(row, sessionColumns), account: rowOf(row, accountColumns) }
    },
  }
}

/** The columns of a table, with the names that they have beside those of another one. */
function columnsOf<Row>(table: string, names: string): { name: keyof Row; path: string }[] {
  return names.split(/\s+/).map((name) => ({ name: name as keyof Row, path: `${table}.${name}` }))
}

function rowOf<Row>(joined: Record<string, unknown>, columns: { name: keyof Row; path: string }[]): Row {
  const row = {} as Record<keyof Row, unknown>
  for (const { name, path } of columns) row[name] = joined[path]
  return row as Row
}
