import { notifyOwner } from '../accounts/notify-owner.ts'
import { recordEvent } from '../audit/audit.ts'
import type { Context } from '../context.ts'
import { limits } from '../limits/limits.ts'
import { requireRecentProof } from '../self-service/recent-proof.ts'
import { asCaller, type Caller } from '../sessions/sessions.ts'
import { makeRecoveryCodes, replaceRecoveryCodes } from '../sign-in/recovery-codes.ts'

/**
 * Gives an operator ten new recovery codes in place of those before, and mails them that; shown this once. Throws
 * `recent_sign_in_needed`, `rate_limited`, and `access_invalid` when their session has ended meanwhile.
 */
export async function replaceOperatorCodes(ctx: Context, caller: Caller): Promise<string[]> {
  requireRecentProof(ctx, caller)
  const { id: accountId } = caller.account
  await ctx.limiter.consume(limits.enrolmentsPerAccount, accountId)
  const codes = makeRecoveryCodes(ctx)
  await asCaller(ctx, caller, async (ctx) => {
    await replaceRecoveryCodes(ctx, accountId, codes)
    await recordEvent(ctx, 'recovery_codes.replaced', { accountId, sessionId: caller.session.id })
    await notifyOwner(ctx, accountId, 'recovery-codes-replaced')
  })
  return codes
}
