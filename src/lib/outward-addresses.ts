import type { LookupAddress, LookupOptions } from 'node:dns'
import type { LookupFunction } from 'node:net'
import ipaddr from 'ipaddr.js'
import { readAddress } from './ip.ts'

/** Where requests of this server may go. */
export interface AddressRule {
  /** Also to a private network. */
  allowPrivate: boolean
  /** The configuration names this machine itself, and so nothing else will do. */
  isOwnMachine: boolean
}

/** What `dns.lookup` does. */
export type Resolve = (
  host: string,
  options: { all: true; family?: LookupOptions['family'] },
  done: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void

/** A name leads to where no request is to go. */
class ForbiddenAddress extends Error {
  readonly code = 'FORBIDDEN_ADDRESS'
}

/** What clouds tell their machines' secrets at, beside 169.254.0.0/16, which is link-local. */
const metadata = new Set(['168.63.129.16', '100.100.100.200', 'fd00:ec2::254', 'fd20:ce::254'])

const privateRanges = new Set(['private', 'uniqueLocal', 'carrierGradeNat', 'loopback'])

/** All that is given out to be reached by anybody (RFC 3513 §4): what lies elsewhere is for something else. */
const globalIPv6 = ipaddr.IPv6.parseCIDR('2000::/3')

const nat64 = ipaddr.IPv6.parseCIDR('64:ff9b::/96')

/**
 * Whether requests may go to an IP address: to public ones, with `allowPrivate` also to those of a private network, and
 * never to link-local ones, those of a cloud's metadata, or any that stands for another one (but for NAT64's).
 */
export function isAllowedAddress(text: string, rule: AddressRule): boolean {
  const address = readIP(text)
  if (address === undefined || metadata.has(address.toString())) return false
  const range = address.range()
  if (rule.isOwnMachine) return range === 'loopback'
  if (privateRanges.has(range)) return rule.allowPrivate
  const isGlobal = address.kind() === 'ipv4' || address.match(globalIPv6)
  return range === 'unicast' && isGlobal
}

/** An IPv4 address that is written as IPv6 is taken as what it is. */
function readIP(text: string): ipaddr.IPv4 | ipaddr.IPv6 | undefined {
  const canonical = readAddress(text)
  if (canonical === undefined) return undefined
  const address = ipaddr.parse(canonical)
  // What a network without IPv4 makes of every IPv4 address (RFC 6052 §2.1).
  const isNat64 = address.kind() === 'ipv6' && address.match(nat64)
  return isNat64 ? ipaddr.fromByteArray(address.toByteArray().slice(12)) : address
}

/**
 * A `lookup` for connections that finds a name's addresses and refuses all of them where one is not allowed. The
 * connection is made to what it has checked: a name that is resolved once more may lead elsewhere.
 */
export function createLookup(resolve: Resolve, rule: AddressRule): LookupFunction {
  return (host, options, done) => {
    resolve(host, { all: true, family: options.family }, (error, addresses) => {
      const [first] = addresses ?? []
      if (error) done(error, '')
      else if (!first || !addresses.every(({ address }) => isAllowedAddress(address, rule)))
        done(new ForbiddenAddress('the name leads to an address that is not allowed'), '')
      else if (options.all) done(null, addresses)
      else done(null, first.address, first.family)
    })
  }
}
