/** What shows nothing: blanks, and characters that only steer others. */
const unseen = /^[\s\p{Z}\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}]$/u

/** Characters that steer others and show nothing themselves. */
export const formats = /[\p{Default_Ignorable_Code_Point}\p{Cf}]+/gu

/** Letters, digits, signs and pictures, but for two that are drawn as nothing: a Braille pattern and a note head. */
const seen = /(?![\p{Default_Ignorable_Code_Point}\u2800\u{1d159}])[\p{L}\p{N}\p{P}\p{S}]/u

/** Whether a text holds anything that is seen. */
export function isSeen(text: string): boolean {
  return seen.test(text)
}

/**
 * The text without the blanks, byte order marks, zero-width characters and marks for the direction of writing around
 * it, which come along when it is copied. Linear.
 */
export function trimUnseen(given: string): string {
  const text = given.trim()
  // Letter by letter: a pattern would look through the same blanks again from each of them.
  let start = 0
  let end = text.length
  while (start < end) {
    const letter = String.fromCodePoint(text.codePointAt(start) ?? 0)
    if (!unseen.test(letter)) break
    start += letter.length
  }
  while (end > start) {
    const letter = lastLetter(text, end)
    if (!unseen.test(letter)) break
    end -= letter.length
  }
  return text.slice(start, end)
}

/** The character that ends there, which may be two halves. */
function lastLetter(text: string, end: number): string {
  const pair = text.codePointAt(end - 2) ?? 0
  return end > 1 && pair > 0xffff ? String.fromCodePoint(pair) : (text[end - 1] ?? '')
}
