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
import { DatabaseUnavailable } from './unavailable.ts'

const int8 = 20

/** PostgreSQL through a pool, statements prepared under a name of their own, INT8 read as a number. */
export function postgresDialect(url: string): Dialect {
  return {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => new PostgresDriver(url),
    createIntrospector: (db) => new PostgresIntrospector(db),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  }
}

class PostgresDriver implements Driver {
  readonly #pool: pg.Pool

  constructor(url: string) {
    this.#pool = new pg.Pool({
      connectionString: url,
      max: 10,
      connectionTimeoutMillis: 5000,
      idleTimeoutMillis: 30_000,
      keepAlive: true,
      types: {
        getTypeParser: (oid: number, format?: 'text' | 'binary') =>
          oid === int8 ? Number : pg.types.getTypeParser(oid, format),
      } as pg.CustomTypesConfig,
    })
    // An idle connection that breaks is dropped by the pool; the next query opens another.
    this.#pool.on('error', () => {})
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
    await (connection as PostgresConnection).run('begin', [])
  }

  async commitTransaction(connection: DatabaseConnection) {
    await (connection as PostgresConnection).run('commit', [])
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

  constructor(client: pg.PoolClient) {
    this.#client = client
    client.on('error', this.#onError)
  }

  readonly #onError = (error: Error) => {
    this.#broken = error
  }

  async run(sql: string, parameters: readonly unknown[]): Promise<pg.QueryResult> {
    try {
      return await refusing(() =>
        this.#client.query({ name: statementName(sql), text: sql, values: [...parameters] }),
      )
    } catch (error) {
      if (error instanceof DatabaseUnavailable) this.#broken = error
      throw error
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

/** The same name for the same text; none once there are too many texts to keep prepared. */
function statementName(sql: string): string | undefined {
  let name = names.get(sql)
  if (!name && names.size < mostNames) {
    name = `s${names.size}`
    names.set(sql, name)
  }
  return name
}

/** Classes of PostgreSQL error codes that say "not now": connection, resources, operator intervention, system. */
const unavailable = /^(08|53|57|58)/

async function refusing<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    const fromServer = error instanceof pg.DatabaseError
    throw fromServer && !unavailable.test(error.code ?? '') ? error : new DatabaseUnavailable(error)
  }
}
