import type { FastifyRequest } from 'fastify'
import type { AppOptions } from './app.ts'

/**
 * Says once, in the log, that a request came with `X-Forwarded-For` from a peer that is not a configured proxy: then
 * everybody behind that proxy counts as one address.
 */
export function warnOfUnconfiguredProxy({ log }: AppOptions): (request: FastifyRequest) => void {
  let hasWarned = false
  return (request) => {
    if (hasWarned || request.headers['x-forwarded-for'] === undefined) return
    // The peer, and behind it whom a trusted one speaks for.
    const isBelieved = (request.ips?.length ?? 1) > 1
    if (isBelieved) return
    hasWarned = true
    log.warn(
      { peer: request.socket.remoteAddress, requestId: request.id },
      'X-Forwarded-For comes from a peer that MANYDOORS_TRUSTED_PROXIES does not name; it is ignored',
    )
  }
}
