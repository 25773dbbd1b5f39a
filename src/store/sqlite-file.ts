import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'
import type { QueryResult } from 'kysely'
import { NotADatabase } from './not-a-database.ts'
import { DatabaseUnavailable } from './unavailable.ts'

export type Parameters = readonly SQLInputValue[]

/** A connection of this thread to a database file. */
export interface SqliteFile {
  /** Throws `DatabaseUnavailable` where SQLite says "not now". */
  run(sql: string, parameters?: Parameters): QueryResult<unknown>
  /** Whether a transaction is open: SQLite ends one itself after some errors. */
  isInTransaction(): boolean
  close(): void
}

/**
 * Opens the file with the measured settings and keeps every statement prepared under its text. Throws
 * `DatabaseUnavailable`, and `NotADatabase` for a file of another kind.
 */
export function openSqliteFile(path: string): SqliteFile {
  const database = refusing(() => new DatabaseSync(path, { timeout: 5000 }))
  readingHeader(path, () =>
    database.exec(
      `PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;
       PRAGMA secure_delete = ON;
       PRAGMA cache_size = -65536; PRAGMA mmap_size = 1073741824; PRAGMA wal_autocheckpoint = 8000;`,
    ),
  )
  const statements = new Map<string, { statement: StatementSync; returnsRows: boolean }>()

  const prepare = (sql: string) => {
    let prepared = statements.get(sql)
    if (!prepared) {
      const statement = database.prepare(sql)
      prepared = { statement, returnsRows: statement.columns().length > 0 }
      statements.set(sql, prepared)
    }
    return prepared
  }

  return {
    run: (sql, parameters = []) =>
      refusing(() => {
        const { statement, returnsRows } = prepare(sql)
        if (returnsRows) return { rows: statement.all(...parameters) }
        return { rows: [], numAffectedRows: BigInt(statement.run(...parameters).changes) }
      }),
    isInTransaction: () => database.isOpen && database.isTransaction,
    close: () => database.close(),
  }
}

/** SQLite's result code for a file that does not begin as its own do. */
const notADatabase = 26

/** The first work on a file, which reads how it begins. */
function readingHeader<T>(path: string, work: () => T): T {
  try {
    return refusing(work)
  } catch (error) {
    throw (error as { errcode?: number }).errcode === notADatabase ? new NotADatabase(path, error) : error
  }
}

/** SQLite's result codes (https://sqlite.org/rescode.html) that say "not now" and not "wrong". */
const unavailable = new Set([
  5 /* BUSY */, 6 /* LOCKED */, 8 /* READONLY */, 10 /* IOERR */, 13 /* FULL */, 14 /* CANTOPEN */,
])

/** Does work on SQLite. Throws `DatabaseUnavailable` where it says "not now". */
export function refusing<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    const { errcode } = error as { errcode?: number }
    throw errcode !== undefined && unavailable.has(errcode & 0xff) ? new DatabaseUnavailable(error) : error
  }
}
