import type { FieldClass } from '../http/wire-fields.ts'
import { formOf, isOpaque, typeOf } from './value-forms.ts'

/** Fields in which APIs speak, and not people. */
const wordFields =
  /^(code|codes|error|errors|message|messages|status|statuscode|type|token_type|scope|reason|title|detail|description|error_description|msg|error_code)$/i

/** What may be told of a value that is at a pointer: words of an API as they are, all else by class and length. */
export function shownValue(
  value: unknown,
  { pointer, fieldClass, secrets }: { pointer: string; fieldClass?: FieldClass; secrets: Set<string> },
): string {
  if (value === undefined) return '(none)'
  if (value === null || typeof value === 'boolean') return String(value)
  if (typeof value === 'number') return value >= 0 && value < 1000 ? String(value) : formOf(value, fieldClass)
  if (typeof value !== 'string') return typeOf(value)
  const isWord =
    !fieldClass && pointer.split('/').some((step) => wordFields.test(step)) && isHarmless(value, secrets)
  return isWord ? JSON.stringify(value) : `<${fieldClass ?? formOf(value, undefined)}:${value.length}>`
}

/** A step of a pointer, unless it may be somebody's: maps have names of people for keys. */
export function shownKey(key: string): string {
  return /^[A-Za-z_$-][\w$-]{0,39}$/.test(key) && !isOpaque(key) ? key : '{key}'
}

/** Whether a text holds nothing of what came with its request, and nothing that looks made for somebody. */
export function isHarmless(text: string, secrets: Set<string>): boolean {
  if (text.length > 200 || /@|\d{4}|\w\.\w/.test(text) || text.split(/\s+/).some(isOpaque)) return false
  const lower = text.toLowerCase()
  return ![...secrets].some((secret) => secret.length > 2 && lower.includes(secret.toLowerCase()))
}
