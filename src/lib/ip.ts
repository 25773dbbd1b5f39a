import { isIP, isIPv4 } from 'node:net'
import ipaddr from 'ipaddr.js'

/**
 * An IP address in the one form in which it is kept and compared: IPv4 as four decimal numbers, IPv6 as RFC 5952 has it
 * and without its zone, and an IPv4-mapped address (RFC 4291 §2.5.5.2) as the IPv4 address. `undefined` for every
 * other text: names, octets that begin with a zero, IPv4 in fewer than four numbers.
 */
export function readAddress(text: string): string | undefined {
  // Every request asks, and most peers come so: ipaddr.js would take ten times as long for the same.
  const plain = text.startsWith('::ffff:') ? text.slice('::ffff:'.length) : text
  if (isIPv4(plain)) return plain
  const address = text.replace(/%[^%]*$/, '')
  // Asked first, as ipaddr.js alone reads more forms of IPv4 than others do, and not as the address that those read.
  if (isIP(address) === 0) return undefined
  // It would take ::1.2.3.4 for a mapped address.
  return ipaddr.process(address.replace(/^::(?=\d+\.)/, '0::')).toString()
}

/** No IP address has as many characters, with what may be around it. */
const maxEntryLength = 128

/**
 * The address in what a proxy writes of its peer, in the form that `readAddress` gives: blanks, quotes, brackets and
 * the port are taken off. `undefined` when that leaves none, as of `unknown` and `_hidden` (RFC 7239 §6).
 */
export function readForwardedAddress(text: string): string | undefined {
  if (text.length > maxEntryLength) return undefined
  const node = text
    .trim()
    .replace(/^(["'])(.*)\1$/, '$2')
    .trim()
  // A port stands behind brackets, or behind what can be nothing but the end of an address.
  const [, inBrackets, alone, port = '0'] = /^(?:\[(.*)\]|([^:]*|.*\.\d+))(?::(\d{1,5}))?$/.exec(node) ?? []
  if (Number(port) > 65_535) return undefined
  return readAddress(inBrackets ?? alone ?? node)
}

/** What one household has: an IPv4 address, or the /64 of an IPv6 address. Other text is left as it is. */
export function addressBlock(address: string): string {
  return ipv6Block(address, 64) ?? readAddress(address) ?? address
}

/** What one customer of a network may have: the /48 of an IPv6 address; `undefined` for every other text. */
export function customerBlock(address: string): string | undefined {
  return ipv6Block(address, 48)
}

/** The network that an address is of, about as large as who runs one gets: the /16 of IPv4, the /32 of IPv6. */
export function networkBlock(address: string): string {
  const canonical = readAddress(address) ?? address
  return ipv6Block(canonical, 32) ?? canonical.split('.', 2).join('.')
}

function ipv6Block(address: string, length: 32 | 48 | 64): string | undefined {
  const canonical = address.includes(':') ? readAddress(address) : undefined
  if (!canonical?.includes(':')) return undefined
  const groups = ipaddr.IPv6.parse(canonical).parts.slice(0, length / 16)
  return `${groups.map((group) => group.toString(16)).join(':')}::/${length}`
}

/** Whether an IP address or a name of a host, in brackets or not, is always this machine (RFC 6761 §6.3). */
export function isLoopback(host: string): boolean {
  const address = readAddress(host.replace(/^\[(.*)\]$/, '$1'))
  if (address === undefined) return /^([a-z\d-]+\.)*localhost$/i.test(host)
  return address === '::1' || address.startsWith('127.')
}

/** Whether it is an IP address or a CIDR range; one that holds all of them is none. */
export function isAddressOrRange(entry: string): boolean {
  return readRange(entry) !== undefined
}

/** Tells which IP addresses, as `readAddress` gives them, are in one of these addresses and CIDR ranges. */
export function matcherOf(entries: string[]): (address: string) => boolean {
  const ranges = entries.flatMap((entry) => readRange(entry) ?? [])
  return (address) => {
    const parsed = ipaddr.parse(address)
    return ranges.some(({ start, length }) => start.kind() === parsed.kind() && parsed.match(start, length))
  }
}

interface Range {
  start: ipaddr.IPv4 | ipaddr.IPv6
  /** In bits. */
  length: number
}

function readRange(entry: string): Range | undefined {
  const [, text = '', bits] = /^([^/]+)(?:\/([1-9]\d{0,2}))?$/.exec(entry) ?? []
  const address = readAddress(text)
  if (address === undefined) return undefined
  const start = ipaddr.parse(address)
  const maxLength = start.kind() === 'ipv4' ? 32 : 128
  const mappedBits = start.kind() === 'ipv4' && text.includes(':') ? 96 : 0
  const length = bits === undefined ? maxLength : Number(bits) - mappedBits
  return length >= 1 && length <= maxLength ? { start, length } : undefined
}

/** A range of IP addresses. */
export interface AddressRange {
  /** `203.0.113.7`, `203.0.113.0/24`, `2001:db8::/48`: the one form in which it is kept and compared. */
  text: string
  kind: 'ipv4' | 'ipv6'
  /** How many of its first bits are given. */
  length: number
}

/** An IP address or CIDR range as people write it; `undefined` for every other text, and for all addresses at once. */
export function canonicalRange(entry: string): AddressRange | undefined {
  const range = readRange(entry.trim())
  if (!range) return undefined
  const { start, length } = range
  const kind = start.kind()
  if (length === (kind === 'ipv4' ? 32 : 128)) return { text: start.toString(), kind, length }
  const cidr = `${start.toString()}/${length}`
  const first =
    kind === 'ipv4' ? ipaddr.IPv4.networkAddressFromCIDR(cidr) : ipaddr.IPv6.networkAddressFromCIDR(cidr)
  return { text: `${first.toString()}/${length}`, kind, length }
}
