import type { Limiter } from '../core/context.ts'
import type { LimitRule } from '../core/limits.ts'
import { customerBlock } from '../lib/ip.ts'

/** So many households' worth of uses has the /48 of an IPv6 address. */
const households = 8

/**
 * A limiter that counts what an IPv6 address uses by itself for its /48 too, with eight times the points: one customer
 * of a network may have 65,536 of what one household has. Keys are an address and the realm.
 */
export function countingCustomers(limiter: Limiter): Limiter {
  return {
    consume: async (rule, key) => {
      const wide = wideUse(rule, key)
      if (wide) await limiter.consume(...wide)
      try {
        await limiter.consume(rule, key)
      } catch (refusal) {
        if (wide) await limiter.refund(...wide)
        throw refusal
      }
    },
    refund: async (rule, key) => {
      const wide = wideUse(rule, key)
      if (wide) await limiter.refund(...wide)
      await limiter.refund(rule, key)
    },
    reset: limiter.reset,
  }
}

function wideUse(rule: LimitRule, key: string): [rule: LimitRule, key: string] | undefined {
  const [address = '', realm, ...more] = key.split(' ')
  // A count of an account at an address is the account's: neighbours must not keep its owner out.
  const block = more.length === 0 ? customerBlock(address) : undefined
  if (block === undefined) return undefined
  return [{ ...rule, name: `${rule.name}-customer`, points: rule.points * households }, `${block} ${realm}`]
}
