import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'
import {
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type QueryResult,
  SelectQueryNode,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely'
import { NotADatabase } from './not-a-database.ts'
import { DatabaseUnavailable } from './unavailable.ts'

type Parameters = readonly SQLInputValue[]

/** Runs statements on the one connection that writes. A promise resolves when the write is on the disk. */
interface Writer {
  /** One statement in a transaction of its own. */
  run(sql: string, parameters: Parameters): Promise<QueryResult<unknown>>
  /** Waits for its turn, then has the writer alone until `commit` or `rollback`. */
  begin(): Promise<WriterTransaction>
  close(): Promise<void>
}

interface WriterTransaction {
  run(sql: string, parameters: Parameters): Promise<QueryResult<unknown>>
  commit(): Promise<void>
  rollback(): Promise<void>
}

/** The embedded engine: WAL, every commit flushed to the disk, foreign keys on, reads on a connection of their own. */
export function sqliteDialect(path: string): Dialect {
  return {
    createAdapter: () => new ConcurrentSqliteAdapter(),
    createDriver: () => new SqliteDriver(path),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  }
}

/** Kysely's own adapter assumes one connection and guards it with a lock; the writer here does that for writes alone. */
class ConcurrentSqliteAdapter extends SqliteAdapter {
  override get supportsMultipleConnections() {
    return true
  }
  override get supportsTransactionalDdl() {
    return true
  }
}

class SqliteDriver implements Driver {
  readonly #path: string
  #writer!: Writer
  #reader!: PreparedDatabase

  constructor(path: string) {
    this.#path = path
  }

  async init() {
    this.#writer = inlineWriter(openDatabase(this.#path))
    this.#reader = openDatabase(this.#path)
  }

  async acquireConnection() {
    return new SqliteConnection(this.#writer, this.#reader)
  }

  async releaseConnection() {}

  async beginTransaction(connection: DatabaseConnection) {
    await (connection as SqliteConnection).begin()
  }

  async commitTransaction(connection: DatabaseConnection) {
    await (connection as SqliteConnection).end('commit')
  }

  async rollbackTransaction(connection: DatabaseConnection) {
    await (connection as SqliteConnection).end('rollback')
  }

  async destroy() {
    await this.#writer.close()
    this.#reader.close()
  }
}

/** Sends a statement to the open transaction, to the reader when it only selects, else to the writer. */
class SqliteConnection implements DatabaseConnection {
  readonly #writer: Writer
  readonly #reader: PreparedDatabase
  #transaction: WriterTransaction | undefined

  constructor(writer: Writer, reader: PreparedDatabase) {
    this.#writer = writer
    this.#reader = reader
  }

  async begin() {
    this.#transaction = await this.#writer.begin()
  }

  async end(how: 'commit' | 'rollback') {
    const transaction = this.#transaction
    this.#transaction = undefined
    await transaction?.[how]()
  }

  async executeQuery<R>({ sql, parameters, query }: CompiledQuery): Promise<QueryResult<R>> {
    const values = parameters as Parameters
    if (this.#transaction) return this.#transaction.run(sql, values) as Promise<QueryResult<R>>
    if (SelectQueryNode.is(query)) return this.#reader.run(sql, values) as QueryResult<R>
    return this.#writer.run(sql, values) as Promise<QueryResult<R>>
  }

  // biome-ignore lint/correctness/useYield: it never yields, it only refuses
  async *streamQuery(): AsyncIterableIterator<never> {
    throw new Error('streaming is not supported')
  }
}

interface PreparedDatabase {
  run(sql: string, parameters: Parameters): QueryResult<unknown>
  /** Ends the open transaction, if SQLite has not ended it itself after an error. */
  rollback(): void
  close(): void
}

/** Opens the file with the measured settings and keeps every statement prepared under its text. */
function openDatabase(path: string): PreparedDatabase {
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
    run: (sql, parameters) =>
      refusing(() => {
        const { statement, returnsRows } = prepare(sql)
        if (returnsRows) return { rows: statement.all(...parameters) }
        return { rows: [], numAffectedRows: BigInt(statement.run(...parameters).changes) }
      }),
    rollback: () => {
      if (database.isTransaction) database.exec('ROLLBACK')
    },
    close: () => database.close(),
  }
}

/** Writes on the calling thread, one after the other. */
function inlineWriter(database: PreparedDatabase): Writer {
  let queue: Promise<unknown> = Promise.resolve()
  const inTurn = <T>(work: () => T | Promise<T>): Promise<T> => {
    const result = queue.then(work)
    queue = result.catch(() => {})
    return result
  }

  return {
    run: (sql, parameters) => inTurn(() => database.run(sql, parameters)),
    begin: () =>
      new Promise((started, failed) => {
        inTurn(async () => {
          database.run('BEGIN IMMEDIATE', [])
          await new Promise<void>((ended) => {
            const rollback = async () => {
              try {
                database.rollback()
              } finally {
                ended()
              }
            }
            const commit = async () => {
              try {
                database.run('COMMIT', [])
                ended()
              } catch (error) {
                await rollback()
                throw error
              }
            }
            started({ run: async (sql, parameters) => database.run(sql, parameters), commit, rollback })
          })
        }).catch(failed)
      }),
    close: () => inTurn(() => database.close()),
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
