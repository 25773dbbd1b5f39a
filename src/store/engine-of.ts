import { SqliteAdapter } from 'kysely'
import type { Database, Engine } from './types.ts'

/** Which engine a database runs on, for the few statements that differ. */
export function engineOf(db: Database): Engine {
  return db.getExecutor().adapter instanceof SqliteAdapter ? 'sqlite' : 'postgres'
}
