import { parsePhoneNumberFromString } from 'libphonenumber-js'

/** A phone number in E.164 (`+4791234567`), or `undefined` when it is not one that can exist. */
export function readPhone(text: string): string | undefined {
  const number = parsePhoneNumberFromString(text)
  return number?.isValid() ? number.number : undefined
}

/** The country prefix of a number in E.164: `+47`. */
export function countryPrefix(phone: string): string {
  return `+${parsePhoneNumberFromString(phone)?.countryCallingCode ?? ''}`
}
