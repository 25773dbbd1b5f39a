import type { AccountRow } from '../../store/schema.ts'
import { noticeOf } from '../accounts/notify-owner.ts'
import { recordEvent } from '../audit/audit.ts'
import type { Context } from '../context.ts'
import { AuthError } from '../errors.ts'
import { addJob } from '../jobs.ts'
import { limits } from '../limits/limits.ts'
import { checkPassword } from '../passwords/check.ts'
import { hashPassword } from '../passwords/forms.ts'
import { withPagePolicy } from '../passwords/policy.ts'
import { voidedByNewPassword } from '../recovery/tickets.ts'
import { asCaller, type Caller } from '../sessions/sessions.ts'
import { resetPasswordLimits } from '../sign-in/credentials.ts'
import { requireRecentProof } from './recent-proof.ts'

/** A password that somebody gives their account, and what becomes of their other sessions. */
export interface NewPassword {
  password: string
  otherSessions: 'end' | 'keep'
}

/**
 * Gives the caller's account another password, or its first, and notifies the owner. Devices are no longer trusted, and
 * links and sign-ins that rest on the old password are void. Throws `recent_sign_in_needed`, `password_rejected`,
 * `rate_limited`, `overloaded`, and `access_invalid` when the caller's session has ended meanwhile.
 */
export async function setOwnPassword(
  ctx: Context,
  caller: Caller,
  { password, otherSessions }: NewPassword,
): Promise<void> {
  requireRecentProof(ctx, caller)
  const { account } = caller
  await checkPassword(withPagePolicy(ctx), password, account)
  await ctx.limiter.consume(limits.waysInPerAccount, account.id)
  const hash = await hashPassword(ctx, password)
  const changed = await asCaller(ctx, caller, (ctx) => keepHash(ctx, caller, { hash, otherSessions }))
  await resetPasswordLimits(ctx, changed)
}

/**
 * Keeps the hash of a password that is fit for the caller's account, as part of `asCaller`; `resetPasswordLimits` belongs
 * behind that. Throws `access_invalid` when the account is gone.
 */
export async function keepHash(
  ctx: Context,
  { account, session }: Caller,
  { hash, otherSessions }: Pick<NewPassword, 'otherSessions'> & { hash: string },
): Promise<AccountRow> {
  const now = ctx.now()
  const changed = await ctx.store.accounts.setPassword(account.id, hash, now)
  if (!changed) throw new AuthError('access_invalid')
  if (otherSessions === 'end') await ctx.store.sessions.endOthers(session, 'password_changed', now)
  // Whoever has shown the old password there has shown what counts for nothing now.
  else await ctx.store.sessions.forgetOtherProofs(session)
  await ctx.store.trustedDevices.removeAll(account.id)
  await ctx.store.tickets.consumeAll(account.id, voidedByNewPassword, now)
  await recordEvent(ctx, 'password.changed', { accountId: account.id, sessionId: session.id })
  await addJob(ctx, 'password-changed-mail', noticeOf(ctx, account.id, ctx.client.brand))
  return changed
}
