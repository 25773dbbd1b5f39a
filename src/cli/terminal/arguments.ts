import { InvalidArgumentError } from 'commander'
import { duration } from '../../config/setting-types.ts'
import { readEmail } from '../../core/accounts/emails.ts'
import { readPhone } from '../../core/accounts/phones.ts'
import { readForwardedAddress } from '../../lib/ip.ts'

/** Reads an argument; where that makes nothing of it, Commander refuses it and adds the problem. */
export function argument<T>(read: (text: string) => T | undefined, problem: string): (text: string) => T {
  return (text) => {
    const value = read(text)
    if (value === undefined) throw new InvalidArgumentError(problem)
    return value
  }
}

/** An e-mail address as people type it, in the form in which mails are sent to it. */
export const emailArgument = argument(readEmail, 'It must be an e-mail address.')

/** A phone number in E.164. */
export const phoneArgument = argument(readPhone, 'It must be a number that exists, such as +4791234567.')

/** An IP address as a log or a proxy may have written it, in the form in which it is kept. */
export const ipArgument = argument(readForwardedAddress, 'It must be an IP address.')

/** A whole number from 1. */
export const countArgument = argument(
  (text) => (/^[1-9]\d{0,8}$/.test(text) ? Number(text) : undefined),
  'It must be a whole number from 1.',
)

const unitsMs: Record<string, number> = { m: 60_000, h: 3_600_000, d: 86_400_000 }

/** A point in time: ISO 8601, or how long ago it was, such as `30m`, `12h` and `7d`. */
export function timeArgument(now: () => number): (text: string) => number {
  const read = (text: string) => {
    const [, count, unit = ''] = /^(\d{1,6})([mhd])$/.exec(text) ?? []
    if (count) return now() - Number(count) * (unitsMs[unit] ?? 0)
    const time = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : Number.NaN
    return Number.isNaN(time) ? undefined : time
  }
  return argument(read, 'It must be like 2026-01-31T12:00Z, 30m, 12h or 7d.')
}

/** A length of time such as `90s`, `12h` and `7d`, both bounds allowed, in seconds. */
export function durationArgument(bounds: { min: string; max: string }): (text: string) => number {
  return argument(
    (text) => duration(bounds).safeParse(text).data,
    `It must be a time from ${bounds.min} to ${bounds.max}, written as 90s, 15m, 12h, 30d or 4w.`,
  )
}
