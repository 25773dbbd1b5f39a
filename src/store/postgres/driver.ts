import {
  type DatabaseConnection,
  type Dialect,
  type Driver,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
} from 'kysely'
import pg from 'pg'
import { driverUrl } from '../../lib/postgres-url.ts'
import { type DatabaseObserver, type Watch, watchStatements } from '../observed.ts'
import type { DatabaseListeners, DatabaseLog, PostgresLocation } from '../types.ts'
import { DatabaseUnavailable } from '../unavailable.ts'
import { PostgresConnection, queryTimeoutMs, type TimedQuery } from './connection.ts'
import { type CurrentUrl, currentUrl } from './current-url.ts'
import { announcedProcess, type PoolerMode, poolerMode } from './pooler.ts'
import { type StatementNames, statementNames } from './statement-names.ts'

const int8 = 20

/**
 * What every connection is set to, as far as the server knows it: it gives a statement up before we do, so that we know
 * what became of it, and drops what nobody waits for any more, and the locks of a process that went silent amid a
 * transaction.
 */
const settingsMs: Record<string, number> = {
  statement_timeout: queryTimeoutMs - 1000,
  client_connection_check_interval: 2000,
  idle_in_transaction_session_timeout: 30_000,
}

/**
 * Which of the settings the server knows. They are made for the rest of the connection where it leads to the process `$1`:
 * behind a pooler they might stay with whoever gets that process next.
 */
const makeSettings = `
  select name, case when pg_backend_pid() = $1::int then set_config(name, wanted, false) end as made
  from pg_settings join (values
    ${Object.entries(settingsMs)
      .map(([name, value]) => `('${name}', '${value}')`)
      .join(', ')}
  ) as ours (known, wanted) on name = known`

/** PostgreSQL through a pool, statements prepared under a name of their own, INT8 read as a number. */
export function postgresDialect(location: PostgresLocation, listeners: DatabaseListeners): Dialect {
  return {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => new PostgresDriver(location, listeners),
    createIntrospector: (db) => new PostgresIntrospector(db),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  }
}

class PostgresDriver implements Driver {
  readonly #pool: pg.Pool
  readonly #current: CurrentUrl
  readonly #observer: DatabaseObserver | undefined
  readonly #log: DatabaseLog | undefined
  readonly #watch: Watch
  readonly #names: StatementNames = statementNames()
  #pooler: Promise<PoolerMode> | undefined
  #knownSettings: string[] = []
  /** Whether each transaction may meet another process of PostgreSQL. */
  #isShared = false

  constructor(location: PostgresLocation, { observer, log }: DatabaseListeners) {
    this.#observer = observer
    this.#watch = watchStatements(observer)
    this.#log = log
    this.#current = currentUrl(location, (file) =>
      log?.warn({ file }, 'the address of the database was read again, as the one before was refused'),
    )
    this.#pool = new pg.Pool({
      connectionString: driverUrl(location.url),
      // What an operator sees in pg_stat_activity.
      application_name: 'manydoors',
      max: 10,
      connectionTimeoutMillis: 5000,
      idleTimeoutMillis: 30_000,
      keepAlive: true,
      onConnect: (client: pg.ClientBase) => this.#prepare(client),
      types: {
        getTypeParser: (oid: number, format?: 'text' | 'binary') =>
          oid === int8 ? Number : pg.types.getTypeParser(oid, format),
      } as pg.CustomTypesConfig,
    })
    // An idle connection that breaks is dropped by the pool; the next query opens another.
    this.#pool.on('error', () => {})
    const pool = this.#pool
    observer?.pool(() => ({ total: pool.totalCount, idle: pool.idleCount, waiting: pool.waitingCount }))
  }

  async init() {}

  async acquireConnection() {
    const startedAt = performance.now()
    try {
      return new PostgresConnection(await this.#connect(), {
        watch: this.#watch,
        names: this.#names,
        preamble: () => this.#preamble(),
        onMisplaced: () => this.#share(),
      })
    } catch (cause) {
      // Whatever the server says to one who wants in (locked, unknown password, no such database), it is not there.
      const error = new DatabaseUnavailable(cause)
      this.#observer?.statement({ sql: 'connect', startedAt, endedAt: performance.now(), error })
      throw error
    }
  }

  async releaseConnection(connection: DatabaseConnection) {
    ;(connection as PostgresConnection).release()
  }

  beginTransaction(connection: DatabaseConnection) {
    return this.#watch('begin', () => (connection as PostgresConnection).begin())
  }

  commitTransaction(connection: DatabaseConnection) {
    return this.#watch('commit', () => (connection as PostgresConnection).commit())
  }

  rollbackTransaction(connection: DatabaseConnection) {
    return this.#watch('rollback', () => (connection as PostgresConnection).rollback())
  }

  async destroy() {
    await this.#pool.end()
  }

  /** A connection to the current URL, and of the kind that the pooler needs, if there is one. */
  async #connect(): Promise<pg.PoolClient> {
    const client = await this.#connectOnce()
    if (!this.#isShared || client.pipeline) return client
    client.release(true)
    return this.#connect()
  }

  async #connectOnce(): Promise<pg.PoolClient> {
    const { url } = this.#current
    try {
      return await this.#pool.connect()
    } catch (error) {
      if (!this.#current.isRenewed(url)) throw error
      // Each connection is made with what is said here in that moment.
      this.#pool.options.connectionString = driverUrl(this.#current.url)
      return this.#pool.connect()
    }
  }

  /** Makes our settings on a new connection, unless a pooler gives it to others too. */
  async #prepare(client: pg.ClientBase): Promise<void> {
    const process = this.#isShared ? 0 : announcedProcess(client)
    const statement: TimedQuery = { text: makeSettings, values: [process], query_timeout: queryTimeoutMs }
    const { rows: known } = await client.query<{ name: string; made: string | null }>(statement)
    this.#knownSettings = known.map(({ name }) => name)
    if (this.#isShared || known.some(({ made }) => made !== null)) return
    if ((await this.#findMode()) === 'transaction') this.#share()
    else for (const name of this.#knownSettings) await client.query(`set ${name} = ${settingsMs[name]}`)
  }

  #findMode(): Promise<PoolerMode> {
    this.#pooler ??= poolerMode(this.#current.url).catch((error) => {
      this.#pooler = undefined
      throw error
    })
    return this.#pooler
  }

  /** From now on no statement is prepared, and every transaction brings its settings along. */
  #share(): void {
    if (this.#isShared) return
    this.#isShared = true
    this.#pool.options.pipeline = true
    this.#log?.warn(
      {},
      'a pooler in transaction mode lies before PostgreSQL: statements are not prepared, and each transaction makes its settings',
    )
  }

  #preamble(): string | undefined {
    if (!this.#isShared) return undefined
    const settings = this.#knownSettings.map((name) => `set local ${name} = ${settingsMs[name]}`)
    return ['begin', ...settings].join('; ')
  }
}
