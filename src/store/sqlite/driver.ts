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
import { type DatabaseObserver, type Watch, watchStatements } from '../observed.ts'
import { type BindValues, openSqliteFile, type SqliteFile } from './file.ts'
import { openWriter, type Writer, type WriterTransaction } from './writer.ts'

/** The embedded engine: WAL, every commit flushed to the disk, foreign keys on, reads on a connection of their own. */
export function sqliteDialect(path: string, observer?: DatabaseObserver): Dialect {
  const driver = new SqliteDriver(path, watchStatements(observer))
  return {
    createAdapter: () => new ConcurrentSqliteAdapter(driver),
    createDriver: () => driver,
    createIntrospector: (db: Kysely<unknown>) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  }
}

/** Kysely's own adapter assumes one connection and guards it with a lock; the writer here does that for writes alone. */
export class ConcurrentSqliteAdapter extends SqliteAdapter {
  readonly #driver: SqliteDriver

  constructor(driver: SqliteDriver) {
    super()
    this.#driver = driver
  }

  override get supportsMultipleConnections() {
    return true
  }
  override get supportsTransactionalDdl() {
    return true
  }

  /** Runs a query that belongs to no transaction, and not on Kysely's longer way. */
  runDirectly<R>(query: CompiledQuery<R>): Promise<QueryResult<R>> {
    return this.#driver.run(query)
  }
}

interface Parts {
  writer: Writer
  reader: SqliteFile
  watch: Watch
}

class SqliteDriver implements Driver {
  readonly #path: string
  readonly #watch: Watch
  #parts!: Parts
  /** For what belongs to no transaction; there once the file is open. */
  #shared: SqliteConnection | undefined
  #opening: Promise<void> | undefined

  constructor(path: string, watch: Watch) {
    this.#path = path
    this.#watch = watch
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
    const reader = openSqliteFile(this.#path, { inodeCheckIntervalMs: 1000 })
    this.#parts = { reader, writer: await openWriter(this.#path), watch: this.#watch }
    this.#shared = new SqliteConnection(this.#parts)
  }

  run<R>(query: CompiledQuery<R>): Promise<QueryResult<R>> {
    return this.#shared ? this.#shared.executeQuery(query) : this.init().then(() => this.run(query))
  }

  async acquireConnection() {
    return new SqliteConnection(this.#parts)
  }

  async releaseConnection() {}

  beginTransaction(connection: DatabaseConnection) {
    return this.#watch('begin', async () => (connection as SqliteConnection).begin())
  }

  commitTransaction(connection: DatabaseConnection) {
    return this.#watch('commit', () => (connection as SqliteConnection).end('commit'))
  }

  rollbackTransaction(connection: DatabaseConnection) {
    return this.#watch('rollback', () => (connection as SqliteConnection).end('rollback'))
  }

  async destroy() {
    await this.#parts.writer.close()
    this.#parts.reader.close()
  }
}

/** Whether it only adds rows: nothing comes of that but that it was done, which the commit says. */
function isUnread(query: RootOperationNode): boolean {
  return InsertQueryNode.is(query) && query.returning === undefined
}

/** Sends a statement to the open transaction, to the reader when it only selects, else to the writer. */
class SqliteConnection implements DatabaseConnection {
  readonly #parts: Parts
  #transaction: WriterTransaction | undefined

  constructor(parts: Parts) {
    this.#parts = parts
  }

  begin() {
    this.#transaction = this.#parts.writer.begin()
  }

  async end(how: 'commit' | 'rollback') {
    const transaction = this.#transaction
    this.#transaction = undefined
    await transaction?.[how]()
  }

  executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    return this.#parts.watch(query.sql, () => this.#run(query))
  }

  async #run<R>({ sql, parameters, query }: CompiledQuery): Promise<QueryResult<R>> {
    const values = parameters as BindValues
    if (this.#transaction) {
      if (!isUnread(query)) return this.#transaction.run(sql, values) as Promise<QueryResult<R>>
      this.#transaction.runUnread(sql, values)
      return { rows: [] }
    }
    if (SelectQueryNode.is(query)) return this.#parts.reader.run(sql, values) as QueryResult<R>
    return this.#parts.writer.run(sql, values) as Promise<QueryResult<R>>
  }

  // biome-ignore lint/correctness/useYield: it never yields, it only refuses
  async *streamQuery(): AsyncIterableIterator<never> {
    throw new Error('streaming is not supported')
  }
}
