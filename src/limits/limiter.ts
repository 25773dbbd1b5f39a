import { type RateLimiterAbstract, RateLimiterRes } from 'rate-limiter-flexible'
import type { Limiter } from '../core/context.ts'
import { AuthError } from '../core/errors.ts'
import type { LimitRule } from '../core/limits.ts'
import type { HashKey } from './keys.ts'

/** In milliseconds: by how much the clocks of two nodes may differ. */
const mostAhead = 60_000

/** A limiter on one counter for each rule, made by `createCounter` when the rule is first used. */
export function createLimiter(
  createCounter: (rule: LimitRule) => RateLimiterAbstract,
  hashKey: HashKey,
): Limiter {
  const counters = new Map<string, RateLimiterAbstract>()
  const counterOf = (rule: LimitRule) => {
    const counter = counters.get(rule.name) ?? createCounter(rule)
    counters.set(rule.name, counter)
    return counter
  }

  /** Counts one use, and says so when it is one too many. */
  const use = async (rule: LimitRule, key: string): Promise<RateLimiterRes | undefined> => {
    try {
      await counterOf(rule).consume(hashKey(key))
      return undefined
    } catch (refusal) {
      if (refusal instanceof RateLimiterRes) return refusal
      throw refusal
    }
  }

  /** A count that outlasts its window was begun before the clock was set back: it is not waited for. */
  const isFromFuture = (rule: LimitRule, { msBeforeNext }: RateLimiterRes) =>
    msBeforeNext > rule.seconds * 1000 + mostAhead

  return {
    async take(rule, key) {
      let refusal = await use(rule, key)
      if (refusal && isFromFuture(rule, refusal)) {
        await counterOf(rule).delete(hashKey(key))
        refusal = await use(rule, key)
      }
      if (!refusal) return
      // Left counted, a refusal would outlast the uses before it that are given back.
      if (refusal.consumedPoints > rule.points) await counterOf(rule).reward(hashKey(key))
      throw new AuthError('rate_limited', {
        retryAfter: Math.max(1, Math.ceil(refusal.msBeforeNext / 1000)),
      })
    },
    async giveBack(rule, key) {
      await counterOf(rule).reward(hashKey(key))
    },
    async forgive(rule, key) {
      await counterOf(rule).delete(hashKey(key))
    },
  }
}
