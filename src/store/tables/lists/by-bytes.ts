import { type RawBuilder, sql } from 'kysely'
import { engineOf } from '../../engine-of.ts'
import type { Database } from '../../types.ts'

/**
 * A column in the order of its bytes, whatever language the database speaks: so its indexes for lists are, and so
 * beginnings are found. SQLite has no other order.
 */
export function byBytes(db: Database, column: string): RawBuilder<string> {
  return engineOf(db) === 'postgres' ? sql`${sql.ref(column)} collate "C"` : sql`${sql.ref(column)}`
}
