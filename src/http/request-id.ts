import type { IncomingMessage } from 'node:http'
import { matcherOf, readAddress } from '../lib/ip.ts'

/** What ids of proxies look like: bounded, and nothing that could break a line of a log or pose as something else. */
const wellFormed = /^[\w.:+/=@-]{1,128}$/

/**
 * Names requests: as a trusted proxy has named one in `X-Request-Id`, so that its log and ours can be read together,
 * and else anew.
 */
export function requestNames({
  trustedProxies,
  newId,
}: {
  trustedProxies: string[]
  newId: () => string
}): (request: Pick<IncomingMessage, 'headers' | 'socket'>) => string {
  const isTrusted = matcherOf(trustedProxies)
  return ({ headers, socket: { remoteAddress = '' } }) => {
    const given = headers['x-request-id']
    if (typeof given !== 'string' || !wellFormed.test(given)) return newId()
    const peer = readAddress(remoteAddress)
    return peer !== undefined && isTrusted(peer) ? given : newId()
  }
}
