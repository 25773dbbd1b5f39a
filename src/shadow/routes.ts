import type { FieldClass, WireFields } from '../http/wire-fields.ts'
import { isOpaque } from './value-forms.ts'

/** A path, part by part, with the class of each part that holds a value. */
export interface PathPart {
  text: string
  fieldClass?: FieldClass
}

/** The parts of a path as the door's own paths describe them. */
export function partsOf(path: string, fields: WireFields): PathPart[] {
  const parts = path.split('/').map(decoded)
  const pattern = patternsOf(fields).find((pattern) => fits(pattern, parts))
  return parts.map((text, index) => {
    const [, fieldClass] = /^\{(\w+)\}$/.exec(pattern?.[index] ?? '') ?? []
    return fieldClass === undefined ? { text } : { text, fieldClass: fieldClass as FieldClass }
  })
}

/** Every request asks several times. */
const patternsByFields = new WeakMap<WireFields, string[][]>()

/** A path of the door's own without any value comes before those that have one in its place. */
function patternsOf(fields: WireFields): string[][] {
  const known = patternsByFields.get(fields)
  if (known) return known
  const patterns = [...fields.mails, ...fields.paths].map((path) => path.split('/'))
  patternsByFields.set(fields, patterns)
  return patterns
}

/** What requests are counted under: method and path, without any value that came in it. */
export function routeOf(method: string, url: string, fields: WireFields): string {
  return `${method} ${maskedPath(pathOf(url), fields)}`
}

/** A path with classes in place of values. */
export function maskedPath(path: string, fields: WireFields): string {
  return partsOf(path, fields).map(maskedPart).join('/')
}

/** An address without its query. */
export function pathOf(url: string): string {
  return url.split(/[?#]/, 1)[0] ?? ''
}

function maskedPart({ text, fieldClass }: PathPart): string {
  if (fieldClass) return `{${fieldClass}}`
  return isOpaque(text) || !/^[\w.~-]{0,40}$/.test(text) ? '{value}' : text
}

function fits(pattern: string[], parts: string[]): boolean {
  return (
    pattern.length === parts.length &&
    pattern.every((part, index) =>
      part === '{name}' ? isName(parts[index]) : part.startsWith('{') || part === parts[index],
    )
  )
}

/** `/users/profile` and `/users/ada@example.com` are two routes. */
function isName(text = ''): boolean {
  return /[@+\d]/.test(text)
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}
