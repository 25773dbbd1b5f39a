import type { Language } from '../core/context.ts'

const minute = 60
const hour = 60 * minute

/** When somebody may come again, from seconds, never too early: `in 20 seconds`, `om 3 minutter`, `in 2 hours`. */
export function comeAgainText(seconds: number, language: Language): string {
  const format = new Intl.RelativeTimeFormat(language, { numeric: 'always' })
  if (seconds < minute) return format.format(Math.max(1, Math.ceil(seconds)), 'second')
  if (seconds <= 90 * minute) return format.format(Math.ceil(seconds / minute), 'minute')
  return format.format(Math.ceil(seconds / hour), 'hour')
}
