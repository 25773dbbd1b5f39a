import type { Limiter } from '../core/context.ts'
import type { LimitRule } from '../core/limits.ts'

/** What operators have set of the limits, by their names. */
export type LimitSettings = Record<string, 'off' | { points: number; seconds: number }>

/** A limiter that goes by these settings instead of what the core has for the same limits. */
export function withSettings(limiter: Limiter, settings: LimitSettings): Limiter {
  const settingOf = ({ name }: LimitRule) => (Object.hasOwn(settings, name) ? settings[name] : undefined)
  const isOff = (rule: LimitRule) => settingOf(rule) === 'off'
  const ruleFor = (rule: LimitRule): LimitRule => {
    const setting = settingOf(rule)
    return setting === undefined || setting === 'off' ? rule : { ...rule, ...setting }
  }
  return {
    consume: async (rule, key) => (isOff(rule) ? undefined : limiter.consume(ruleFor(rule), key)),
    refund: async (rule, key) => (isOff(rule) ? undefined : limiter.refund(ruleFor(rule), key)),
    reset: async (rule, key) => (isOff(rule) ? undefined : limiter.reset(ruleFor(rule), key)),
  }
}
