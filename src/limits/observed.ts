import type { Limiter } from '../core/context.ts'
import { isRefusal } from '../core/errors.ts'

/** A limiter that reports each rule which does not allow a use. */
export function observedLimiter(limiter: Limiter, refused: (rule: string) => void): Limiter {
  return {
    ...limiter,
    consume: async (rule, key) => {
      try {
        await limiter.consume(rule, key)
      } catch (error) {
        if (isRefusal(error, 'rate_limited')) refused(rule.name)
        throw error
      }
    },
  }
}
