import { sql } from 'kysely'
import type { Database, Engine } from '../../src/store/types.ts'
import { select } from './database.ts'

/** Tables that `fillMany` fills, each with as many rows as there are accounts, but for a tenth as many messages. */
const tables = ['accounts', 'sessions', 'audit', 'jobs'] as const

/** When the first row was made, in epoch milliseconds; each row after it a second later. */
export const firstMadeAt = Date.UTC(2026, 0, 1)
/** When what lives ends. */
const farAway = Date.UTC(2099, 0, 1)

/** Names that accounts begin with, each with a number behind it. */
export const firstNames = ['kari', 'kåre', 'kaare', 'ola', 'åse', 'nora', 'zoe', 'ada']

/**
 * Fills an empty database of the realm `main` by a few statements: accounts of which one in a thousand is disabled and one
 * in ten unverified, a live session of each, a row of the audit trail of each, and messages of which one in a hundred was
 * given up.
 */
export async function fillMany(db: Database, engine: Engine, count: number): Promise<void> {
  const write = writer(engine)
  const run = (statement: string) => sql.raw(statement).execute(db)
  const numbers = (most: number) =>
    engine === 'postgres'
      ? `generate_series(1, ${most}) as series (n)`
      : `(with recursive series (n) as (select 1 union all select n + 1 from series where n < ${most}) select n from series)`
  const at = `(${firstMadeAt} + n * 1000)`
  const id = write.id(at)
  const name = `case n % 8 ${firstNames.map((name, index) => `when ${index} then '${name}'`).join(' ')} end`
  await run(`insert into accounts (id, realm, username, username_key, email, email_verified_at, phone, profile, disabled_at,
      deletion_due_at, created_at, updated_at)
    select ${id}, 'main', ${name} || n, case when n % 2 = 0 then ${name} || n end,
      ${name} || '.' || n || '@example.com', case when n % 10 = 0 then null else ${at} end,
      case when n % 3 = 0 then '+47' || (40000000 + n) end, '{}', case when n % 1000 = 0 then ${at} end,
      case when n % 5000 = 0 then ${farAway} end, ${at}, ${at}
    from ${numbers(count)}`)
  const door = `case when n % 500 = 0 then 'credebl' when n % 3 = 0 then 'wolfpal' else 'minbil' end`
  const ip = `'10.' || (n % 200) || '.' || (n % 251) || '.' || (n % 13)`
  await run(`insert into sessions (id, realm, account_id, client_id, dialect, generation, rotated_at, created_at,
      last_used_at, idle_expires_at, absolute_expires_at, ip, master_key_id)
    select ${id}, 'main', ${id}, case when n % 700 = 0 then 'rare' else 'app' || (n % 5) end, ${door}, 1, ${at}, ${at}, ${at},
      ${farAway}, ${farAway}, ${ip}, 'key'
    from ${numbers(count)}`)
  const event = `case when n % 2000 = 0 then 'account.disabled' when n % 4 = 0 then 'session.ended' else 'sign_in' end`
  await run(`insert into audit (id, realm, at, event, outcome, account_id, session_id, client_id, dialect, ip, actor)
    select ${id}, 'main', ${at}, ${event}, case when n % 7 = 0 then 'refused' else 'success' end, ${id}, ${id},
      'app' || (n % 5), ${door}, ${ip}, case when n % 2000 = 0 then 'cli' end
    from ${numbers(count)}`)
  const isDead = 'n % 100 = 0'
  await run(`insert into jobs (id, realm, kind, payload, run_at, attempts, last_error, created_at, done_at, dead_at)
    select ${id}, 'main', case when n % 2 = 0 then 'security-mail' else 'verify-email-mail' end,
      case when n % 2 = 0 then '{"accountId":"' || ${id} || '"}' else '{"email":"' || ${name} || '.' || n || '@example.com"}' end,
      ${at}, 1, case when ${isDead} then 'no answer' end, ${at}, case when ${isDead} or n % 101 = 0 then null else ${at} end,
      case when ${isDead} then ${at} end
    from ${numbers(Math.ceil(count / 10))}`)
  for (const table of tables) await run(`analyze ${table}`)
}

/** The id of the row that was made at a time, as `fillMany` makes it. */
export function idAt(at: number): string {
  const hex = at.toString(16).padStart(12, '0')
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-000000000000`
}

/** Ids that begin with the time, as a statement makes them. */
function writer(engine: Engine): { id(at: string): string } {
  const digits = (at: string) =>
    engine === 'postgres' ? `lpad(to_hex(${at}::bigint), 12, '0')` : `printf('%012x', ${at})`
  return {
    id: (at) =>
      `substr(${digits(at)}, 1, 8) || '-' || substr(${digits(at)}, 9, 4) || '-7000-8000-000000000000'`,
  }
}

/** How the database would read a statement, as lines of its own words, whatever values it is given. */
export async function planOf(databaseUrl: string, statement: string): Promise<string[]> {
  const isSqlite = databaseUrl.startsWith('sqlite:')
  const explain = isSqlite ? 'explain query plan' : 'explain (generic_plan, costs off)'
  const rows = await select(databaseUrl, `${explain} ${statement}`)
  return rows.map((row) => String(row.detail ?? row['QUERY PLAN']))
}
