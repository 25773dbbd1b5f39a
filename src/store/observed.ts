import type {
  AbortableOperationOptions,
  CompiledQuery,
  DatabaseConnection,
  Dialect,
  Driver,
  QueryResult,
  TransactionSettings,
} from 'kysely'
import type { RunQuery } from './sqlite/driver.ts'

/** One statement that has ended. */
export interface SeenStatement {
  /** With places for its values, and without them. */
  sql: string
  /** As `performance.now()` says it, in milliseconds. */
  startedAt: number
  endedAt: number
  /** What it was refused with. */
  error?: unknown
}

/** Connections to PostgreSQL: those that are open, those of them that do nothing, and who waits for one. */
interface PoolUse {
  total: number
  idle: number
  waiting: number
}

/** Is told of what the database does. It must be quick and must not throw. */
export interface DatabaseObserver {
  statement(seen: SeenStatement): void
  /** Is given what reads the pool's use, where there is a pool. */
  pool(read: () => PoolUse): void
}

/** A dialect each of whose statements is reported when it has ended; those of its transactions too. */
export function observedDialect(dialect: Dialect, observe: DatabaseObserver['statement']): Dialect {
  return {
    createAdapter: () => dialect.createAdapter(),
    createDriver: () => observedDriver(dialect.createDriver(), observe),
    createIntrospector: (db) => dialect.createIntrospector(db),
    createQueryCompiler: () => dialect.createQueryCompiler(),
  }
}

/** A way to run queries, each of which is reported when it has ended. */
export function observedRun(run: RunQuery, observe: DatabaseObserver['statement']): RunQuery {
  return (query) => watch(query.sql, observe, () => run(query))
}

interface Observed extends DatabaseConnection {
  inner: DatabaseConnection
}

function observedDriver(driver: Driver, observe: DatabaseObserver['statement']): Driver {
  const innerOf = (connection: DatabaseConnection) => (connection as Observed).inner
  return {
    init: (options) => driver.init(options),
    acquireConnection: async (options) => {
      const startedAt = performance.now()
      try {
        return observedConnection(await driver.acquireConnection(options), observe)
      } catch (error) {
        observe({ sql: 'connect', startedAt, endedAt: performance.now(), error })
        throw error
      }
    },
    beginTransaction: (connection, settings: TransactionSettings) =>
      watch('begin', observe, () => driver.beginTransaction(innerOf(connection), settings)),
    commitTransaction: (connection) =>
      watch('commit', observe, () => driver.commitTransaction(innerOf(connection))),
    rollbackTransaction: (connection) =>
      watch('rollback', observe, () => driver.rollbackTransaction(innerOf(connection))),
    releaseConnection: (connection, options) => driver.releaseConnection(innerOf(connection), options),
    destroy: (options) => driver.destroy(options),
  }
}

function observedConnection(inner: DatabaseConnection, observe: DatabaseObserver['statement']): Observed {
  return {
    inner,
    executeQuery: <R>(query: CompiledQuery, options?: AbortableOperationOptions): Promise<QueryResult<R>> =>
      watch(query.sql, observe, () => inner.executeQuery<R>(query, options)),
    streamQuery: (query, chunkSize, options) => inner.streamQuery(query, chunkSize, options),
  }
}

async function watch<T>(
  sql: string,
  observe: DatabaseObserver['statement'],
  run: () => Promise<T>,
): Promise<T> {
  const startedAt = performance.now()
  try {
    const result = await run()
    observe({ sql, startedAt, endedAt: performance.now() })
    return result
  } catch (error) {
    observe({ sql, startedAt, endedAt: performance.now(), error })
    throw error
  }
}
