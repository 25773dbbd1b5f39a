const unitMs = new Map([
  ['ns', 1e-6],
  ['us', 1e-3],
  ['µs', 1e-3],
  ['μs', 1e-3],
  ['ms', 1],
  ['s', 1000],
  ['m', 60_000],
  ['h', 3_600_000],
])
const part = '(?:\\d+\\.?\\d*|\\.\\d+)(?:ns|us|µs|μs|ms|s|m|h)'
const whole = new RegExp(`^[-+]?(?:0|(?:${part})+)$`)
const maxLength = 100

/** What a JSON Schema says of such a duration. */
export const banDurationForm = { type: 'string', pattern: `^none$|${whole.source}`, maxLength } as const

/** Of 64 bits of nanoseconds: some 292 years. */
const maxMs = 2 ** 63 / 1e6

/** Milliseconds of a duration as Go writes it, such as `24h` or `1h30m`, or 0 for `none`; `undefined` for what is none. */
export function readBanDuration(text: string): number | undefined {
  if (text === 'none') return 0
  if (text.length > maxLength || !whole.test(text)) return undefined
  const parts = [...text.matchAll(new RegExp(part, 'g'))]
  const ms = parts.reduce((sum, [one]) => sum + partMs(one), 0)
  if (ms >= maxMs) return undefined
  return text.startsWith('-') ? 0 : Math.ceil(ms)
}

function partMs(text: string): number {
  const [, count = '', unit = ''] = /^([\d.]+)(\D+)$/.exec(text) ?? []
  return Number(count) * (unitMs.get(unit) ?? 0)
}
