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

/** What a password is checked against. */
interface Checked {
  /** Of the account of that name. */
  hash: string | null | undefined
  /** What the account was asked for by, in its folded form. */
  name: string
  /** Whether it may be right. */
  isJudged: boolean
}

/**
 * Whether it is the password behind the hash. It works as long where it is not to be judged, and without a hash as long as
 * with one of a kind that the realm has. Throws `overloaded`.
 */
export function isRightPassword(
  { hasher, origin, decoys, hashSecrets }: AnyContext,
  password: string,
  { hash, name, isJudged }: Checked,
): Promise<boolean> {
  const check = {
    password,
    hash: isJudged ? hash : undefined,
    // Its own first: it is to take no other time once it is no longer judged.
    decoys: [hash, decoys.of(name)],
    secretOf: hashSecrets.secretOf,
  }
  return hasher.verify(check, origin)
}
