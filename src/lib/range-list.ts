import { BlockList, isIPv6 } from 'node:net'

/** IP addresses and CIDR ranges, which say whether an address is in one of them. */
export interface RangeList {
  /** Whether it has that IP address, as `readAddress` gives it. */
  has(address: string): boolean
}

/** A list of ranges in the form that `canonicalRange` gives. */
export function rangeList(ranges: string[]): RangeList {
  const list = new BlockList()
  for (const range of ranges) {
    const [address = '', bits] = range.split('/')
    const family = isIPv6(address) ? 'ipv6' : 'ipv4'
    if (bits === undefined) list.addAddress(address, family)
    else list.addSubnet(address, Number(bits), family)
  }
  return { has: (address) => list.check(address, isIPv6(address) ? 'ipv6' : 'ipv4') }
}
