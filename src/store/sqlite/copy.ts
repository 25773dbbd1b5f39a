import { backup, DatabaseSync } from 'node:sqlite'

/** How long a lock of somebody else's is waited for. */
const busyTimeoutMs = 5000
const pagesAtOnce = 1000

/**
 * Copies a database, as it is at one moment, into a file of its own, while others read and write it. An existing file
 * is written over. `onProgress` receives how many pages are done, of how many.
 */
export async function copyDatabase(
  { from, to }: { from: string; to: string },
  onProgress: (done: number, total: number) => void,
): Promise<void> {
  {
    using source = new DatabaseSync(from, { timeout: busyTimeoutMs })
    // Reading from one snapshot: else every write of another process would begin the copy anew.
    source.exec('BEGIN')
    source.prepare('SELECT count(*) FROM sqlite_schema').get()
    const progress = ({ totalPages, remainingPages }: { totalPages: number; remainingPages: number }) =>
      onProgress(totalPages - remainingPages, totalPages)
    const pages = await backup(source, to, { rate: pagesAtOnce, progress })
    onProgress(pages, pages)
  }
  using copy = new DatabaseSync(to)
  // One file, and not one with a log beside it.
  copy.exec('PRAGMA journal_mode = DELETE')
}

/** What a database file holds that decides whether this release can serve from it. */
export interface DatabaseFile {
  /** The names of the changes that made its tables. */
  changes: string[]
  /** What the master key must open. */
  signingKeys: { id: string; private_sealed: string }[]
  accounts: number
}

/** Why a file is no database of ours, in words that follow its name. */
export class UnusableFile extends Error {}

/** Checks every page and reference of a database file that nobody else uses. Throws `UnusableFile`. */
export function inspectDatabase(path: string): DatabaseFile {
  try {
    using database = new DatabaseSync(path, { timeout: busyTimeoutMs })
    const damage = database.prepare('PRAGMA integrity_check(1)').get()?.integrity_check
    if (damage !== 'ok') throw new UnusableFile(`is damaged: ${damage}`)
    const orphan = database.prepare('PRAGMA foreign_key_check').get()
    if (orphan)
      throw new UnusableFile(`is damaged: a row of ${orphan.table} belongs to no row of ${orphan.parent}`)
    const tables = new Set(namesIn(database, `SELECT name FROM sqlite_schema WHERE type = 'table'`))
    for (const table of ['schema_changes', 'accounts', 'sessions', 'signing_keys'])
      if (!tables.has(table))
        throw new UnusableFile(`is not a database of Manydoors: it has no table ${table}`)
    return {
      changes: namesIn(database, 'SELECT name FROM schema_changes'),
      signingKeys: database
        .prepare('SELECT id, private_sealed FROM signing_keys WHERE retired_at IS NULL')
        .all()
        .map((row) => ({ id: String(row.id), private_sealed: String(row.private_sealed) })),
      accounts: Number(database.prepare('SELECT count(*) AS rows FROM accounts').get()?.rows),
    }
  } catch (error) {
    throw asUnusable(error)
  }
}

/** `ok`, or what is wrong with a database file that others may use. */
export function quickCheck(path: string): string {
  try {
    using database = new DatabaseSync(path, { timeout: busyTimeoutMs })
    return String(database.prepare('PRAGMA quick_check(1)').get()?.quick_check)
  } catch (error) {
    const reason = asUnusable(error)
    if (reason instanceof UnusableFile) return `the file ${reason.message}`
    throw error
  }
}

function namesIn(database: DatabaseSync, query: string): string[] {
  return database
    .prepare(query)
    .all()
    .map(({ name }) => String(name))
}

/** SQLite's result codes (https://sqlite.org/rescode.html) that say that the file is no good. */
const unusable = new Map([
  [11 /* CORRUPT */, 'is damaged'],
  [26 /* NOTADB */, 'is not a database of SQLite'],
])

/** What SQLite says of a file that it cannot read, as `UnusableFile`; anything else as it is. */
export function asUnusable(error: unknown): unknown {
  const { errcode } = error as { errcode?: number }
  const reason = errcode === undefined ? undefined : unusable.get(errcode & 0xff)
  return reason ? new UnusableFile(reason) : error
}

/**
 * Keeps everybody else out of a database until `release`, with all of it in its one file. `undefined` when somebody
 * has it open. Throws `UnusableFile`.
 */
export function holdAlone(path: string): { database: DatabaseSync; release(): void } | undefined {
  const database = new DatabaseSync(path, { timeout: 0 })
  try {
    // Nobody gets out of WAL while others have the file open, and what is in the log goes into the file.
    database.exec('PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE')
    return { database, release: () => database.close() }
  } catch (error) {
    database.close()
    if ((error as { errcode?: number }).errcode === 5 /* BUSY */) return undefined
    throw asUnusable(error)
  }
}

/** What OpenID Connect keeps that is good for one use. Grants and what goes on with a browser are not. */
export const artifactsUsedOnce = [
  'AuthorizationCode',
  'DeviceCode',
  'Interaction',
  'PushedAuthorizationRequest',
]

/** Drops what is good for one use from a restored copy, as it could have been used since the copy was made. */
export function dropTickets(path: string): void {
  using database = new DatabaseSync(path)
  database.exec('DELETE FROM tickets')
  // A copy of an older release has none.
  if (database.prepare(`SELECT 1 FROM sqlite_schema WHERE name = 'openid_artifacts'`).get())
    database.exec(`DELETE FROM openid_artifacts WHERE kind IN ('${artifactsUsedOnce.join("', '")}')`)
}

/**
 * Ends every session in a database file, and with them those that another system has opened; `now` in epoch milliseconds.
 * Returns how many of ours there were.
 */
export function endAllSessions(path: string, now: number): number {
  using database = new DatabaseSync(path)
  const ending = `UPDATE sessions SET ended_at = ?, ended_why = 'restored' WHERE ended_at IS NULL`
  const { changes } = database.prepare(ending).run(now)
  // A copy of an older release has none of them.
  if (database.prepare(`SELECT 1 FROM sqlite_schema WHERE name = 'legacy_endings'`).get())
    database
      .prepare(
        `INSERT INTO legacy_endings (realm, account_id, dialect, ended_at)
          SELECT DISTINCT realm, account_id, '', CAST(? AS INTEGER) FROM legacy_links WHERE true
          ON CONFLICT (account_id, dialect) DO UPDATE SET ended_at = excluded.ended_at`,
      )
      .run(now)
  return Number(changes)
}
