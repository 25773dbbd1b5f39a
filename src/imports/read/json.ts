import sjson from 'secure-json-parse'
import type { JsonObject } from './entry.ts'

const maxDepth = 64

/** The value, or why it is refused; nothing of the text is in the reason. */
export type ReadJson = { value: JsonObject } | { refused: string }

/**
 * A JSON object from its text. Whole numbers that JavaScript would round are kept as text: ids are among them. Keys that
 * would change an object's prototype are left out.
 */
export function parseObject(text: string): ReadJson {
  let value: unknown
  try {
    value = sjson.parse(text, longNumber.test(text) ? keepDigits : null, withoutPrototypes)
  } catch {
    return { refused: 'no JSON' }
  }
  return isJsonObject(value) ? checkDepth(value) : { refused: 'no JSON object' }
}

/** A JSON object that is parsed already, without keys that would change an object's prototype. */
export function secureObject(value: unknown): ReadJson {
  if (!isJsonObject(value)) return { refused: 'no JSON object' }
  const checked = checkDepth(value)
  if ('value' in checked) sjson.scan(value, withoutPrototypes)
  return checked
}

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Whether JavaScript would make another number of a whole one. */
export function isRounded(digits: string): boolean {
  return wholeNumber.test(digits) && !Number.isSafeInteger(Number(digits))
}

const withoutPrototypes = { protoAction: 'remove', constructorAction: 'remove' } as const
const longNumber = /\d{16}/
const wholeNumber = /^-?\d{16,}$/

/** Node hands over the source text of a number as the third argument; its types do not know it yet. */
function keepDigits(_key: string, value: unknown, ...[context]: { source?: string }[]): unknown {
  return typeof value === 'number' && context?.source && isRounded(context.source) ? context.source : value
}

/** Code that walks through an object deeply nested, such as `JSON.stringify`, would run out of stack. */
function checkDepth(value: JsonObject): ReadJson {
  return isDeeper(value, maxDepth) ? { refused: 'JSON that is nested too deep' } : { value }
}

function isDeeper(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  return depth === 0 || Object.values(value).some((item) => isDeeper(item, depth - 1))
}
