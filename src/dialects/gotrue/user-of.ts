import type { Context } from '../../core/context.ts'
import { type Factor, heldBy } from '../../core/factors/held.ts'
import { pendingChange } from '../../core/mailed-email-change/halves.ts'
import type { AccountRow } from '../../store/schema.ts'
import type { Settings } from './manifest.ts'
import { presentUser } from './present.ts'

/**
 * The user of contracts/gotrue.md as their person sees them: with the factors of the account, by which the client knows that
 * one is to be shown, and the address that it is to have. The factors are read where they are not known.
 */
export async function userOf(ctx: Context, account: AccountRow, settings: Settings, known?: Factor[]) {
  const [factors, change] = await Promise.all([
    known ?? heldBy(ctx, account.id),
    pendingChange(ctx, account.id),
  ])
  return {
    ...presentUser(account, settings, factors),
    ...(change && { new_email: change.email, email_change_sent_at: new Date(change.askedAt).toISOString() }),
  }
}
