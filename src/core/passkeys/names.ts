import { readGivenName } from '../text/given-name.ts'
import { mailText } from '../text/mail-text.ts'

const maxLength = 60

/** The name that an owner gives a passkey, 1 to 60 characters in one line; `undefined` when it cannot be one. */
export function readPasskeyName(typed: string): string | undefined {
  return readGivenName(typed, maxLength)
}

/** What a mail calls a passkey: a name that programs would make a link of is left out. */
export function nameInMail(name: string): string {
  return mailText(name) ?? ''
}
