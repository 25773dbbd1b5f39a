import { RateLimiterPostgres, RateLimiterRes } from 'rate-limiter-flexible'
import type { Limiter } from '../core/context.ts'
import { AuthError } from '../core/errors.ts'
import type { LimitRule } from '../core/limits/limits.ts'
import type { HashKey } from './keys.ts'

/** What runs the statements of rate-limiter-flexible, in PostgreSQL's words, on a table `limits`. */
export interface LimitTable {
  query(statement: { text: string; values: unknown[] }): Promise<{ rows: unknown[]; rowCount: number }>
}

/** What counts the uses of one rule, and the keys that it may be refusing from memory. */
interface Counting {
  counter: RateLimiterPostgres
  refused: Set<string>
}

/** How long a node may go on refusing what another one has reset. */
const forgettingMs = 5_000

/** By how much the clocks of two nodes may differ. */
const maxAheadMs = 60_000

/**
 * Counts in a table that outlives the process and that all processes share. What a process has refused it refuses
 * again without asking, for five seconds at most, or until it refunds a use. A failure of the table is thrown as it
 * comes: without counts nothing is allowed.
 */
export function createTableCounts(table: LimitTable, hashKey: HashKey): { counts: Limiter; close(): void } {
  const shared = { storeClient: table, storeType: 'client', tableName: 'limits', tableCreated: true }
  // One counter for the table deletes expired rows, on a timer that keeps no process alive.
  new RateLimiterPostgres({ ...shared, points: 0, duration: 0, clearExpiredByTimeout: true })

  const countings = new Map<string, Counting>()
  const countingOf = ({ name, points, seconds }: LimitRule): Counting => {
    const known = countings.get(name)
    if (known) return known
    const limits = { keyPrefix: name, points, duration: seconds, inMemoryBlockOnConsumed: points + 1 }
    const counter = new RateLimiterPostgres({ ...shared, ...limits, clearExpiredByTimeout: false })
    const counting = { counter, refused: new Set<string>() }
    countings.set(name, counting)
    return counting
  }
  const timer = setInterval(() => [...countings.values()].forEach(forget), forgettingMs).unref()

  const counts: Limiter = {
    async consume(rule, name) {
      const key = hashKey(name)
      const counting = countingOf(rule)
      let refusal = await use(counting, key)
      if (refusal && isFromFuture(rule, refusal)) {
        await counting.counter.delete(key)
        refusal = await use(counting, key)
      }
      if (!refusal) return
      // Left counted, a refusal would outlast the uses before it that are refunded.
      if (refusal.consumedPoints > rule.points) await refund(counting, rule, key)
      const retryAfter = Math.max(1, Math.ceil(refusal.msBeforeNext / 1000))
      throw new AuthError('rate_limited', { retryAfter })
    },
    refund: (rule, name) => refund(countingOf(rule), rule, hashKey(name)),
    async reset(rule, name) {
      await countingOf(rule).counter.delete(hashKey(name))
    },
    async clear(rule, name) {
      const counting = countingOf(rule)
      await counting.counter.delete(hashKey(name))
      forget(counting)
    },
    async read(uses) {
      const wanted = new Map(
        uses.map((use) => [countingOf(use.rule).counter.getKey(hashKey(use.key)), use] as const),
      )
      const rows = await readKeys(table, [...wanted.keys()])
      return rows.flatMap(({ key, points, expire }) => {
        const use = wanted.get(key)
        return use && Number(points) > 0 ? { ...use, used: Number(points), endsAt: Number(expire) } : []
      })
    },
  }
  return { counts, close: () => clearInterval(timer) }
}

interface StoredCount {
  key: string
  points: number | string
  expire: number | string
}

/** Keys that one statement asks for; always so many, so that there is one statement. */
const keysAtOnce = 50

/** What the table has of these keys. */
async function readKeys(table: LimitTable, keys: string[]): Promise<StoredCount[]> {
  const found: StoredCount[] = []
  const places = Array.from({ length: keysAtOnce }, (_, index) => `$${index + 1}`).join(', ')
  for (let start = 0; start < keys.length; start += keysAtOnce) {
    const some = keys.slice(start, start + keysAtOnce)
    const values = Array.from({ length: keysAtOnce }, (_, index) => some[index] ?? '')
    const text = `SELECT key, points, expire FROM limits WHERE key IN (${places})`
    found.push(...((await table.query({ text, values })).rows as StoredCount[]))
  }
  return found
}

/** Counts one use, and returns the refusal when it is one too many. */
async function use({ counter, refused }: Counting, key: string): Promise<RateLimiterRes | undefined> {
  try {
    await counter.consume(key)
    return undefined
  } catch (refusal) {
    if (!(refusal instanceof RateLimiterRes)) throw refusal
    refused.add(key)
    return refusal
  }
}

/** Uncounts one use. Where that makes room, what was refused for the lack of it may come again at once. */
async function refund(counting: Counting, { points }: LimitRule, key: string): Promise<void> {
  const { consumedPoints } = await counting.counter.reward(key)
  // What was counted has been reset or is over by now, and no one is owed more than the rule says.
  if (consumedPoints < 0) await counting.counter.delete(key)
  if (consumedPoints < points && counting.refused.has(key)) forget(counting)
}

/** Whether a count outlasts its window: it was begun before the clock was set back, and is not waited for. */
function isFromFuture(rule: LimitRule, { msBeforeNext }: RateLimiterRes): boolean {
  return msBeforeNext > rule.seconds * 1000 + maxAheadMs
}

/** Has a counter ask the table again: it can do so for all keys at once only. */
function forget({ counter, refused }: Counting): void {
  counter.deleteInMemoryBlockedAll()
  refused.clear()
}
