import type { Limiter } from '../core/context.ts'
import { isRefusal } from '../core/errors.ts'

/**
 * A limiter for one realm alone: people of another one who have the same name, or the same address, have counts of
 * their own, and can neither use these up nor clear them. Its refusals say which limit they come of.
 */
export function limiterOfRealm(limiter: Limiter, realm: string): Limiter {
  // Behind the rest: a key may begin with an address, which is read.
  const within = (key: string) => `${key} ${realm}`
  return {
    consume: async (rule, key) => {
      try {
        await limiter.consume(rule, within(key))
      } catch (error) {
        if (isRefusal(error, 'rate_limited')) error.details.limit = { rule: rule.name, key }
        throw error
      }
    },
    refund: (rule, key) => limiter.refund(rule, within(key)),
    reset: (rule, key) => limiter.reset(rule, within(key)),
  }
}
