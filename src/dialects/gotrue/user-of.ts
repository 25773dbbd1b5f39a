import type { Context } from '../../core/context.ts'
import { heldBy } from '../../core/factors/held.ts'
import { pendingChange } from '../../core/mailed-email-change/halves.ts'
import { pendingTextedPhone } from '../../core/texted-phone-change/pending.ts'
import type { AccountRow } from '../../store/schema.ts'
import type { Settings } from './manifest.ts'
import { presentUser } from './present.ts'

/**
 * The user of contracts/gotrue.md as their person sees them: with the factors of the account, by which the client knows that
 * one is to be shown, and the address and the number that it is to have.
 */
export async function userOf(ctx: Context, account: AccountRow, settings: Settings) {
  const [factors, change, number] = await Promise.all([
    heldBy(ctx, account.id),
    pendingChange(ctx, account.id),
    pendingTextedPhone(ctx, account.id),
  ])
  return {
    ...presentUser(account, settings, factors),
    ...(change && { new_email: change.email, email_change_sent_at: new Date(change.askedAt).toISOString() }),
    ...(number !== undefined && { new_phone: number.slice(1) }),
  }
}
