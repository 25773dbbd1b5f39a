/** Characters that steer others and show nothing themselves. */
export const formats = /[\p{Default_Ignorable_Code_Point}\p{Cf}]+/gu

/** Letters, digits, signs and pictures, but for two that are drawn as nothing: a Braille pattern and a note head. */
const seen = /(?![\p{Default_Ignorable_Code_Point}\u2800\u{1d159}])[\p{L}\p{N}\p{P}\p{S}]/u

/** Whether a text holds anything that is seen. */
export function isSeen(text: string): boolean {
  return seen.test(text)
}

/** Shows nothing: blanks, and characters that only steer others. */
const unseen = '\\s\\p{Z}\\p{Cc}\\p{Cf}\\p{Default_Ignorable_Code_Point}'
/** From the first character that shows something to the last one. Never tries anything twice. */
const shown = new RegExp(`[^${unseen}](?:.*[^${unseen}])?`, 'su')

/**
 * The text without the blanks, byte order marks, zero-width characters and marks for the direction of writing around
 * it, which come along when it is copied. Linear.
 */
export function trimUnseen(text: string): string {
  return shown.exec(text)?.[0] ?? ''
}
