import type { IncomingMessage } from 'node:http'
import { BlockList, isIPv6 } from 'node:net'

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
  if (trustedProxies.length === 0) return newId
  const proxies = blockListOf(trustedProxies)
  return ({ headers, socket: { remoteAddress = '' } }) => {
    const given = headers['x-request-id']
    if (typeof given !== 'string' || !wellFormed.test(given)) return newId()
    return proxies.check(remoteAddress, familyOf(remoteAddress)) ? given : newId()
  }
}

/** `entries` are addresses and CIDR ranges. */
function blockListOf(entries: string[]): BlockList {
  const list = new BlockList()
  for (const entry of entries) {
    const [address = '', length] = entry.split('/')
    if (length === undefined) list.addAddress(address, familyOf(address))
    else list.addSubnet(address, Number(length), familyOf(address))
  }
  return list
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIPv6(address) ? 'ipv6' : 'ipv4'
}
