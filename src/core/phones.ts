import { parsePhoneNumberFromString } from 'libphonenumber-js'

/**
 * A phone number in E.164 (`+4791234567`), however its digits are grouped; `undefined` when it is not one that can
 * exist, or there is other text around it.
 */
export function readPhone(text: string): string | undefined {
  const number = parsePhoneNumberFromString(text.trim(), { extract: false })
  return number?.isValid() && number.ext === undefined ? number.number : undefined
}

/** The country prefix of a number in E.164: `+47`. */
export function countryPrefix(phone: string): string {
  return `+${parsePhoneNumberFromString(phone)?.countryCallingCode ?? ''}`
}
