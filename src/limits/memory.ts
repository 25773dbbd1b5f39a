import { RateLimiterMemory } from 'rate-limiter-flexible'
import type { Limiter } from '../core/context.ts'
import type { HashKey } from './keys.ts'
import { createLimiter } from './limiter.ts'

/** Counts in the memory of this process, which forgets when it ends. */
export function createMemoryLimiter(hashKey: HashKey): Limiter {
  return createLimiter(
    ({ name, points, seconds }) => new RateLimiterMemory({ keyPrefix: name, points, duration: seconds }),
    hashKey,
  )
}
