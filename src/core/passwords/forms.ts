import type { AnyContext } from '../context.ts'

/** In UTF-16 units: nobody's password is longer, and bringing marks into order takes time that grows with the square. */
const maxLength = 4096

/**
 * The form in which a password counts: NFC, so that it is the same from a keyboard that sends `é` as one character and
 * from one that sends two. Never NFKC, which would make different passwords one (NIST SP 800-63B-4 §3.1.1.2).
 */
export function normalizePassword(password: string): string {
  return password.length > maxLength ? password : password.normalize('NFC')
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

/** Whether it is the password behind the hash. Without a hash it works as long. Throws `overloaded`. */
export function isRightPassword(
  { hasher, origin }: AnyContext,
  password: string,
  hash: string | null | undefined,
): Promise<boolean> {
  return hasher.verify(normalizePassword(password), hash, origin)
}
