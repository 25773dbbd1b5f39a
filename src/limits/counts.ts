import { RateLimiterRes, type RateLimiterStoreAbstract } from 'rate-limiter-flexible'
import type { Limiter } from '../core/context.ts'
import { AuthError } from '../core/errors.ts'
import type { LimitRule } from '../core/limits/limits.ts'
import type { HashKey } from './keys.ts'

/** By how much the clocks of two nodes may differ. */
const maxAheadMs = 60_000

/** What counts the uses of one rule, and the keys that it may be refusing from memory. */
interface Counting {
  counter: RateLimiterStoreAbstract
  refused: Set<string>
}

/**
 * Counts uses, with one counter for each rule, made by `createCounter` when the rule is first used. `forgetRefusals` has all
 * counters ask the store again about keys that they refuse from memory.
 */
export function createCounts(
  createCounter: (rule: LimitRule) => RateLimiterStoreAbstract,
  hashKey: HashKey,
): { counts: Limiter; forgetRefusals(): void } {
  const countings = new Map<string, Counting>()
  const countingOf = (rule: LimitRule) => {
    const counting = countings.get(rule.name) ?? { counter: createCounter(rule), refused: new Set() }
    countings.set(rule.name, counting)
    return counting
  }

  /** Counts one use, and says so when it is one too many. */
  const use = async (rule: LimitRule, key: string): Promise<RateLimiterRes | undefined> => {
    const { counter, refused } = countingOf(rule)
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
  const refund = async (rule: LimitRule, key: string): Promise<void> => {
    const counting = countingOf(rule)
    const { consumedPoints } = await counting.counter.reward(key)
    // What was counted has been reset or is over by now, and no one is owed more than the rule says.
    if (consumedPoints < 0) await counting.counter.delete(key)
    if (consumedPoints < rule.points && counting.refused.has(key)) forget(counting)
  }

  /** A count that outlasts its window was begun before the clock was set back: it is not waited for. */
  const isFromFuture = (rule: LimitRule, { msBeforeNext }: RateLimiterRes) =>
    msBeforeNext > rule.seconds * 1000 + maxAheadMs

  const counts: Limiter = {
    async consume(rule, name) {
      const key = hashKey(name)
      let refusal = await use(rule, key)
      if (refusal && isFromFuture(rule, refusal)) {
        await countingOf(rule).counter.delete(key)
        refusal = await use(rule, key)
      }
      if (!refusal) return
      // Left counted, a refusal would outlast the uses before it that are refunded.
      if (refusal.consumedPoints > rule.points) await refund(rule, key)
      throw new AuthError('rate_limited', {
        retryAfter: Math.max(1, Math.ceil(refusal.msBeforeNext / 1000)),
      })
    },
    refund: (rule, name) => refund(rule, hashKey(name)),
    async reset(rule, name) {
      await countingOf(rule).counter.delete(hashKey(name))
    },
  }
  return { counts, forgetRefusals: () => [...countings.values()].forEach(forget) }
}

/** The counters can do so for all keys at once only. */
function forget({ counter, refused }: Counting): void {
  counter.deleteInMemoryBlockedAll()
  refused.clear()
}
