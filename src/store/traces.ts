import { sql } from 'kysely'
import type { Database } from './database.ts'
import { engineOf } from './engine-of.ts'

/** In milliseconds: how long it is tried, and what others get to write between two attempts. */
const patience = 5000
const rest = 250

/**
 * Has SQLite merge its write-ahead log, which still holds what pages looked like before, and cut it to nothing; what
 * is deleted in a page is overwritten as it is (`secure_delete`). Returns whether that was done: not while somebody
 * reads what was there before, such as a backup. PostgreSQL does the like in its own time: it reuses the space of
 * deleted rows once it has vacuumed.
 */
export async function dropTraces(db: Database): Promise<boolean> {
  if (engineOf(db) !== 'sqlite') return true
  const deadline = performance.now() + patience
  while (!(await cutLog(db))) {
    if (performance.now() > deadline) return false
    await new Promise((over) => setTimeout(over, rest))
  }
  return true
}

async function cutLog(db: Database): Promise<boolean> {
  const { rows } = await sql<{ busy: number }>`pragma wal_checkpoint(truncate)`.execute(db)
  return rows[0]?.busy === 0
}
