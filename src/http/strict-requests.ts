import type { IncomingMessage } from 'node:http'
import type { FastifyRequest } from 'fastify'
import { AuthError } from '../core/errors.ts'
import { namesOneHost } from './named-host.ts'
import { parseFields } from './urlencoded.ts'

/** RFC 3986: everything else is percent-encoded, and a fragment is not sent. */
const targetCharacters = /^[!-"$-~]*$/

/**
 * Refuses a request that could be read in two ways, by us and by a proxy in front of us, and reads its query. Throws
 * `bad_request`.
 */
export function readStrictly(request: FastifyRequest): void {
  const { raw } = request
  // RFC 9112 §3.2
  if (raw.httpVersion === '1.1' && !raw.headers.host) throw new AuthError('bad_request')
  if (contradictsItself(raw)) throw new AuthError('bad_request', { reason: 'contradictory' })
  const target = raw.url ?? ''
  if (!targetCharacters.test(target)) throw new AuthError('bad_request', { reason: 'not_utf8' })
  const query = target.indexOf('?')
  if (query >= 0) request.query = parseFields(target.slice(query + 1))
}

/** Whether a request names two hosts, two callers or two types of its body. */
export function contradictsItself(request: IncomingMessage): boolean {
  const { host = [], authorization = [], 'content-type': types = [] } = request.headersDistinct
  return host.length > 1 || authorization.length > 1 || new Set(types).size > 1 || !namesOneHost(request)
}
