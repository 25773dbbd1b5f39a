import type { Engine } from '../types.ts'
import { runStatements, type SchemaChange } from './migrate.ts'

/**
 * Leaves room on the pages of sessions of PostgreSQL: a refresh writes its row anew, and where that finds no room beside
 * the old one each index of the table gets an entry for it, too (heap-only tuples). It holds for pages that are written
 * from now on; on the others there is room as old versions of rows go.
 */
export const roomForRefreshes = (engine: Engine): SchemaChange => ({
  up: (db) => runStatements(db, engine === 'postgres' ? ['alter table sessions set (fillfactor = 80)'] : []),
})
