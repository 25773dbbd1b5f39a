import type { Context } from '../context.ts'
import { AuthError } from '../errors.ts'
import { limits } from '../limits/limits.ts'
import { checkForm, checkStrength } from '../passwords/check.ts'
import { hashPassword, isRightPassword } from '../passwords/forms.ts'
import { consumeFound } from '../recovery/tickets.ts'
import type { Caller, PreparedChange } from '../sessions/sessions.ts'
import { requireShownFactor } from '../sign-in/second-factor.ts'
import { checkOwnPassword } from './prove.ts'
import { findRecentProof } from './reauthentication.ts'
import { keepHash } from './set-password.ts'

/** A password that somebody gives their account through an app, and what they show for that. */
export interface ReplacedPassword {
  password: string
  /** The one that the account has, which is a proof, too. */
  currentPassword?: string
  /** Of a mail to the account's address (`requestReauthentication`). */
  code?: string
}

/**
 * Judges whether the caller's account may have another password, or its first, and hashes that. What it returns sets it:
 * every other session ends, links and sign-ins that rest on the old password are void, and the owner is notified. It takes a
 * session whose person has shown within a day who they are, or the current password, or a mailed code; and the second
 * factor, where the account has one. Throws `second_factor_needed`, `recent_sign_in_needed`, `credentials_invalid` for a
 * wrong current password, `ticket_invalid` for a wrong code, `password_unchanged`, `password_rejected`, `rate_limited`,
 * `overloaded`; what it returns throws `credentials_invalid` and `ticket_invalid` for what has become void meanwhile.
 */
export async function prepareReplacement(
  ctx: Context,
  caller: Caller,
  { password, currentPassword, code }: ReplacedPassword,
): Promise<PreparedChange> {
  const { account } = caller
  await requireShownFactor(ctx, caller)
  checkForm(ctx, password)
  const settle = await proofOf(ctx, caller, { currentPassword, code })
  await ctx.limiter.consume(limits.waysInPerAccount, account.id)
  await checkStrength(ctx, password, account)
  const { id: name, password_hash: current } = account
  if (await isRightPassword(ctx, password, { hash: current, name, isJudged: current !== null }))
    throw new AuthError('password_unchanged')
  const hash = await hashPassword(ctx, password)
  return async (ctx) => {
    await settle(ctx)
    return keepHash(ctx, caller, { hash, otherSessions: 'end' })
  }
}

/** Judges what the caller shows; what it returns uses that up, in the transaction that sets the password. */
async function proofOf(
  ctx: Context,
  caller: Caller,
  { currentPassword, code }: Omit<ReplacedPassword, 'password'>,
): Promise<(ctx: Context) => Promise<void>> {
  if (currentPassword !== undefined) {
    const checked = await checkOwnPassword(ctx, caller, currentPassword)
    return async (ctx) => {
      // Counts for nothing where it is the password no more.
      if (!(await ctx.store.accounts.lockIfPasswordUnchanged(checked)))
        throw new AuthError('credentials_invalid')
    }
  }
  const found = await findRecentProof(ctx, caller, code)
  return async (ctx) => {
    if (found && !(await consumeFound(ctx, found))) throw new AuthError('ticket_invalid')
  }
}
