import type { Limiter } from '../core/context.ts'
import { isRefusal } from '../core/errors.ts'
import type { LimitRule } from '../core/limits/limits.ts'
import { customerBlock } from '../lib/ip.ts'
import { type LimitSettings, settledRule } from './settings.ts'

export interface LimiterParts {
  /** Where uses are counted. */
  counts: Limiter
  /** People of another realm who have the same name, or the same IP, have counts of their own. */
  realm: string
  settings: LimitSettings
  /** Receives the name of each rule that does not allow a use. */
  onRefusal(rule: string): void
}

/** So many households' worth of uses has the /48 of an IPv6 address. */
const households = 8

/**
 * The limiter of one realm. It goes by what operators have set of the core's limits, and counts what an IPv6 address uses
 * by itself for its /48 too, with eight times the points: one customer of a network may have 65,536 of what one household
 * has. Its refusals say which limit they come of.
 */
export function createLimiter({ counts, realm, settings, onRefusal }: LimiterParts): Limiter {
  /** What is counted for one use, the widest first. */
  const usesOf = (asked: LimitRule, key: string): [rule: LimitRule, key: string][] => {
    const rule = settledRule(settings, asked)
    if (!rule) return []
    // The realm behind the rest: a key may begin with an IP, which is read.
    const own: [LimitRule, string] = [rule, `${key} ${realm}`]
    // A count of an account at an IP is the account's: neighbours must not keep its owner out.
    const block = key.includes(' ') ? undefined : customerBlock(key)
    if (block === undefined) return [own]
    const wide = { ...rule, name: `${rule.name}-customer`, points: rule.points * households }
    return [[wide, `${block} ${realm}`], own]
  }

  return {
    consume: async (rule, key) => {
      const consumed: [LimitRule, string][] = []
      try {
        for (const use of usesOf(rule, key)) {
          await counts.consume(...use)
          consumed.push(use)
        }
      } catch (error) {
        for (const use of consumed) await counts.refund(...use)
        if (!isRefusal(error, 'rate_limited')) throw error
        onRefusal(rule.name)
        error.details.limit = { rule: rule.name, key }
        throw error
      }
    },
    refund: async (rule, key) => {
      for (const use of usesOf(rule, key)) await counts.refund(...use)
    },
    reset: async (rule, key) => {
      const own = usesOf(rule, key).at(-1)
      if (own) await counts.reset(...own)
    },
    clear: async (rule, key) => {
      for (const use of usesOf(rule, key)) await counts.clear(...use)
    },
    read: async (uses) => {
      const asked = uses.flatMap(({ rule, key }) =>
        usesOf(rule, key).map(([rule, counted]) => ({ rule, key: counted, asked: key })),
      )
      const askedOf = new Map(asked.map(({ key, asked }) => [key, asked]))
      const found = await counts.read(asked)
      return found.map((count) => ({ ...count, key: askedOf.get(count.key) ?? count.key }))
    },
  }
}
