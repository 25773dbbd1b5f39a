import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { setTimeout as pause } from 'node:timers/promises'
import { DatabaseUnavailable } from '../unavailable.ts'
import { defaultBusyTimeoutMs, refusing } from './file.ts'

/** Runs the statements that rate-limiter-flexible brings along, on a file. */
export interface LimitFile {
  /** Throws `DatabaseUnavailable`, where others keep the file locked after a tenth of a second. */
  query(statement: { text: string; values: unknown[] }): Promise<{ rows: unknown[]; rowCount: number }>
  close(): void
}

/** Where the counts are that go with the database at that path. */
export function limitPath(databasePath: string): string {
  return `${databasePath}-limits`
}

/** How often a file is tried that another process has locked, and the pause between: a tenth of a second. */
const maxAttempts = 20
const pauseMs = 5

/**
 * Opens the counts that go with an embedded database, in a file of their own beside it: they outlive the process,
 * `kill -9` included, and wait neither for the disk nor for the database's writer. Only a power cut may lose the
 * last of them, as commits are not flushed; like the unlogged table on PostgreSQL, they are no part of a backup.
 */
export function openLimitFile(databasePath: string): LimitFile {
  const database = refusing(
    () => new DatabaseSync(limitPath(databasePath), { timeout: defaultBusyTimeoutMs }),
  )
  refusing(() =>
    database.exec(
      `PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
       CREATE TABLE IF NOT EXISTS limits (key TEXT PRIMARY KEY, points INTEGER NOT NULL, expire INTEGER NOT NULL);
       CREATE INDEX IF NOT EXISTS limits_expire ON limits (expire);`,
    ),
  )
  // From here on, waiting would hold up everything else on this thread.
  database.exec('PRAGMA busy_timeout = 0')
  const statements = new Map<string, StatementSync>()
  const prepare = (text: string) => {
    const statement = statements.get(text) ?? database.prepare(text)
    statements.set(text, statement)
    return statement
  }

  return {
    query: ({ text, values }) =>
      untilUnlocked(() => {
        // SQLite reads `$1` as a name.
        const named = Object.fromEntries(values.map((value, index) => [`$${index + 1}`, value as string]))
        const statement = prepare(text)
        if (statement.columns().length > 0) {
          const rows = statement.all(named)
          return { rows, rowCount: rows.length }
        }
        return { rows: [], rowCount: Number(statement.run(named).changes) }
      }),
    close: () => database.close(),
  }
}

/** Does work on SQLite, again and again while it is locked. Throws `DatabaseUnavailable`. */
async function untilUnlocked<T>(work: () => T): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return refusing(work)
    } catch (error) {
      if (!isLocked(error) || attempt === maxAttempts) throw error
    }
    await pause(pauseMs)
  }
}

/** SQLite's result code for a lock that somebody else has. */
const busy = 5

function isLocked(error: unknown): boolean {
  if (!(error instanceof DatabaseUnavailable)) return false
  return ((error.cause as { errcode: number }).errcode & 0xff) === busy
}
