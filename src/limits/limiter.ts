import { type RateLimiterAbstract, RateLimiterRes } from 'rate-limiter-flexible'
import type { Limiter } from '../core/context.ts'
import { AuthError } from '../core/errors.ts'
import type { LimitRule } from '../core/limits.ts'
import type { HashKey } from './keys.ts'

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

  return {
    async take(rule, key) {
      try {
        await counterOf(rule).consume(hashKey(key))
      } catch (refusal) {
        if (!(refusal instanceof RateLimiterRes)) throw refusal
        // Left counted, a refusal would outlast the uses before it that are given back.
        if (refusal.consumedPoints > rule.points) await counterOf(rule).reward(hashKey(key))
        throw new AuthError('rate_limited', {
          retryAfter: Math.max(1, Math.ceil(refusal.msBeforeNext / 1000)),
        })
      }
    },
    async giveBack(rule, key) {
      await counterOf(rule).reward(hashKey(key))
    },
    async forgive(rule, key) {
      await counterOf(rule).delete(hashKey(key))
    },
  }
}
