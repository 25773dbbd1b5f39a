import { isIPv6 } from 'node:net'
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'
import type { Limiter } from './core/context.ts'
import { AuthError } from './core/errors.ts'
import type { LimitRule } from './core/limits.ts'

/** Counts in the memory of this process. */
export function createMemoryLimiter(): Limiter {
  const limiters = new Map<string, RateLimiterMemory>()
  const limiterOf = (rule: LimitRule) => {
    let limiter = limiters.get(rule.name)
    if (!limiter) {
      limiter = new RateLimiterMemory({ points: rule.points, duration: rule.seconds })
      limiters.set(rule.name, limiter)
    }
    return limiter
  }

  return {
    async take(rule, key) {
      try {
        await limiterOf(rule).consume(limitKey(key))
      } catch (refusal) {
        if (!(refusal instanceof RateLimiterRes)) throw refusal
        throw new AuthError('rate_limited', {
          retryAfter: Math.max(1, Math.ceil(refusal.msBeforeNext / 1000)),
        })
      }
    },
    async giveBack(rule, key) {
      await limiterOf(rule).reward(limitKey(key))
    },
    async forgive(rule, key) {
      await limiterOf(rule).delete(limitKey(key))
    },
  }
}

/** A household has a whole /64 of IPv6 addresses, so they count as one. */
function limitKey(key: string): string {
  const [address = '', ...rest] = key.split(' ')
  return isIPv6(address) ? [ipv6Prefix(address), ...rest].join(' ') : key
}

function ipv6Prefix(address: string): string {
  if (address.startsWith('::ffff:') && address.includes('.')) return address.slice('::ffff:'.length)
  const [head = '', tail = ''] = address.split('::')
  const start = head ? head.split(':') : []
  const end = tail ? tail.split(':') : []
  const gap = address.includes('::')
    ? Array<string>(Math.max(0, 8 - start.length - end.length)).fill('0')
    : []
  return [...start, ...gap, ...end]
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')
}
