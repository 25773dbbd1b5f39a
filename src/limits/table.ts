import { RateLimiterPostgres } from 'rate-limiter-flexible'
import type { Limiter } from '../core/context.ts'
import type { LimitRule } from '../core/limits/limits.ts'
import { createCounts } from './counts.ts'
import type { HashKey } from './keys.ts'

/** What runs the statements of rate-limiter-flexible, in PostgreSQL's words, on a table `limits`. */
export interface LimitTable {
  query(statement: { text: string; values: unknown[] }): Promise<{ rows: unknown[]; rowCount: number }>
}

/** How long a node may go on refusing what another one has reset. */
const forgettingMs = 5_000

/**
 * Counts in a table that outlives the process and that all processes share. What a process has refused it refuses
 * again without asking, for five seconds at most, or until it refunds a use. A failure of the table is thrown as it
 * comes: without counts nothing is allowed.
 */
export function createTableCounts(table: LimitTable, hashKey: HashKey): { counts: Limiter; close(): void } {
  const shared = { storeClient: table, storeType: 'client', tableName: 'limits', tableCreated: true }
  // One counter for the table deletes expired rows, on a timer that keeps no process alive.
  new RateLimiterPostgres({ ...shared, points: 0, duration: 0, clearExpiredByTimeout: true })

  const createCounter = ({ name, points, seconds }: LimitRule) =>
    new RateLimiterPostgres({
      ...shared,
      keyPrefix: name,
      points,
      duration: seconds,
      inMemoryBlockOnConsumed: points + 1,
      clearExpiredByTimeout: false,
    })
  const { counts, forgetRefusals } = createCounts(createCounter, hashKey)
  const timer = setInterval(forgetRefusals, forgettingMs).unref()
  return { counts, close: () => clearInterval(timer) }
}
