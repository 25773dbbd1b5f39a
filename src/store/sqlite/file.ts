import { DatabaseSync, type SQLInputValue, type SQLOutputValue, type StatementSync } from 'node:sqlite'
import type { QueryResult } from 'kysely'
import { DatabaseUnavailable } from '../unavailable.ts'
import { NotADatabase } from './not-a-database.ts'
import { assertSameFile } from './same-file.ts'

export type BindValues = readonly SQLInputValue[]

interface Prepared {
  statement: StatementSync
  /** The names of what it returns; none for one that returns nothing. */
  columns: string[]
}

/** How long a lock of somebody else's is waited for. */
export const defaultBusyTimeoutMs = 5000

/** A connection of this thread to a database file. */
export interface SqliteFile {
  /** Throws `DatabaseUnavailable` where SQLite says "not now". */
  run(sql: string, parameters?: BindValues): QueryResult<unknown>
  /** Whether a transaction is open: SQLite ends one itself after some errors. */
  isInTransaction(): boolean
  /** How long a lock of somebody else's is waited for; at first `defaultBusyTimeoutMs`. */
  setBusyTimeout(timeoutMs: number): void
  close(): void
}

/**
 * Opens the file with the measured settings and keeps every statement prepared under its text. Once in
 * `inodeCheckIntervalMs`, and not within a transaction, it looks whether the file is still there. Throws
 * `DatabaseUnavailable`, and `NotADatabase` for a file of another kind.
 */
export function openSqliteFile(
  path: string,
  { inodeCheckIntervalMs }: { inodeCheckIntervalMs: number },
): SqliteFile {
  const database = openDatabase(path)
  const checkPlace = assertSameFile(path, inodeCheckIntervalMs)
  const statements = new Map<string, Prepared>()

  const prepare = (sql: string) => {
    let prepared = statements.get(sql)
    if (!prepared) {
      const statement = database.prepare(sql)
      prepared = { statement, columns: columnsOf(statement) }
      // Rows that are put together here take less time than those of node:sqlite, and are quicker to read.
      statement.setReturnArrays(true)
      statements.set(sql, prepared)
    }
    return prepared
  }

  return {
    run: (sql, parameters = []) =>
      refusing(() => {
        if (!database.isTransaction) checkPlace()
        const prepared = prepare(sql)
        const { statement } = prepared
        if (prepared.columns.length > 0) {
          const rows = statement.all(...parameters) as unknown as SQLOutputValue[][]
          // A migration of another process has given the table a column since.
          if (rows[0] && rows[0].length !== prepared.columns.length) prepared.columns = columnsOf(statement)
          return { rows: rows.map((values) => rowOf(prepared.columns, values)) }
        }
        return { rows: [], numAffectedRows: BigInt(statement.run(...parameters).changes) }
      }),
    isInTransaction: () => database.isOpen && database.isTransaction,
    setBusyTimeout: (timeoutMs) => database.exec(`PRAGMA busy_timeout = ${timeoutMs}`),
    close: () => database.close(),
  }
}

function columnsOf(statement: StatementSync): string[] {
  return statement.columns().map(({ name }) => name)
}

function rowOf(columns: string[], values: SQLOutputValue[]): Record<string, unknown> {
  const row: Record<string, unknown> = {}
  for (let index = 0; index < columns.length; index++) row[columns[index] as string] = values[index]
  return row
}

/** SQLite's result code for a file that does not begin as its own do. */
const notADatabase = 26

function openDatabase(path: string): DatabaseSync {
  try {
    const database = refusing(() => new DatabaseSync(path, { timeout: defaultBusyTimeoutMs }))
    const settings = `PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;
      PRAGMA secure_delete = ON;
      PRAGMA cache_size = -65536; PRAGMA mmap_size = 1073741824; PRAGMA wal_autocheckpoint = 8000;`
    refusing(() => database.exec(settings))
    return database
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
    const { errcode = 0, code } = error as { errcode?: number; code?: string }
    // What a request whose client has gone meets when the server has stopped meanwhile.
    const isClosed = code === 'ERR_INVALID_STATE'
    throw isClosed || unavailable.has(errcode & 0xff) ? new DatabaseUnavailable(error) : error
  }
}
