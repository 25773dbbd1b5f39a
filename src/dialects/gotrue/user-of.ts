import type { Context } from '../../core/context.ts'
import { pendingChange } from '../../core/mailed-email-change/halves.ts'
import type { AccountRow } from '../../store/schema.ts'
import type { Settings } from './manifest.ts'
import { presentUser } from './present.ts'

/** An account on the wire as its person sees it, with what they have begun. */
export async function userOf(ctx: Context, account: AccountRow, settings: Settings) {
  const change = await pendingChange(ctx, account.id)
  return {
    ...presentUser(account, settings),
    ...(change && { new_email: change.email, email_change_sent_at: new Date(change.askedAt).toISOString() }),
  }
}
