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
    take: async (rule, key) => (isOff(rule) ? undefined : limiter.take(ruleFor(rule), key)),
    giveBack: async (rule, key) => (isOff(rule) ? undefined : limiter.giveBack(ruleFor(rule), key)),
    forgive: async (rule, key) => (isOff(rule) ? undefined : limiter.forgive(ruleFor(rule), key)),
  }
}
