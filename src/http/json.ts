import sjson from 'secure-json-parse'
import { AuthError } from '../core/errors.ts'

/**
 * What a JSON text says, without keys that reach a prototype. Throws `bad_request` for what is no JSON, and for an object
 * that names a field twice (RFC 7493 §2.3): a gateway before us may have looked at the other one.
 */
export function parseJson(text: string): unknown {
  const value = read(text)
  if (typeof value !== 'object' || value === null) return value
  if (namesIn(text) !== fieldsOf(value)) throw new AuthError('bad_request', { reason: 'repeated_field' })
  return sjson.scan(value, { protoAction: 'remove', constructorAction: 'remove' })
}

const byteOrderMark = /^\ufeff/

function read(text: string): unknown {
  try {
    return JSON.parse(text.replace(byteOrderMark, ''))
  } catch {
    // As UTF-16 begins, which is UTF-8 too where all of it is ASCII.
    const isWide = text[0] === '\0' || text[1] === '\0'
    throw new AuthError('bad_request', { reason: isWide ? 'not_utf8' : 'not_json' })
  }
}

const quoted = /"[^"\\]*(?:\\.[^"\\]*)*"/gs

/** How many fields a text that is JSON names: each is followed by a colon. */
function namesIn(text: string): number {
  return text.replaceAll(quoted, '').split(':').length - 1
}

/** How many fields all objects in a value have. Without recursion, as 30,000 lists may be in each other. */
function fieldsOf(value: object): number {
  let count = 0
  const waiting = [value]
  for (let node = waiting.pop(); node; node = waiting.pop()) {
    const parts: unknown[] = Object.values(node)
    if (!Array.isArray(node)) count += parts.length
    for (const part of parts) if (typeof part === 'object' && part !== null) waiting.push(part)
  }
  return count
}
