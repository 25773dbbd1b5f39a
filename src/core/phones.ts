import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)

/** Loaded with the first number: its tables take 4 MB, and most realms have no phones. */
function phoneNumbers(): typeof import('libphonenumber-js') {
  return require('libphonenumber-js')
}

/**
 * A phone number in E.164 (`+4791234567`), however its digits are grouped; `undefined` when it is not one that can
 * exist, or there is other text around it.
 */
export function readPhone(text: string): string | undefined {
  const number = phoneNumbers().parsePhoneNumberFromString(text.trim(), { extract: false })
  return number?.isValid() && number.ext === undefined ? number.number : undefined
}

/** The country prefix of a number in E.164: `+47`. */
export function countryPrefix(phone: string): string {
  return `+${phoneNumbers().parsePhoneNumberFromString(phone)?.countryCallingCode ?? ''}`
}
