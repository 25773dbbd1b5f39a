import {
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  InsertQueryNode,
  type Kysely,
  type QueryResult,
  type RootOperationNode,
  SelectQueryNode,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely'
import { type BindValues, openSqliteFile, type SqliteFile } from './file.ts'
import { openWriter, type Writer, type WriterTransaction } from './writer.ts'

/** Runs a query that belongs to no transaction. */
export type RunQuery = <R>(query: CompiledQuery<R>) => Promise<QueryResult<R>>

/** The embedded engine: WAL, every commit flushed to the disk, foreign keys on, reads on a connection of their own. */
export function sqliteDialect(path: string): { dialect: Dialect; run: RunQuery } {
  const driver = new SqliteDriver(path)
  const dialect = {
    createAdapter: () => new ConcurrentSqliteAdapter(),
    createDriver: () => driver,
    createIntrospector: (db: Kysely<unknown>) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  }
  return { dialect, run: (query) => driver.run(query) }
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
  #reader!: SqliteFile
  /** For what belongs to no transaction. */
  #shared!: SqliteConnection
  #opening: Promise<void> | undefined
  #isOpen = false

  constructor(path: string) {
    this.#path = path
  }

  /** Opens the file once; where that fails, the next call tries again. */
  init(): Promise<void> {
    this.#opening ??= this.#open().catch((error) => {
      this.#opening = undefined
      throw error
    })
    return this.#opening
  }

  async #open() {
    this.#reader = openSqliteFile(this.#path, { inodeCheckIntervalMs: 1000 })
    this.#writer = await openWriter(this.#path)
    this.#shared = new SqliteConnection(this.#writer, this.#reader)
    this.#isOpen = true
  }

  run<R>(query: CompiledQuery<R>): Promise<QueryResult<R>> {
    const run = () => this.#shared.executeQuery<R>(query)
    return this.#isOpen ? run() : this.init().then(run)
  }

  async acquireConnection() {
    return new SqliteConnection(this.#writer, this.#reader)
  }

  async releaseConnection() {}

  async beginTransaction(connection: DatabaseConnection) {
    ;(connection as SqliteConnection).begin()
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

/** Whether it only adds rows: nothing comes of that but that it was done, which the commit says. */
function isUnread(query: RootOperationNode): boolean {
  return InsertQueryNode.is(query) && query.returning === undefined
}

/** Sends a statement to the open transaction, to the reader when it only selects, else to the writer. */
class SqliteConnection implements DatabaseConnection {
  readonly #writer: Writer
  readonly #reader: SqliteFile
  #transaction: WriterTransaction | undefined

  constructor(writer: Writer, reader: SqliteFile) {
    this.#writer = writer
    this.#reader = reader
  }

  begin() {
    this.#transaction = this.#writer.begin()
  }

  async end(how: 'commit' | 'rollback') {
    const transaction = this.#transaction
    this.#transaction = undefined
    await transaction?.[how]()
  }

  async executeQuery<R>({ sql, parameters, query }: CompiledQuery): Promise<QueryResult<R>> {
    const values = parameters as BindValues
    if (this.#transaction) {
      if (!isUnread(query)) return this.#transaction.run(sql, values) as Promise<QueryResult<R>>
      this.#transaction.runUnread(sql, values)
      return { rows: [] }
    }
    if (SelectQueryNode.is(query)) return this.#reader.run(sql, values) as QueryResult<R>
    return this.#writer.run(sql, values) as Promise<QueryResult<R>>
  }

  // biome-ignore lint/correctness/useYield: it never yields, it only refuses
  async *streamQuery(): AsyncIterableIterator<never> {
    throw new Error('streaming is not supported')
  }
}
