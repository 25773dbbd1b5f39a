import type { FastifyRequest } from 'fastify'
import { AuthError } from '../core/errors.ts'

/**
 * The value of a cookie of ours, as it was sent. Throws `bad_request` for one that comes with two values: the other may
 * be from another host of the domain (RFC 6265 §8.6), and nothing tells which.
 */
export function readCookie({ headers }: FastifyRequest, name: string): string | undefined {
  const pairs = (headers.cookie ?? '').split(';').map((pair) => pair.trim())
  const values = new Set(
    pairs.filter((pair) => pair.startsWith(`${name}=`)).map((pair) => pair.slice(name.length + 1)),
  )
  if (values.size > 1) throw new AuthError('bad_request', { reason: 'contradictory' })
  const [value] = values
  return value
}
