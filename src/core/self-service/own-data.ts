import { exportAccount, type PersonalData } from '../accounts/export.ts'
import type { Context } from '../context.ts'
import { limits } from '../limits/limits.ts'
import type { Caller } from '../sessions/sessions.ts'
import { requireRecentProof } from './recent-proof.ts'

/** All that is held of the caller, once an hour. Throws `recent_sign_in_needed`, `rate_limited`. */
export async function exportOwnData(ctx: Context, caller: Caller): Promise<PersonalData> {
  requireRecentProof(ctx, caller)
  await ctx.limiter.consume(limits.exportsPerAccount, caller.account.id)
  return exportAccount(ctx, caller.account)
}
