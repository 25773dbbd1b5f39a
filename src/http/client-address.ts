import type { FastifyRequest } from 'fastify'
import type { Log } from '../core/log.ts'
import { matcherOf, readAddress, readForwardedAddress } from '../lib/ip.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Whoever sends it, as an IP address in the form that `readAddress` gives. */
    clientAddress: string
  }
}

/** What a peer without an address counts as: one that has gone, or is on a local socket. */
const unspecified = '0.0.0.0'
/** Proxies before this one; what is further away is not looked at. */
const maxHops = 32

/**
 * Finds the IP address of whoever sends a request: that of the peer and, where this is a trusted proxy, the rightmost in
 * `X-Forwarded-For` that is none. An entry that is no IP address counts as the peer. A header that is not believed, or
 * cannot be read, is logged once, without what is in it.
 */
export function findClientAddress({
  trustedProxies,
  log,
}: {
  /** Addresses and CIDR ranges. */
  trustedProxies: string[]
  log: Pick<Log, 'warn'>
}): (request: Pick<FastifyRequest, 'socket' | 'headers' | 'id'>) => string {
  const isTrusted = matcherOf(trustedProxies)
  const warned = new Set<string>()
  const warnOnce = (message: string, fields: object) => {
    if (warned.has(message)) return
    warned.add(message)
    log.warn(fields, message)
  }

  return ({ socket, headers, id: requestId }) => {
    const peer = readAddress(socket.remoteAddress ?? '') ?? unspecified
    const header = headers['x-forwarded-for']
    if (header === undefined) return peer
    if (!isTrusted(peer)) {
      warnOnce(notBelieved, { peer, requestId })
      return peer
    }
    const client = firstOf(entriesOf(header), isTrusted)
    if (client === undefined) warnOnce(noAddress, { peer, requestId })
    return client ?? peer
  }
}

const notBelieved =
  'X-Forwarded-For comes from a peer that MANYDOORS_TRUSTED_PROXIES does not name; it is ignored'
const noAddress =
  'X-Forwarded-For of a trusted proxy has an entry that is no IP address; it counts as the address of the proxy'

/** From the last to the first: each proxy adds its peer at the end. */
function entriesOf(header: string | string[]): string[] {
  return [header].flat().join(',').split(',').slice(-maxHops).reverse()
}

/** The first that is not trusted, or the last of all; `undefined` when what is no address comes before it. */
function firstOf(entries: string[], isTrusted: (address: string) => boolean): string | undefined {
  let address: string | undefined
  for (const entry of entries) {
    address = readForwardedAddress(entry)
    if (address === undefined || !isTrusted(address)) return address
  }
  return address
}
