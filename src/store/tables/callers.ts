import { compiled } from '../compiled.ts'
import type { AccountRow, SessionRow } from '../schema.ts'
import type { Database } from '../types.ts'

export type Callers = ReturnType<typeof callers>

/** A session and whose it is. */
export interface SessionOfAccount {
  session: SessionRow
  account: AccountRow
}

/** The columns of a table, by the names that they have beside those of another one. */
function columnsOf<Row>() {
  return <Prefix extends string>(prefix: Prefix, columns: Record<keyof Row & string, true>) =>
    Object.keys(columns).map((name) => {
      const column = name as keyof Row & string
      return { column, alias: `${prefix}.${column}` as const }
    })
}

const sessionColumns = columnsOf<SessionRow>()('session', {
  id: true,
  realm: true,
  account_id: true,
  client_id: true,
  dialect: true,
  generation: true,
  rotated_at: true,
  created_at: true,
  last_used_at: true,
  idle_expires_at: true,
  absolute_expires_at: true,
  user_agent: true,
  ip: true,
  second_factor_at: true,
  ended_at: true,
  ended_why: true,
  master_key_id: true,
  device: true,
})
const accountColumns = columnsOf<AccountRow>()('account', {
  id: true,
  realm: true,
  username: true,
  username_key: true,
  email: true,
  email_verified_at: true,
  email_seen_through: true,
  phone: true,
  phone_verified_at: true,
  password_hash: true,
  password_changed_at: true,
  last_sign_in_at: true,
  disabled_at: true,
  profile: true,
  signed_up_through: true,
  created_at: true,
  updated_at: true,
})

// What requests wait for most, and so one statement.
const live = compiled(
  (db, { realm, now, id, dialect }: { realm: string; now: number; id: string; dialect: string }) =>
    db
      .selectFrom('sessions')
      .innerJoin('accounts', (join) =>
        join.onRef('accounts.id', '=', 'sessions.account_id').onRef('accounts.realm', '=', 'sessions.realm'),
      )
      .select(sessionColumns.map(({ column, alias }) => `sessions.${column} as ${alias}` as const))
      .select(accountColumns.map(({ column, alias }) => `accounts.${column} as ${alias}` as const))
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
      return row && { session: take(row, sessionColumns), account: take(row, accountColumns) }
    },
  }
}

function take<Row>(row: object, columns: { column: keyof Row; alias: string }[]): Row {
  const taken = {} as Row
  for (const { column, alias } of columns) taken[column] = row[alias as keyof typeof row]
  return taken
}
