import { AuthError } from '../core/errors.ts'

/** Of a form or a query. */
const maxFields = 1000

/**
 * The fields of a form or a query, whose percent-encoded bytes must be UTF-8. Those that come more than once are lists,
 * and so are those whose name ends in `[]`, as axios writes them. A `%` that begins no byte is itself (WHATWG URL
 * §5.1). Throws `bad_request` for more than 1,000 fields.
 */
export function parseFields(text: string): Record<string, string | string[]> {
  const fields: Record<string, string | string[]> = Object.create(null)
  const pairs = text.split('&').filter((pair) => pair !== '')
  if (pairs.length > maxFields) throw new AuthError('bad_request', { reason: 'too_many_fields' })
  for (const pair of pairs) {
    const [key, value] = readPair(pair)
    const name = key.replace(/\[\]$/, '')
    const earlier = fields[name]
    if (Array.isArray(earlier)) earlier.push(value)
    else if (earlier !== undefined) fields[name] = [earlier, value]
    else fields[name] = name === key ? value : [value]
  }
  return fields
}

function readPair(pair: string): [key: string, value: string] {
  const end = pair.indexOf('=')
  return end < 0 ? [decode(pair), ''] : [decode(pair.slice(0, end)), decode(pair.slice(end + 1))]
}

function decode(encoded: string): string {
  const written = encoded.replaceAll('+', ' ').replaceAll(/%(?![\da-f]{2})/gi, '%25')
  try {
    return decodeURIComponent(written)
  } catch {
    throw new AuthError('bad_request', { reason: 'not_utf8' })
  }
}
