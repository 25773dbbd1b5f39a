/** Headers that are between two neighbours, and not passed on (RFC 9110 §7.6.1). */
const hopByHop = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'te',
  'transfer-encoding',
  'upgrade',
])

export function isHopByHop(name: string): boolean {
  return hopByHop.has(name)
}

/** Node's flat list of headers, as pairs; names in lower case. */
export function headerPairs(raw: string[]): [string, string][] {
  return pairsOf(raw).map(([name, value]) => [name.toLowerCase(), value])
}

/** The headers that are passed on, spelled and ordered as they came. */
export function passedOn(raw: string[], except: string[] = []): string[] {
  return pairsOf(raw)
    .filter(([name]) => !isHopByHop(name.toLowerCase()) && !except.includes(name.toLowerCase()))
    .flat()
}

function pairsOf(raw: string[]): [string, string][] {
  return Array.from({ length: raw.length / 2 }, (_, index) => [
    raw[2 * index] ?? '',
    raw[2 * index + 1] ?? '',
  ])
}
