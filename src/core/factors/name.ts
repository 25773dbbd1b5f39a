import { readGivenName } from '../text/given-name.ts'

const maxLength = 100

/** The name that an owner gives an authenticator, 1 to 100 characters in one line; `undefined` when it cannot be one. */
export function readFactorName(typed: string): string | undefined {
  return readGivenName(typed, maxLength)
}
