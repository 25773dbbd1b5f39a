import { AuthError } from '../errors.ts'

/** What a list goes on behind: the values of its order. */
export type CursorParts = (string | number)[]

/** The place in a list as a text for addresses. It is no secret, and whoever writes one reads no more than the list has. */
export function writeCursor(parts: CursorParts): string {
  return Buffer.from(JSON.stringify(parts)).toString('base64url')
}

const notOfList = { field: 'after', message: 'It must be a place that this list has given.' }

/** In characters. */
const maxLength = 2_000

/** The place that a text says; `shape` has a value of the kind of each part. Throws `validation_failed`. */
export function readCursor<Parts extends CursorParts>(text: string, shape: Parts): Parts {
  const parts = text.length > maxLength ? undefined : parse(text)
  const isOfShape =
    Array.isArray(parts) &&
    parts.length === shape.length &&
    parts.every((part, index) => typeof part === typeof shape[index] && isUsable(part))
  if (!isOfShape) throw new AuthError('validation_failed', { issues: [notOfList] })
  return parts as Parts
}

/** A database refuses to look for some texts and numbers. */
function isUsable(part: unknown): boolean {
  return typeof part === 'string' ? part.isWellFormed() && !part.includes('\0') : Number.isSafeInteger(part)
}

function parse(text: string): unknown {
  try {
    return JSON.parse(Buffer.from(text, 'base64url').toString())
  } catch {
    return undefined
  }
}
