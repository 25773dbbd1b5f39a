import { UnreadableImport } from '../format.ts'
import { asText } from './text.ts'

/**
 * A time as ISO 8601 in UTC, to the millisecond. Read are ISO 8601, also with a blank for the T, seconds, milliseconds or
 * microseconds since 1970 as number or text, and MongoDB's `$date`. One without offset is of `timeZone`, or UTC. `undefined`
 * when it is none, or not between the years 1 and 9999. Throws `UnreadableImport` when there is no such time zone.
 */
export function asTime(value: unknown, timeZone?: string): string | undefined {
  if (typeof value === 'object' && value !== null) {
    if ('$date' in value) return asTime(value.$date, timeZone)
    return '$numberLong' in value ? asTime(value.$numberLong, timeZone) : undefined
  }
  const text = asText(value)
  if (text === undefined) return undefined
  const at = typeof value === 'number' || epoch.test(text) ? readEpoch(Number(text)) : readIso(text, timeZone)
  return at !== undefined && at >= firstYear && at <= lastYear ? new Date(at).toISOString() : undefined
}

const firstYear = Date.parse('0001-01-01T00:00:00Z')
const lastYear = Date.parse('9999-12-31T23:59:59.999Z')

/** Fewer digits could be a date. */
const epoch = /^-?\d{9,}(\.\d+)?$/

/** Seconds end in the year 5138 here, and milliseconds begin in 1973. */
function readEpoch(count: number): number | undefined {
  if (count === 0) return undefined
  const size = Math.abs(count)
  return Math.trunc(size < 1e11 ? count * 1000 : size < 1e14 ? count : count / 1000)
}

const iso =
  /^(\d{4}-\d\d-\d\d)(?:[T ]\s*(\d\d:\d\d)(:\d\d)?(?:[.,](\d+))?)?\s*(?:(Z|UTC)|([+-])(\d\d):?(\d\d)?(?::(\d\d))?)?$/i

function readIso(text: string, timeZone: string | undefined): number | undefined {
  const [, date, time = '00:00', seconds = ':00', fraction = '', utc, sign, ...offset] = iso.exec(text) ?? []
  if (!date) return undefined
  const local = Date.parse(`${date}T${time}${seconds}.${fraction.padEnd(3, '0').slice(0, 3)}Z`)
  // `Date` reads the 30th of February as the 1st of March.
  if (Number.isNaN(local) || !new Date(local).toISOString().startsWith(date)) return undefined
  if (sign) {
    const [hours = 0, minutes = 0, rest = 0] = offset.map((part) => Number(part ?? 0))
    return local - (sign === '-' ? -1000 : 1000) * (hours * 3600 + minutes * 60 + rest)
  }
  return utc || !timeZone || timeZone === 'UTC'
    ? local
    : local - offsetOf(local - offsetOf(local, timeZone), timeZone)
}

const formats = new Map<string, Intl.DateTimeFormat>()

/** How many milliseconds a time zone is ahead of UTC at a time. */
function offsetOf(at: number, timeZone: string): number {
  const parts = formatOf(timeZone).formatToParts(at)
  const name = parts.find(({ type }) => type === 'timeZoneName')?.value ?? ''
  const [, sign, hours, minutes, seconds = 0] = /([+-])(\d\d):(\d\d)(?::(\d\d))?$/.exec(name) ?? []
  const size = Number(hours ?? 0) * 3600 + Number(minutes ?? 0) * 60 + Number(seconds)
  return (sign === '-' ? -1000 : 1000) * size
}

function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone)
  if (known) return known
  try {
    const format = new Intl.DateTimeFormat('en', { timeZone, timeZoneName: 'longOffset' })
    formats.set(timeZone, format)
    return format
  } catch {
    throw new UnreadableImport(`there is no time zone ${timeZone}`)
  }
}
