const maxLength = 30
/** What is not seen, and marks that are piled up on a letter. */
const unseen = /\p{Default_Ignorable_Code_Point}|(?<=\p{M}{2})\p{M}+/gu
/** Digits that mail clients offer to call. */
const numberToCall = /\p{Nd}(?:[ &'-]*\p{Nd}){5}/u

/**
 * Text of somebody else as a mail may show it: letters, digits, blanks and `-&'`, at most 30 characters, and nothing
 * that a mail client makes a link of. What else it holds becomes blanks; `undefined` where nothing is left to show.
 */
export function mailText(text: string): string | undefined {
  const plain = text
    .normalize('NFC')
    .replaceAll(unseen, '')
    .replaceAll(/[^\p{L}\p{M}\p{Nd}&'-]+/gu, ' ')
  const shown = [...plain.trim()].slice(0, maxLength).join('').trim()
  return /[\p{L}\p{Nd}]/u.test(shown) && !numberToCall.test(shown) ? shown : undefined
}
