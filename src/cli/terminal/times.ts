import { InvalidArgumentError } from 'commander'

/** In milliseconds. */
const units = { m: 60_000, h: 3_600_000, d: 86_400_000 }

/** Reads a point in time: ISO 8601, or how long ago it was, such as `30m`, `12h` and `7d`. */
export function readTime(now: () => number): (text: string) => number {
  return (text) => {
    const [, count, unit] = /^(\d{1,6})([mhd])$/.exec(text) ?? []
    if (count && unit) return now() - Number(count) * units[unit as keyof typeof units]
    const time = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : Number.NaN
    if (Number.isNaN(time))
      throw new InvalidArgumentError('It must be like 2026-01-31T12:00Z, 30m, 12h or 7d.')
    return time
  }
}

/** Reads a whole number from 1. */
export function readCount(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('It must be a whole number from 1.')
  return Number(text)
}
