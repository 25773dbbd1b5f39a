const maxLength = 30
/** In UTF-16 units, of what is looked at: bringing marks into order takes time that grows with the square. */
const maxLookedAt = 400
/** What is not seen, and marks that are piled up on a letter. */
const unseen = /\p{Default_Ignorable_Code_Point}|(?<=\p{M}{2})\p{M}+/gu
/** Digits that mail clients offer to call. */
const numberToCall = /\p{Nd}(?:[\p{M} &'-]*\p{Nd}){5}/u
/** In a mailbox: where a mail client may take what stands around it for a host with a path. */
const linkInMailbox = /[/?#]|(?<![\p{L}\p{Nd}])www\./iu

/**
 * Text of somebody else as a mail may show it: letters, digits, blanks and `-&'`, at most 30 characters, and nothing
 * that a mail client makes a link of. What else it holds becomes blanks; `undefined` where nothing is left to show.
 */
export function mailText(text: string): string | undefined {
  const plain = withoutUnseen(text).replaceAll(/[^\p{L}\p{M}\p{Nd}&'-]+/gu, ' ')
  const shown = [...plain.trim()].slice(0, maxLength).join('').trim()
  return /[\p{L}\p{Nd}]/u.test(shown) && !numberToCall.test(shown) ? shown : undefined
}

/**
 * Text of somebody else as a mail may show it, where another one can stand in for it: `undefined` where it holds, or is,
 * anything else than what `mailText` leaves. What is not seen is left out.
 */
export function wholeMailText(text: string): string | undefined {
  if (text.length > maxLookedAt) return undefined
  const whole = withoutUnseen(text)
    .replaceAll(/\p{Zs}+/gu, ' ')
    .trim()
  return mailText(whole) === whole ? whole : undefined
}

/**
 * The address that a mail goes to, as the mail may show it: whoever has it sent may have chosen what stands behind a
 * `+`, so a mailbox that a mail client could make a link of is left out.
 */
export function mailAddress(email: string): string {
  const at = email.lastIndexOf('@')
  return linkInMailbox.test(email.slice(0, at)) ? `…${email.slice(at)}` : email
}

function withoutUnseen(text: string): string {
  return text.slice(0, maxLookedAt).normalize('NFC').replaceAll(unseen, '')
}
