/** In characters of JSON. */
const maxObject = 65_536

/** Whether it is a text that every database keeps, with something in it. */
export function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.isWellFormed() && !value.includes('\0')
}

/** The value where it is a text. */
export function textOf(value: unknown): string | undefined {
  return isText(value) ? value : undefined
}

/** A time in epoch milliseconds, none of them after `now`; what is none is dropped. */
export function readTime(
  value: unknown,
  { name, now, dropped }: { name: string; now: number; dropped: string[] },
): number | undefined {
  if (value === undefined || value === null) return undefined
  const time = typeof value === 'string' ? Date.parse(value) : Number.NaN
  if (time >= 0) return Math.min(time, now)
  dropped.push(`${name}: no time since 1970`)
  return undefined
}

/** An object that is kept as JSON; one that is too large is dropped. */
export function readObject(
  value: unknown,
  name: string,
  dropped: string[],
): Record<string, unknown> | undefined {
  if (value === undefined || value === null) return undefined
  const isObject = typeof value === 'object' && !Array.isArray(value)
  if (isObject && lengthOf(value) <= maxObject)
    return Object.keys(value).length > 0 ? (value as Record<string, unknown>) : undefined
  dropped.push(`${name}: ${isObject ? 'too large' : 'no object'}`)
  return undefined
}

/** Of its JSON; endless for what has none. */
function lengthOf(value: object): number {
  try {
    return JSON.stringify(value).length
  } catch {
    return Number.POSITIVE_INFINITY
  }
}
