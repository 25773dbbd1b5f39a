/** One statement that has ended. */
export interface SeenStatement {
  /** With places for its values, and without them. */
  sql: string
  /** What `performance.now()` said. */
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

/** Receives what the database does. It must be quick and must not throw. */
export interface DatabaseObserver {
  statement(seen: SeenStatement): void
  /** Is given what reads the pool's use, where there is a pool. */
  pool(read: () => PoolUse): void
}

/** Runs a statement, and reports it when it has ended. */
export type Watch = <T>(sql: string, run: () => Promise<T>) => Promise<T>

/** Reports statements to that observer; without one, only runs them. */
export function watchStatements(observer: DatabaseObserver | undefined): Watch {
  if (!observer) return (_sql, run) => run()
  return async (sql, run) => {
    const startedAt = performance.now()
    try {
      const result = await run()
      observer.statement({ sql, startedAt, endedAt: performance.now() })
      return result
    } catch (error) {
      observer.statement({ sql, startedAt, endedAt: performance.now(), error })
      throw error
    }
  }
}
