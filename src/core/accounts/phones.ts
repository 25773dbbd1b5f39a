import { createRequire } from 'node:module'
import type { PhoneNumber } from 'libphonenumber-js'
import { formats } from '../../lib/unseen.ts'

const require = createRequire(import.meta.url)

/** Loaded with the first number: its tables take 4 MB, and most realms have no phones. */
function phoneNumbers(): typeof import('libphonenumber-js') {
  return require('libphonenumber-js')
}

/** In characters, with what is around it; more is not looked at. */
const maxTypedLength = 128

/** A zero in brackets that is dialled within the country alone, behind the country's code. */
const bracketedZero = /^(\+\s?(\d{1,3})[\s.-]*)\(0\)/

/**
 * A phone number in E.164 (`+4791234567`), however its digits are grouped: with `+` or `00` before the country, as a
 * `tel:` URI (RFC 3966), with `(0)` behind the country's code, with invisible characters in it.
 * `undefined` when it is not one number that can exist, or there is other text around it. A number of a range that nobody
 * is known to have been given can exist: numbering plans change, and people have numbers that a table does not know yet.
 */
export function readPhone(typed: string): string | undefined {
  if (typed.length > maxTypedLength) return undefined
  const text = typed
    .normalize('NFKC')
    .replaceAll(formats, '')
    .trim()
    .replace(/^tel:\s*/i, '')
    .replace(/^00(?=[\s\d.()-])/, '+')
  const [bracketed, before = '', country] = bracketedZero.exec(text) ?? []
  if (bracketed === undefined) return parsePhone(text, 'isPossible')?.number
  const asWritten = parsePhone(text, 'isValid')
  // In some countries the zero belongs to the number: it is kept where only that is one.
  const withoutZero = parsePhone(before + text.slice(bracketed.length), 'isValid')
  const read = [asWritten, withoutZero].filter((number) => number?.countryCallingCode === country)
  const [number, ...others] = new Set(read.map((number) => number?.number))
  return others.length === 0 ? number : undefined
}

/** The number that is all that the text says; possible ones have the length of their country, valid ones are in use. */
function parsePhone(text: string, is: 'isPossible' | 'isValid'): PhoneNumber | undefined {
  const number = phoneNumbers().parsePhoneNumberFromString(text, { extract: false })
  return number?.[is]() && number.ext === undefined ? number : undefined
}

/** The country prefix of a number in E.164: `+47`. */
export function countryPrefix(phone: string): string {
  return `+${phoneNumbers().parsePhoneNumberFromString(phone)?.countryCallingCode ?? ''}`
}
