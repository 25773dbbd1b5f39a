import { isJsonObject, isRounded } from '../read/json.ts'
import { asTime } from './time.ts'

/**
 * A value of MongoDB's extended JSON, relaxed or canonical, version 1 or 2, as plain JSON: ids as their digits, times as ISO
 * 8601 in UTC, numbers as numbers, or as text where JavaScript would round them. What has no plain form stays as it is.
 */
export function asPlain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(asPlain)
  if (!isJsonObject(value)) return value
  const [type, ...others] = Object.keys(value)
  if (type?.startsWith('$') && others.length === 0) return plainTypes[type]?.(value[type]) ?? value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, asPlain(item)]))
}

const plainTypes: { [type: string]: (value: unknown) => unknown } = {
  $oid: (value) => value,
  $date: (value) => asTime(value),
  $numberInt: asNumber,
  $numberLong: asNumber,
  $numberDouble: asNumber,
  $numberDecimal: (value) => value,
}

function asNumber(value: unknown): unknown {
  return typeof value === 'string' && isRounded(value) ? value : Number(value)
}
