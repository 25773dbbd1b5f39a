import type { AccountRow } from '../../store/schema.ts'
import type { Identifier } from '../accounts/identifiers.ts'
import { noticeOf } from '../accounts/notify-owner.ts'
import { recordEvent, recordRefusal } from '../audit/audit.ts'
import { type Context, stopClock, transaction } from '../context.ts'
import { AuthError, type ErrorCode } from '../errors.ts'
import { addJob } from '../jobs.ts'
import { voidedByNewPassword } from '../recovery/tickets.ts'
import type { Caller } from '../sessions/sessions.ts'
import { judgePassword, refundAttempt } from '../sign-in/credentials.ts'
import { needsSecondFactor, useCode } from '../sign-in/second-factor.ts'
import { refuseUnverified } from '../sign-in/sign-in.ts'
import { checkPassword } from './check.ts'
import { hashPassword, isSamePassword } from './forms.ts'

export interface PasswordChange {
  oldPassword: string
  newPassword: string
  /** Whose access token came with it; then it must be the account's own. */
  caller?: Caller
  /** Of the second factor, for one whose session has not shown it. */
  code?: string
}

/**
 * Replaces a password for one who could sign in with it: with a verified e-mail address where the door requires that, and
 * with the second factor, if any, shown by the caller's session or by a code. Ends every session of the account and
 * notifies its owner. Throws `credentials_invalid`, `email_unverified`, `second_factor_needed`,
 * `second_factor_code_invalid`, `password_unchanged`, `password_rejected`, `rate_limited`, `overloaded`.
 */
export async function changePassword(ctx: Context, input: Identifier & PasswordChange): Promise<AccountRow> {
  const { oldPassword, newPassword, caller, code, ...identifier } = input
  const account = await judgePassword(ctx, { ...identifier, password: oldPassword })
  const { id } = account
  // Another account may have got the caller's e-mail address meanwhile.
  if (caller && caller.account.id !== id) throw new AuthError('credentials_invalid')
  await refuseUnverified(ctx, account)
  const isCodeNeeded = await needsSecondFactor(ctx, id, caller?.session)
  // Without the second factor a right password stays counted like a wrong one.
  if (!isCodeNeeded) await refundAttempt(ctx, account)
  else if (code === undefined) return refuse(ctx, id, 'second_factor_needed')
  if (isSamePassword(newPassword, oldPassword)) throw new AuthError('password_unchanged')
  await checkPassword(ctx, newPassword, account, 'newPassword')
  if (isCodeNeeded) {
    // As late as it can be, so that no code is used up for a password that is refused.
    if (!(await useCode(ctx, id, code ?? ''))) return refuse(ctx, id, 'second_factor_code_invalid')
    await refundAttempt(ctx, account)
  }
  const hash = await hashPassword(ctx, newPassword)

  return transaction(stopClock(ctx), async (ctx) => {
    const now = ctx.now()
    const changed = await ctx.store.accounts.changePassword(account, hash, now)
    if (!changed) throw new AuthError('credentials_invalid')
    // One that was set meanwhile has not been shown.
    if (!isCodeNeeded && (await needsSecondFactor(ctx, id, caller?.session)))
      throw new AuthError('second_factor_needed')
    await ctx.store.sessions.endAll(id, 'password_changed', now)
    await ctx.store.tickets.consumeAll(id, voidedByNewPassword, now)
    await recordEvent(ctx, 'password.changed', { accountId: id })
    await addJob(ctx, 'password-changed-mail', noticeOf(ctx, id, ctx.client.brand))
    return changed
  })
}

async function refuse(ctx: Context, accountId: string, code: ErrorCode): Promise<never> {
  await recordRefusal(ctx, 'password.changed', { accountId, detail: code })
  throw new AuthError(code)
}
