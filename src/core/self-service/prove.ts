import { recordRefusal } from '../audit/audit.ts'
import type { Context } from '../context.ts'
import { AuthError } from '../errors.ts'
import { asCaller, type Caller } from '../sessions/sessions.ts'
import { type CheckedAccount, checkCredentials } from '../sign-in/credentials.ts'
import { hasSecondFactor, useAuthenticator } from '../sign-in/second-factor.ts'
import { noteProof } from './recent-proof.ts'

/**
 * Takes the password again and, where the account has a second factor, a code of the authenticator, and keeps with the
 * session that its person was there just now. Throws `credentials_invalid`, also when the password was changed meanwhile,
 * `second_factor_code_invalid`, `rate_limited`, `overloaded`, and `access_invalid` when the session has ended.
 */
export async function proveByPassword(
  ctx: Context,
  caller: Caller,
  { password, code }: { password: string; code: string },
): Promise<void> {
  const { account } = caller
  const checked = await checkOwnPassword(ctx, caller, password)
  const isAsked = await hasSecondFactor(ctx, account.id)
  // Recovery codes are for signing in without the authenticator, and whoever has found the list has not found the person.
  if (isAsked && !(await useAuthenticator(ctx, account.id, code))) {
    await recordRefusal(ctx, 'identity.proven', { accountId: account.id, detail: 'code' })
    throw new AuthError('second_factor_code_invalid')
  }
  await asCaller(ctx, caller, async (ctx) => {
    // Counts for nothing where it is the password no more.
    if (!(await ctx.store.accounts.lockIfPasswordUnchanged(checked)))
      throw new AuthError('credentials_invalid')
    await noteProof(ctx, caller, isAsked ? 'password+authenticator' : 'password')
  })
}

/** Takes the password of the caller's account, as a sign-in does. Throws `credentials_invalid`, `rate_limited`, `overloaded`. */
export async function checkOwnPassword(
  ctx: Context,
  { account }: Caller,
  password: string,
): Promise<CheckedAccount> {
  const { id, email, username, phone } = account
  const identifier = email !== null ? { email } : username !== null ? { username } : { phone: phone ?? '' }
  const checked = await checkCredentials(ctx, { ...identifier, password })
  if (checked.id !== id) throw new AuthError('credentials_invalid')
  return checked
}
