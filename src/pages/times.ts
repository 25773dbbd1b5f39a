import type { Language } from '../core/context.ts'
import { dateText, readZone } from '../core/text/time-text.ts'

/** A time as the part `_time` shows it. */
export interface PresentedTime {
  /** For machines: ISO 8601 in UTC. */
  iso: string
  /** As people say it: from now, up to seven days away, else the date. */
  text: string
  /** To the minute, with the zone that it is in. */
  title: string
}

/** Who reads a time, and when: `now` in epoch milliseconds. Without a zone (IANA) it is told in UTC. */
export interface TimeReader {
  language: Language
  timeZone?: string | null
  now: number
}

const minuteMs = 60_000
const hourMs = 60 * minuteMs
const dayMs = 24 * hourMs

const now: Record<Language, string> = { en: 'just now', nb: 'nå nettopp' }
const locales: Record<Language, string> = { en: 'en-GB', nb: 'nb-NO' }

/** Tells somebody a time in epoch milliseconds: relative up to seven days, and absolute in their zone. */
export function presentTime(at: number, reader: TimeReader): PresentedTime {
  const distanceMs = at - reader.now
  return {
    iso: new Date(at).toISOString(),
    text:
      Math.abs(distanceMs) < 7 * dayMs
        ? relative(distanceMs, reader)
        : dateText(at, reader.language, reader.timeZone),
    title: titles(reader.language, readZone(reader.timeZone)).format(at),
  }
}

function relative(distanceMs: number, { language }: TimeReader): string {
  const awayMs = Math.abs(distanceMs)
  if (awayMs < minuteMs) return now[language]
  // Not "yesterday": thirty hours ago may be the day before that.
  const format = relatives[language]
  if (awayMs < hourMs) return format.format(Math.trunc(distanceMs / minuteMs), 'minute')
  if (awayMs < dayMs) return format.format(Math.trunc(distanceMs / hourMs), 'hour')
  return format.format(Math.trunc(distanceMs / dayMs), 'day')
}

const relatives: Record<Language, Intl.RelativeTimeFormat> = {
  en: new Intl.RelativeTimeFormat(locales.en, { numeric: 'always' }),
  nb: new Intl.RelativeTimeFormat(locales.nb, { numeric: 'always' }),
}

const formats = new Map<string, Intl.DateTimeFormat>()

/** Made once for each language and zone, of which there are a few hundred: a list would make a hundred of them. */
function titles(language: Language, timeZone: string): Intl.DateTimeFormat {
  const key = `${language} ${timeZone}`
  const known = formats.get(key)
  if (known) return known
  const format = new Intl.DateTimeFormat(locales[language], {
    timeZone,
    day: 'numeric',
    month: 'long',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    timeZoneName: 'short',
  })
  formats.set(key, format)
  return format
}
