import type { JsonObject } from '../read/entry.ts'
import { isJsonObject, parseObject } from '../read/json.ts'

/** An object, or one that is written as a JSON text within the file; `undefined` when it is none, or has nothing in it. */
export function asObject(value: unknown): JsonObject | undefined {
  const object = typeof value === 'string' ? parsed(value) : value
  return isJsonObject(object) && Object.keys(object).length > 0 ? object : undefined
}

function parsed(text: string): JsonObject | undefined {
  const read = parseObject(text)
  return 'value' in read ? read.value : undefined
}

/** The objects of an array; none when it is none. */
export function asObjects(value: unknown): JsonObject[] {
  return Array.isArray(value) ? value.filter(isJsonObject) : []
}
