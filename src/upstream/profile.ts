import { readEmail } from '../core/accounts/emails.ts'
import { readPhone } from '../core/accounts/phones.ts'
import { importedUsernameProblem } from '../core/accounts/usernames.ts'
import type { UpstreamProfile } from '../core/switching/upstream.ts'

const maxIdLength = 255
const maxNameLength = 100

/** A profile as it may be kept: what is not as it has to be is left out, as nobody can put it right. */
export function tidyProfile({ names = {}, ...profile }: UpstreamProfile): UpstreamProfile {
  const email = profile.email === undefined ? undefined : readEmail(profile.email)
  const phone = profile.phone === undefined ? undefined : readPhone(profile.phone)
  const tidyNames = compact({
    firstName: lineOf(names.firstName, maxNameLength),
    lastName: lineOf(names.lastName, maxNameLength),
    fullName: lineOf(names.fullName, maxNameLength),
  })
  return compact({
    id: lineOf(profile.id, maxIdLength),
    email,
    // Said of another address, it would be said of none.
    emailVerified: email === undefined ? undefined : profile.emailVerified,
    username: usernameOf(profile.username),
    phone,
    phoneVerified: phone === undefined ? undefined : profile.phoneVerified,
    names: Object.keys(tidyNames).length > 0 ? tidyNames : undefined,
  })
}

/** As an import takes them: none that reads like the address, number or id of somebody else. */
function usernameOf(text: string | undefined): string | undefined {
  const username = lineOf(text, maxNameLength)
  return username !== undefined && importedUsernameProblem(username) === undefined ? username : undefined
}

/** One line of text that can be seen; `undefined` for what is none, or too long. */
function lineOf(text: string | undefined, maxLength: number): string | undefined {
  const line = text?.trim() ?? ''
  return line !== '' && line.length <= maxLength && line.isWellFormed() && !/\p{Cc}/u.test(line)
    ? line
    : undefined
}

function compact<T extends object>(given: { [Key in keyof T]: T[Key] | undefined }): T {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as T
}
