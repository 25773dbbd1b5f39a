import { foldUsername } from '../../lib/fold-username.ts'
import { formats, isSeen } from '../../lib/unseen.ts'
import { readEmail } from './emails.ts'

/** What a user name is refused for. */
export type UsernameProblem = 'unseen' | 'another_kind'

/** Controls, private, unassigned and half characters, and two signs that are drawn as nothing. */
const strange = /[\p{Cc}\p{Co}\p{Cn}\p{Cs}\p{Zl}\p{Zp}\u2800\u{1d159}]/u

/**
 * What is wrong with a new user name, as it is typed and as it is compared: it holds what cannot be seen, or it reads
 * like the name of another kind.
 */
export function usernameProblem(username: string): UsernameProblem | undefined {
  return (
    importedUsernameProblem(username) ?? (foldUsername(username).includes('@') ? 'another_kind' : undefined)
  )
}

/** What is wrong with a user name of another system, whose names may hold an `@` without being e-mail addresses. */
export function importedUsernameProblem(username: string): UsernameProblem | undefined {
  const folded = foldUsername(username)
  const hides = username.search(formats) >= 0 || [username, folded].some((name) => strange.test(name))
  if (hides || !isSeen(folded)) return 'unseen'
  return looksLikeAnotherKind(folded) ? 'another_kind' : undefined
}

/** Neither a letter nor a digit, nor what tells an address, a number or an id. */
const separators = /[^\p{L}\p{Nd}@+:]/gu

/**
 * Whether a folded user name reads like an e-mail address, a phone number or an id: whoever names an account, an
 * operator or a person who signs in, must not be able to mean another one.
 */
function looksLikeAnotherKind(folded: string): boolean {
  const plain = folded.replaceAll(separators, '')
  return (
    isLikeEmail(folded) || isLikeEmail(plain) || isKeyShaped(plain) || isLikePhone(plain) || isLikeUuid(plain)
  )
}

function isLikeEmail(text: string): boolean {
  return readEmail(text) !== undefined
}

/** Like the key of an identifier, or an id as operators write it. */
function isKeyShaped(plain: string): boolean {
  return /^(id|email|phone|username):/.test(plain)
}

/** Digits of any script, as phones take them. */
function isLikePhone(plain: string): boolean {
  return /^(tel:?)?(\+|\p{Nd}{7,15}$)/u.test(plain)
}

function isLikeUuid(plain: string): boolean {
  return /^(urn:uuid:)?[\da-f]{32}$/.test(plain)
}
