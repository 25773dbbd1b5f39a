import { domainToASCII } from 'node:url'
import { trimUnseen } from '../../lib/unseen.ts'

/** In characters, of the address (RFC 5321 §4.5.3.1). */
const maxLength = 254
/** Of an address with what is around it; more is not looked at. */
const maxTypedLength = 4 * maxLength

const label = '[a-z\\d](?:[a-z\\d-]{0,61}[a-z\\d])?'
/** What a browser takes in `<input type=email>` (HTML, "valid e-mail address"). */
const address = new RegExp(`^[a-z\\d.!#$%&'*+/=?^_\`{|}~-]+@${label}(?:\\.${label})*$`, 'i')

/**
 * The e-mail address that was typed, as mails are sent to it; `undefined` where it is none. Takes all that HTML's
 * `<input type=email>` does, and a domain in any script, which is written in ASCII then (`xn--…`). Blanks and
 * invisible characters around it are dropped. A local part that is not ASCII is none that every mail server takes.
 */
export function readEmail(typed: string): string | undefined {
  if (typed.length > maxTypedLength) return undefined
  const text = trimUnseen(typed)
  if (text.length > maxLength) return undefined
  const at = text.lastIndexOf('@')
  const domain = asciiDomain(text.slice(at + 1))
  const email = text.slice(0, at + 1) + domain
  return email.length <= maxLength && address.test(email) && !isNumber(domain) ? email : undefined
}

/** The domain as DNS knows it (UTS #46); empty where it is none. */
function asciiDomain(domain: string): string {
  // What is ASCII stays as it was typed. The rest must hold no escape, which the function would read.
  if (!/[^\0-\x7f]/.test(domain)) return domain
  const ascii = /[^a-z\d.\x80-\uffff-]/i.test(domain) ? '' : domainToASCII(domain)
  return /\.\d+$/.test(ascii) ? '' : ascii
}

/** Whether it is an IPv4 address in other words, such as `1.2` or `0x7f.1`: mails would go to another domain. */
function isNumber(domain: string): boolean {
  return /(^|\.)(\d+|0x[\da-f]*)$/i.test(domain) && domainToASCII(domain) !== domain
}

/** The form in which an e-mail address is kept and compared. Of what is no address it makes none. */
export function foldEmail(typed: string): string {
  // ASCII alone: there are signs whose small letter is one of a to z, such as that of the kelvin.
  return (readEmail(typed) ?? typed.trim()).replaceAll(/[A-Z]+/g, (letters) => letters.toLowerCase())
}

/** The address without what stands behind a `+`: most mail servers deliver `ada+shop@` to `ada@`. */
export function withoutTag(email: string): string {
  return email.replace(/^([^+@]+)\+[^@]*(?=@)/, '$1')
}
