import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { refusing } from './sqlite-file.ts'

/** Runs the statements that rate-limiter-flexible brings along, on a file. */
export interface LimitFile {
  query(statement: { text: string; values: unknown[] }): Promise<{ rows: unknown[]; rowCount: number }>
  close(): void
}

/**
 * Opens the counts that go with an embedded database, in a file of their own beside it: they outlive the process,
 * `kill -9` included, and wait neither for the disk nor for the database's writer. Only a power cut may lose the
 * last of them, as commits are not flushed; like the unlogged table on PostgreSQL, they are no part of a backup.
 */
export function openLimitFile(databasePath: string): LimitFile {
  const database = refusing(() => new DatabaseSync(`${databasePath}-limits`, { timeout: 5000 }))
  refusing(() =>
    database.exec(
      `PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
       CREATE TABLE IF NOT EXISTS limits (key TEXT PRIMARY KEY, points INTEGER NOT NULL, expire INTEGER NOT NULL);
       CREATE INDEX IF NOT EXISTS limits_expire ON limits (expire);`,
    ),
  )
  const statements = new Map<string, StatementSync>()
  const prepare = (text: string) => {
    const statement = statements.get(text) ?? database.prepare(text)
    statements.set(text, statement)
    return statement
  }

  return {
    query: async ({ text, values }) =>
      refusing(() => {
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
