import type { FieldClass } from '../http/wire-fields.ts'

const jwt = /^[\w-]{10,}\.[\w-]{10,}\.[\w-]*$/
const isoTime = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?(\.\d+)?(Z|[+-]\d\d:?\d\d)?$/

/** Whether a text has the three parts of a signed JWT. */
export function isJwt(text: string): boolean {
  return jwt.test(text)
}

/** What a JWT claims; nothing is checked. `undefined` for every other text. */
export function claimsOf(text: string): unknown {
  if (!isJwt(text)) return undefined
  return parsedObject(Buffer.from(text.split('.')[1] ?? '', 'base64url').toString())
}

/** The object or list that a text is in JSON. */
export function parsedObject(text: string): object | undefined {
  if (!/^\s*[[{]/.test(text)) return undefined
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Whether a text looks made by chance: long, without blanks, with digits, and no word of an API. */
export function isOpaque(text: string): boolean {
  if (isJwt(text)) return true
  if (!/^[\w.~+/=:-]{16,8192}$/.test(text) || !/\d/.test(text)) return false
  return !isoTime.test(text) && !/^[A-Z]+(_[A-Z\d]+)+$/.test(text) && !text.includes('://')
}

/** What a value looks like: two of one class are alike when this is the same of both. */
export function formOf(value: unknown, fieldClass: FieldClass | undefined): string {
  if (typeof value === 'number')
    return fieldClass === 'time' ? `number of ${digitsOf(value)} digits` : 'number'
  if (typeof value !== 'string') return typeOf(value)
  if (value === '') return 'empty'
  if (isJwt(value)) return 'JWT'
  if (isoTime.test(value)) return `time ${value.replaceAll(/\d/g, '0').replace(/[+-]00:?00$/, '+00:00')}`
  if (/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(value)) return 'UUID'
  if (/^[0-9a-f]{16,}$/i.test(value)) return `hex(${value.length})`
  const kind = /^data:[\w/+-]+/.exec(value)?.[0]
  return kind ?? (/\s/.test(value) ? 'text' : 'characters')
}

/** As JSON has it. */
export function typeOf(value: unknown): string {
  if (value === null) return 'null'
  return Array.isArray(value) ? 'list' : typeof value
}

function digitsOf(value: number): number {
  return String(Math.trunc(Math.abs(value))).length
}
