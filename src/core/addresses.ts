/**
 * What counts as one address: an IPv4 address, and the /64 of an IPv6 address, all of which one household has. An
 * IPv4 address in the clothes of IPv6 (RFC 4291 §2.5.5.2) is the IPv4 address. Other text is left as it is.
 */
export function addressBlock(address: string): string {
  if (!address.includes(':')) return address
  const groups = groupsOf(address)
  if (!groups) return address
  const [high = 0, low = 0] = groups.slice(6)
  const isMapped = groups[5] === 0xffff && groups.slice(0, 5).every((group) => group === 0)
  if (isMapped) return [high >> 8, high & 255, low >> 8, low & 255].join('.')
  return `${groups
    .slice(0, 4)
    .map((group) => group.toString(16))
    .join(':')}::/64`
}

/** The eight numbers of an IPv6 address; `undefined` when it is none. */
function groupsOf(address: string): number[] | undefined {
  const [plain = ''] = address.split('%')
  const halves = withHexTail(plain).split('::')
  const [start = [], end = []] = halves.map((half) => (half ? half.split(':') : []))
  const missing = 8 - start.length - end.length
  const isComplete = halves.length === 1 ? missing === 0 : halves.length === 2 && missing > 0
  if (!isComplete) return undefined
  const groups = [...start, ...Array<string>(missing).fill('0'), ...end]
  if (!groups.every((group) => /^[\da-f]{1,4}$/i.test(group))) return undefined
  return groups.map((group) => Number.parseInt(group, 16))
}

/** `::ffff:1.2.3.4` as `::ffff:102:304`. */
function withHexTail(address: string): string {
  return address.replace(/(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/, (_, ...bytes: string[]) => {
    const [a = 0, b = 0, c = 0, d = 0] = bytes.slice(0, 4).map(Number)
    return `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`
  })
}
