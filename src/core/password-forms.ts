import type { AnyContext } from './context.ts'

/** In UTF-16 units: nobody's password is longer, and bringing marks into order takes time that grows with the square. */
const longest = 4096

/**
 * The form in which a password counts: NFC, so that it is the same from a keyboard that sends `é` as one character and
 * from one that sends two. Never NFKC, which would make different passwords one (NIST SP 800-63B-4 §3.1.1.2).
 */
export function normalizePassword(password: string): string {
  return password.length > longest ? password : password.normalize('NFC')
}

/**
 * Whether a text is what somebody can have typed: half a character, and what a decoder has put in the place of bytes
 * that it could not read, would make different passwords one.
 */
export function isTypable(password: string): boolean {
  return password.isWellFormed() && !password.includes('\ufffd')
}

/** Whether both are the same password. */
export function isSamePassword(one: string, other: string): boolean {
  return normalizePassword(one) === normalizePassword(other)
}

/** Hashes a password as it is kept. Throws `overloaded`. */
export function hashPassword({ hasher, origin }: AnyContext, password: string): Promise<string> {
  return hasher.hash(normalizePassword(password), origin)
}

/** How a password was found right: as it is kept today, or as a hash has it that was made of the text as it was sent. */
export type PasswordMatch = 'normalized' | 'as_sent'

/**
 * Whether it is the password behind the hash; `undefined` when it is not. Where the text as it was sent is another one
 * than its normal form, a hash of release 0.1.0 may have been made of it, so that is tried, too. Without a hash it
 * works as long. Throws `overloaded`.
 */
export async function matchPassword(
  { hasher, origin }: AnyContext,
  password: string,
  hash: string | null | undefined,
): Promise<PasswordMatch | undefined> {
  const normalized = normalizePassword(password)
  if (await hasher.verify(normalized, hash, origin)) return 'normalized'
  if (normalized === password) return undefined
  return (await hasher.verify(password, hash, origin)) ? 'as_sent' : undefined
}
