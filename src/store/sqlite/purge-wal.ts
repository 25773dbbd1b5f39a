import { setTimeout as pause } from 'node:timers/promises'
import { sql } from 'kysely'
import { engineOf } from '../engine-of.ts'
import type { Database } from '../types.ts'

/** How long it is tried. */
const timeoutMs = 5000
/** What others get to write between two attempts. */
const pauseMs = 250

/**
 * Has SQLite merge its write-ahead log, which still holds what pages looked like before, and cut it to nothing; what
 * is deleted in a page is overwritten as it is (`secure_delete`). Returns whether that was done: not while somebody
 * reads what was there before, such as a backup. PostgreSQL does the like in its own time: it reuses the space of
 * deleted rows once it has vacuumed.
 */
export async function purgeWal(db: Database): Promise<boolean> {
  if (engineOf(db) !== 'sqlite') return true
  const deadline = performance.now() + timeoutMs
  for (;;) {
    const { rows } = await sql<{ busy: number }>`pragma wal_checkpoint(truncate)`.execute(db)
    if (rows[0]?.busy === 0) return true
    if (performance.now() > deadline) return false
    await pause(pauseMs)
  }
}
