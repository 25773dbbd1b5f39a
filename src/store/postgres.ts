import {
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type QueryResult,
} from 'kysely'
import pg from 'pg'
import { driverUrl } from '../lib/postgres-url.ts'
import type { DatabaseObserver } from './observed.ts'
import { DatabaseUnavailable } from './unavailable.ts'

const int8 = 20

/** In milliseconds: how long a statement may take before it is given up, and the connection with it. */
const patience = 10_000

/**
 * What every connection is set to, as far as the server knows it: it gives a statement up before we do, so that we know
 * what became of it, and drops what nobody waits for any more, and the locks of a process that went silent amid a
 * transaction. All in milliseconds.
 */
const settings = `
  select set_config(name, wanted, false)
  from pg_settings join (values
    ('statement_timeout', '${patience - 1000}'),
    ('client_connection_check_interval', '2000'),
    ('idle_in_transaction_session_timeout', '30000')
  ) as ours (known, wanted) on name = known`

/** What pg takes and its types do not know; after so many milliseconds it throws, and 0 is for ever. */
interface TimedQuery extends pg.QueryConfig {
  query_timeout: number
}

/** PostgreSQL through a pool, statements prepared under a name of their own, INT8 read as a number. */
export function postgresDialect(url: string, watchPool?: DatabaseObserver['pool']): Dialect {
  return {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => new PostgresDriver(url, watchPool),
    createIntrospector: (db) => new PostgresIntrospector(db),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  }
}

class PostgresDriver implements Driver {
  readonly #pool: pg.Pool

  constructor(url: string, watchPool?: DatabaseObserver['pool']) {
    this.#pool = new pg.Pool({
      connectionString: driverUrl(url),
      // What an operator sees in pg_stat_activity, and what a migration knows the connections of 0.1.0 by: they have none.
      application_name: 'manydoors',
      max: 10,
      connectionTimeoutMillis: 5000,
      idleTimeoutMillis: 30_000,
      keepAlive: true,
      onConnect: async (client: pg.ClientBase) => {
        const statement: TimedQuery = { text: settings, query_timeout: patience }
        await client.query(statement)
      },
      types: {
        getTypeParser: (oid: number, format?: 'text' | 'binary') =>
          oid === int8 ? Number : pg.types.getTypeParser(oid, format),
      } as pg.CustomTypesConfig,
    })
    // An idle connection that breaks is dropped by the pool; the next query opens another.
    this.#pool.on('error', () => {})
    const pool = this.#pool
    watchPool?.(() => ({ total: pool.totalCount, idle: pool.idleCount, waiting: pool.waitingCount }))
  }

  async init() {}

  async acquireConnection() {
    try {
      return new PostgresConnection(await this.#pool.connect())
    } catch (error) {
      // Whatever the server says to one who wants in (locked, unknown password, no such database), it is not there.
      throw new DatabaseUnavailable(error)
    }
  }

  async releaseConnection(connection: DatabaseConnection) {
    ;(connection as PostgresConnection).release()
  }

  async beginTransaction(connection: DatabaseConnection) {
    await (connection as PostgresConnection).begin()
  }

  async commitTransaction(connection: DatabaseConnection) {
    const { command } = await (connection as PostgresConnection).run('commit', [])
    // What the server makes of it when a statement has failed before: then nothing was kept.
    if (command !== 'COMMIT') throw new Error(`a transaction that had failed was ended by ${command}`)
  }

  async rollbackTransaction(connection: DatabaseConnection) {
    await (connection as PostgresConnection).run('rollback', [])
  }

  async destroy() {
    await this.#pool.end()
  }
}

class PostgresConnection implements DatabaseConnection {
  readonly #client: pg.PoolClient
  #broken: Error | undefined
  #patience = patience
  #isInTransaction = false

  constructor(client: pg.PoolClient) {
    this.#client = client
    client.on('error', this.#onError)
  }

  readonly #onError = (error: Error) => {
    this.#broken = error
  }

  /** Begins a transaction, in which the connection stays until it is released. */
  async begin() {
    await this.run('begin', [])
    this.#isInTransaction = true
  }

  /** Throws `DatabaseUnavailable`, and then for every further statement too: the connection is not used again. */
  async run(sql: string, parameters: readonly unknown[]): Promise<pg.QueryResult> {
    if (this.#broken) throw new DatabaseUnavailable(this.#broken)
    // Migrations alone take this lock: they, and who waits for them, may take as long as they need.
    if (this.#patience > 0 && sql.includes('pg_advisory_xact_lock')) {
      this.#patience = 0
      await this.run('set local statement_timeout = 0', [])
    }
    const statement: TimedQuery = {
      name: statementName(sql),
      text: sql,
      values: [...parameters],
      query_timeout: this.#patience,
    }
    try {
      return await this.#client.query(statement)
    } catch (error) {
      if (isOutdated(error)) {
        // For every connection.
        names.clear()
        if (!this.#isInTransaction) return this.run(sql, parameters)
      } else if (isRefusal(error)) {
        throw error
      }
      this.#broken = new DatabaseUnavailable(error)
      throw this.#broken
    }
  }

  async executeQuery<R>({ sql, parameters }: CompiledQuery): Promise<QueryResult<R>> {
    const result = await this.run(sql, parameters)
    return { rows: result.rows as R[], numAffectedRows: BigInt(result.rowCount ?? 0) }
  }

  /** Gives the connection back to the pool, or throws it away when it has failed. */
  release() {
    this.#client.off('error', this.#onError)
    this.#client.release(this.#broken)
  }

  // biome-ignore lint/correctness/useYield: it never yields, it only refuses
  async *streamQuery(): AsyncIterableIterator<never> {
    throw new Error('streaming is not supported')
  }
}

const names = new Map<string, string>()
const mostNames = 500
let namesGiven = 0

/** The same name for the same text; none once there are too many texts to keep prepared. */
function statementName(sql: string): string | undefined {
  let name = names.get(sql)
  if (!name && names.size < mostNames) {
    name = `s${++namesGiven}`
    names.set(sql, name)
  }
  return name
}

/**
 * PostgreSQL's error codes, or their classes, that say "not now": connection, transaction broken off, resources,
 * lock, operator intervention, system; a server that only reads, and one that ended an idle transaction.
 */
const unavailable = /^(08|40|53|57|58|25006|25P03|25P04|55P03)/

/** Whether PostgreSQL has found fault with the statement. */
function isRefusal(error: unknown): boolean {
  return error instanceof pg.DatabaseError && !unavailable.test(error.code ?? '')
}

/** Whether a statement gives other columns since it was prepared: a newer release has migrated the tables. */
function isOutdated(error: unknown): boolean {
  return error instanceof pg.DatabaseError && error.code === '0A000' && error.message.includes('cached plan')
}
