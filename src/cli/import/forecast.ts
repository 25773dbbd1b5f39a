import type { ImportReport } from '../../core/imports/report.ts'
import { ownLabel } from '../../core/imports/tally.ts'

/** What the first sign-ins after an import cost, when each checks a hash of another system and makes one of our own. */
export interface Forecast {
  cores: number
  signInsASecond: number
  /** As a sign-in whose hash is one of our own costs 1. */
  timesAsDear: number
  worst: { label: string; costMs: number }
}

/** What these passwords cost at their first sign-ins; `undefined` when none of them is another system's. */
export function forecastOf(
  passwords: ImportReport['passwords'],
  { cores, ownCostMs }: { cores: number; ownCostMs: number },
): Forecast | undefined {
  const checked = passwords.filter(({ costMs, label }) => costMs > 0 && label !== ownLabel)
  const [worst] = checked.toSorted((a, b) => b.costMs - a.costMs)
  if (!worst) return undefined
  const accounts = checked.reduce((sum, entry) => sum + entry.accounts, 0)
  const checkMs = checked.reduce((sum, entry) => sum + entry.costMs * entry.accounts, 0) / accounts
  const firstMs = checkMs + ownCostMs
  return {
    cores,
    signInsASecond: (cores * 1000) / firstMs,
    timesAsDear: firstMs / ownCostMs,
    worst: { label: worst.label, costMs: worst.costMs },
  }
}
