import type { Context } from '../../core/context.ts'
import { type Factor, heldBy } from '../../core/factors/held.ts'
import { pendingMails } from '../../core/mailed-sign-in/pending.ts'
import { pendingTextedPhone } from '../../core/texted-phone-change/pending.ts'
import type { AccountRow } from '../../store/schema.ts'
import type { Settings } from './manifest.ts'
import { presentUser } from './present.ts'

/**
 * The user of contracts/gotrue.md as their person sees them: with the factors of the account, by which the client knows that
 * one is to be shown, the address and the number that it is to have, and when the mails were asked for that are still to be answered. The
 * factors are read where they are not known.
 */
export async function userOf(ctx: Context, account: AccountRow, settings: Settings, known?: Factor[]) {
  const [factors, mails, number] = await Promise.all([
    known ?? heldBy(ctx, account.id),
    pendingMails(ctx, account.id),
    pendingTextedPhone(ctx, account.id),
  ])
  const { confirmation, recovery, change } = mails
  return {
    ...presentUser(account, settings, factors),
    ...(confirmation !== undefined && { confirmation_sent_at: timeText(confirmation) }),
    ...(recovery !== undefined && { recovery_sent_at: timeText(recovery) }),
    ...(change && { new_email: change.email, email_change_sent_at: timeText(change.askedAt) }),
    ...(number !== undefined && { new_phone: number.slice(1) }),
  }
}

function timeText(time: number): string {
  return new Date(time).toISOString()
}
