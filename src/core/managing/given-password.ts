import type { AnyContext } from '../context.ts'
import { AuthError } from '../errors.ts'
import { checkPassword } from '../passwords/check.ts'
import { hashPassword } from '../passwords/forms.ts'
import type { PasswordOwner } from '../passwords/strength.ts'

/** The password of an account as a service has it: itself, or a hash of another system. */
export interface GivenPassword {
  password?: string
  passwordHash?: string
}

/**
 * The hash to keep, and its kind where another system has made it; `undefined` where nothing is given. Throws
 * `password_rejected`, `validation_failed` for a hash that cannot be used, `rate_limited`, `overloaded`. Nothing for a
 * transaction.
 */
export async function readGivenPassword(
  ctx: AnyContext,
  { password, passwordHash }: GivenPassword,
  owner: PasswordOwner,
): Promise<{ hash: string; kind: string | undefined } | undefined> {
  if (password !== undefined) {
    await checkPassword(ctx, password, owner)
    return { hash: await hashPassword(ctx, password), kind: undefined }
  }
  if (passwordHash === undefined) return undefined
  const taken = await ctx.hashIntake.take(passwordHash)
  if ('stored' in taken) return { hash: taken.stored, kind: taken.label }
  const message = `The password hash cannot be used: ${taken.refused}.`
  throw new AuthError('validation_failed', { issues: [{ field: 'passwordHash', message }] })
}
