import { sql } from 'kysely'
import type { Database } from './database.ts'
import { engineOf } from './engine-of.ts'

/**
 * Has SQLite merge its write-ahead log, which still holds what pages looked like before, and cut it to nothing; what
 * is deleted in a page is overwritten as it is (`secure_delete`). PostgreSQL does the like in its own time: it
 * reuses the space of deleted rows once it has vacuumed.
 */
export async function dropTraces(db: Database): Promise<void> {
  if (engineOf(db) === 'sqlite') await sql`pragma wal_checkpoint(truncate)`.execute(db)
}
