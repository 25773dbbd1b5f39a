import type { RecoveryCodeRow } from '../../store/schema.ts'
import { notifyOwner } from '../accounts/notify-owner.ts'
import { recordEvent } from '../audit/audit.ts'
import type { Context, RealmContext } from '../context.ts'
import { AuthError } from '../errors.ts'
import { limits } from '../limits/limits.ts'
import { asCaller, type Caller } from '../sessions/sessions.ts'
import { makeRecoveryCodes, replaceRecoveryCodes } from '../sign-in/recovery-codes.ts'
import { hasSecondFactor } from '../sign-in/second-factor.ts'
import { requireRecentProof } from './recent-proof.ts'

/** From so many on, people are told to make new ones. */
export const fewCodes = 3

/** The recovery codes of an account, without what they are. */
export interface KeptCodes {
  left: number
  /** When each that is used up was used, in epoch milliseconds, newest first. */
  usedAt: number[]
  /** Another one for each set of codes, so that nobody replaces a set that they have not seen. */
  set: string
}

/** How many recovery codes an account has left, and when the others were used. */
export async function keptCodes({ store }: RealmContext, accountId: string): Promise<KeptCodes> {
  const codes = await store.recoveryCodes.list(accountId)
  const usedAt = codes.flatMap(({ consumed_at }) => consumed_at ?? []).sort((one, other) => other - one)
  return { left: codes.length - usedAt.length, usedAt, set: setOf(codes) }
}

function setOf(codes: RecoveryCodeRow[]): string {
  return String(Math.max(0, ...codes.map(({ created_at }) => created_at)))
}

/**
 * Gives the caller's account new recovery codes in place of that set, and notifies the owner; shown this once. A page that
 * is sent twice replaces once. Throws `recent_sign_in_needed`, `second_factor_not_pending` without a second factor,
 * `ticket_invalid` where the set is another one by now, `rate_limited`, and `access_invalid` when the caller's session has
 * ended meanwhile.
 */
export async function replaceOwnCodes(ctx: Context, caller: Caller, set: string): Promise<string[]> {
  requireRecentProof(ctx, caller)
  const { id } = caller.account
  await ctx.limiter.consume(limits.enrolmentsPerAccount, id)
  const codes = makeRecoveryCodes(ctx)
  await asCaller(ctx, caller, async (ctx) => {
    if (!(await hasSecondFactor(ctx, id))) throw new AuthError('second_factor_not_pending')
    if ((await keptCodes(ctx, id)).set !== set) throw new AuthError('ticket_invalid')
    await replaceRecoveryCodes(ctx, id, codes)
    await recordEvent(ctx, 'recovery_codes.replaced', { accountId: id, sessionId: caller.session.id })
    await notifyOwner(ctx, id, 'recovery-codes-replaced')
  })
  return codes
}
