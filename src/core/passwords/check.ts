import type { AnyContext } from '../context.ts'
import { AuthError, type PasswordRule } from '../errors.ts'
import { isTypable, normalizePassword } from './forms.ts'
import type { PasswordPolicy } from './policy.ts'
import { findWeakness, type PasswordOwner } from './strength.ts'

/**
 * Throws `password_rejected`, naming the field, when a new password in its normal form is too short, too long or cannot
 * be typed again, and in a strict realm when it is easy to guess; there it also throws `rate_limited` and `overloaded`.
 * Nothing for a transaction.
 */
export async function checkPassword(
  ctx: AnyContext,
  typed: string,
  owner: PasswordOwner,
  field = 'password',
): Promise<void> {
  checkForm(ctx, typed, field)
  await checkStrength(ctx, typed, owner, field)
}

/** The part of `checkPassword` that takes no work: length, and whether it can be typed. Throws `password_rejected`. */
export function checkForm(
  ctx: { realm: { password: PasswordPolicy } },
  typed: string,
  field = 'password',
): void {
  const password = normalizePassword(typed)
  const length = [...password].length
  const { minLength, maxLength } = ctx.realm.password
  if (length < minLength) reject(field, 'too_short', `must be at least ${minLength} characters`)
  if (length > maxLength) reject(field, 'too_long', `must be at most ${maxLength} characters`)
  if (!isTypable(password))
    reject(field, 'malformed', 'holds half a character, or one that could not be read')
}

/**
 * The part of `checkPassword` that takes work, so for requests it comes after whatever else is counted. Throws
 * `password_rejected`, `rate_limited`, `overloaded`.
 */
export async function checkStrength(
  ctx: AnyContext,
  password: string,
  owner: PasswordOwner,
  field = 'password',
): Promise<void> {
  if (!ctx.realm.password.isStrict) return
  const weakness = await findWeakness(ctx, normalizePassword(password), owner)
  if (weakness) reject(field, weakness, weaknesses[weakness])
}

const weaknesses = {
  too_common: 'is too easy to guess',
  too_personal: 'is little more than your name, your address or the name of this service',
}

function reject(field: string, rule: PasswordRule, why: string): never {
  throw new AuthError('password_rejected', { issues: [{ field, message: `Password ${why}.`, rule }] })
}
