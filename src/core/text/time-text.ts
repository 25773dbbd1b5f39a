import type { Language } from '../context.ts'

/**
 * A time in epoch milliseconds as a person reads it, to the minute, in a time zone (IANA) that it names: `29 November 2026
 * at 06:15 UTC`. In UTC where none is given, or one that nobody knows.
 */
export function timeText(time: number, language: Language, timeZone?: string | null): string {
  const zone = readZone(timeZone)
  const locale = localeOf(language)
  const format = new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeStyle: 'short', timeZone: zone })
  return `${format.format(time)} ${zoneName(time, locale, zone)}`
}

/** The day of a time in epoch milliseconds, as a person in that time zone (IANA) reads it: `29 November 2026`. */
export function dateText(time: number, language: Language, timeZone?: string | null): string {
  const timeZoneThere = readZone(timeZone)
  return new Intl.DateTimeFormat(localeOf(language), { dateStyle: 'long', timeZone: timeZoneThere }).format(
    time,
  )
}

function localeOf(language: Language): string {
  return language === 'en' ? 'en-GB' : language
}

function zoneName(time: number, locale: string, timeZone: string): string {
  const parts = new Intl.DateTimeFormat(locale, { timeZone, timeZoneName: 'short' }).formatToParts(time)
  return parts.find(({ type }) => type === 'timeZoneName')?.value ?? timeZone
}

/** The time zone (IANA), or UTC where none is given or this version of the tables has no such zone. */
export function readZone(timeZone: string | null | undefined): string {
  try {
    return timeZone ? new Intl.DateTimeFormat('en', { timeZone }).resolvedOptions().timeZone : 'UTC'
  } catch {
    return 'UTC'
  }
}
