import assert from 'node:assert/strict'
import { execute, select } from './database.ts'

/**
 * Puts copies of a session into the database past the server, as if its account had opened so many more a moment later.
 * `changes` are SQL for columns that differ, in which `i` counts from 1. No token opens them.
 */
export async function copySession(
  databaseUrl: string,
  { id, count, changes = {} }: { id: string; count: number; changes?: Record<string, string> },
): Promise<void> {
  const [row] = await select(databaseUrl, `select * from sessions where id = '${id}'`)
  assert.ok(row, `there is no session ${id}`)
  const columns = Object.keys(row)
  const start = copies
  copies += count
  const values: Record<string, string> = {
    id: `substr(id, 1, 24) || cast(${start} + 100000000000 + i as text)`,
    created_at: 'created_at + 1',
    ...changes,
  }
  await execute(
    databaseUrl,
    `insert into sessions (${columns.join(', ')})
     with recursive numbers(i) as (select 1 union all select i + 1 from numbers where i < ${count})
     select ${columns.map((column) => values[column] ?? column).join(', ')}
     from sessions, numbers where id = '${id}'`,
  )
}
let copies = 0

/** The ids of an account's sessions that have not ended, oldest first. */
export async function unendedSessions(databaseUrl: string, email: string): Promise<string[]> {
  const rows = await select(
    databaseUrl,
    `select sessions.id from sessions join accounts on accounts.id = sessions.account_id
     where accounts.email = '${email}' and ended_at is null order by sessions.created_at, sessions.id`,
  )
  return rows.map(({ id }) => String(id))
}
