export const masterKeyBytes = 32

/** Said of a key that fails `looksRandom`. */
export const notRandom = 'was made by no random source'

/** Bytes at random have about 30 different ones among 32, and fewer than this once in 10³⁰ keys. */
const minDifferent = 10

/** Whether a key may come from a random source: it has no few bytes, repeats no pattern and counts no steps. */
export function looksRandom(key: Uint8Array): boolean {
  if (new Set(key).size < minDifferent) return false
  const steps = new Set(key.subarray(1).map((byte, index) => (byte - (key[index] ?? 0)) & 0xff))
  return steps.size > 1 && !repeatsPattern(key)
}

function repeatsPattern(key: Uint8Array): boolean {
  const maxLength = key.length / 2
  for (let length = 1; length <= maxLength; length++)
    if (key.every((byte, index) => byte === key[index % length])) return true
  return false
}
