import { isIP } from 'node:net'
import type { FastifyRequest } from 'fastify'
import type { AppOptions } from './app.ts'

/**
 * Says once, in the log, that a request came with `X-Forwarded-For` from a peer that is not a configured proxy: then
 * everybody behind that proxy counts as one address.
 */
export function warnOfUnconfiguredProxy({
  trustedProxies,
  log,
}: AppOptions): (request: FastifyRequest) => void {
  let hasWarned = false
  return (request) => {
    if (hasWarned || request.headers['x-forwarded-for'] === undefined) return
    const peer = request.socket.remoteAddress ?? ''
    // A believed header replaces the peer's address by the one that it names.
    if (trustedProxies.length > 0 && request.ip !== peer) return
    hasWarned = true
    const address = isIP(peer) ? peer : 'unknown'
    log.warn(
      { peer: address },
      'X-Forwarded-For comes from a peer that MANYDOORS_TRUSTED_PROXIES does not name; it is ignored',
    )
  }
}
