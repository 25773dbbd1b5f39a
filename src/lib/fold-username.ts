import { formats } from './unseen.ts'

/** No user name has more UTF-16 units, and folding takes time that grows with the square of the marks in a text. */
const maxLength = 400

/** The dot on a small i, also where other marks stand between them. */
const dotOnI = /(?<=i\p{M}*)\u0307/gu

/**
 * What two user names have in common that eyes and keyboards take for the same: NFKC and full case folding, without
 * invisible characters (Unicode's NFKC_Casefold, in the spirit of RFC 8265's UsernameCaseMapped), and with one blank
 * for several. The Turkish i without a dot, and the I with one, count as i. Folding twice changes nothing.
 */
export function foldUsername(username: string): string {
  if (username.length > maxLength) return username.toLowerCase()
  const letters = username.normalize('NFKD').replaceAll(formats, '')
  return foldCase(letters)
    .normalize('NFKD')
    .replaceAll(dotOnI, '')
    .normalize('NFKC')
    .replaceAll(/\s+/g, ' ')
    .trim()
}

/** Full case folding, which JavaScript lacks: letters that a capital or a small one stands for meet on this way. */
function foldCase(text: string): string {
  return text.toLowerCase().toUpperCase().toLowerCase().replaceAll('ς', 'σ')
}
