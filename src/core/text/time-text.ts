import type { Language } from '../context.ts'

/** A time in epoch milliseconds as a person reads it, to the minute, in UTC: `29 November 2026 at 06:15 UTC`. */
export function timeText(time: number, language: Language): string {
  const locale = language === 'en' ? 'en-GB' : language
  const format = new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeStyle: 'short', timeZone: 'UTC' })
  return `${format.format(time)} UTC`
}

/** A day as a person reads it, in UTC: `29 November 2026`. */
export function dateText(time: number, language: Language): string {
  const locale = language === 'en' ? 'en-GB' : language
  return new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeZone: 'UTC' }).format(time)
}
