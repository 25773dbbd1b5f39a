import type { LimitRule } from '../core/limits/limits.ts'

/** What operators have set of the limits, by their names. */
export type LimitSettings = Record<string, 'off' | { points: number; seconds: number }>

/** The rule as operators have set it; `undefined` where it is off. */
export function settledRule(settings: LimitSettings, rule: LimitRule): LimitRule | undefined {
  const setting = Object.hasOwn(settings, rule.name) ? settings[rule.name] : undefined
  return setting === 'off' ? undefined : { ...rule, ...setting }
}
