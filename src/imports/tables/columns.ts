import type { JsonObject } from '../read/entry.ts'
import { asObject } from '../values/object.ts'
import { asBoolean, asText } from '../values/text.ts'
import { asTime } from '../values/time.ts'

/** The columns of a row. Their names are compared without case and underscores: tools and naming conventions differ. */
export interface Columns {
  /** Whether there is such a column, also with nothing in it. */
  has(name: string): boolean
  /** What is in it, or in the object within it that is named after a dot. */
  value(name: string): unknown
  text(name: string): string | undefined
  /** What is neither true nor false is told to `drop`. */
  flag(name: string): boolean | undefined
  /** In UTC; what is no time is told to `drop`. */
  time(name: string): string | undefined
}

/** How a row is read. */
export interface ReadingRules {
  /** Of times that name none. */
  timeZone?: string
  /** Is told what cannot be taken, by the name of its column. */
  drop(reason: string): undefined
}

/** The columns of a row as it was read. */
export function columnsOf(
  row: JsonObject,
  { timeZone, drop }: ReadingRules = { drop: () => undefined },
): Columns {
  const values = new Map<string, unknown>()
  for (const [name, value] of Object.entries(row)) {
    const key = keyOf(name)
    if (!values.has(key)) values.set(key, value)
  }
  const value = (name: string): unknown =>
    values.has(keyOf(name)) || !name.includes('.') ? values.get(keyOf(name)) : within(values, name)
  const text = (name: string) => asText(value(name))
  const readable = <Value>(name: string, read: Value | undefined, kind: string): Value | undefined =>
    read === undefined && text(name) !== undefined ? drop(`${name}: ${kind}`) : read
  return {
    has: (name) => values.has(keyOf(name)),
    value,
    text,
    flag: (name) => readable(name, asBoolean(value(name)), 'neither true nor false'),
    time: (name) => readable(name, asTime(value(name), timeZone), 'no time'),
  }
}

const keys = new Map<string, string>()

/** The rows of a file have the same names over and over; JSON may have any number of others. */
function keyOf(name: string): string {
  const known = keys.get(name)
  if (known !== undefined) return known
  const key = name.replaceAll('_', '').toLowerCase()
  if (keys.size < 1000) keys.set(name, key)
  return key
}

function within(values: Map<string, unknown>, path: string): unknown {
  const [first = '', ...rest] = path.split('.')
  return rest.reduce<unknown>(
    (value, name) => {
      const object = asObject(value)
      return object && Object.hasOwn(object, name) ? object[name] : undefined
    },
    values.get(keyOf(first)),
  )
}
