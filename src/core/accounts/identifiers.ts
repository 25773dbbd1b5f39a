import { foldUsername } from '../../lib/fold-username.ts'
import type { AccountRow } from '../../store/schema.ts'
import type { Account } from './account.ts'
import { foldEmail, readEmail } from './emails.ts'

/** What a person signs in with: one of these. A phone number is E.164. */
export type Identifier = { email: string } | { username: string } | { phone: string }

/** What a person means who types one or the other into one field: no user name is an e-mail address. */
export function readIdentifier(typed: string): Identifier {
  const text = typed.trim()
  return readEmail(text) === undefined ? { username: text } : { email: text }
}

/** What an account can be signed in to with. Every account has an e-mail address, a user name or a phone number. */
export function identifierOf({
  email,
  username,
  phone,
}: Pick<Account, 'email' | 'username' | 'phone'>): Identifier {
  if (email !== null) return { email }
  return username === null ? { phone: phone ?? '' } : { username }
}

/**
 * What limits and the audit trail know an identifier by: folded, behind its kind. A user name that reads like
 * somebody's phone number has another key than the number.
 */
export function identifierKey(identifier: Identifier): string {
  if ('email' in identifier) return `email:${foldEmail(identifier.email)}`
  if ('phone' in identifier) return `phone:${identifier.phone}`
  return `username:${foldUsername(identifier.username)}`
}

/** The keys of all identifiers of an account. */
export function identifierKeysOf({
  email,
  username_key: username,
  phone,
}: Pick<AccountRow, 'email' | 'username_key' | 'phone'>): string[] {
  return [
    ...(email === null ? [] : [identifierKey({ email })]),
    ...(username === null ? [] : [`username:${username}`]),
    ...(phone === null ? [] : [identifierKey({ phone })]),
  ]
}
