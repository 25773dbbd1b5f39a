import type { Account } from '../../core/accounts/account.ts'
import type { Context } from '../../core/context.ts'
import type { Factor } from '../../core/factors/held.ts'
import { listFactors } from '../../core/factors/list.ts'
import { pendingProofs } from '../../core/mailed-sign-in/pending.ts'
import type { Settings } from './manifest.ts'
import { presentUser, withProvenNames } from './present.ts'

/** The user of contracts/gotrue.md as their person and apps see them, with the names that are surely theirs (`withProvenNames`). */
export function userOf(ctx: Context, account: Account, settings: Settings, known?: Factor[]) {
  return managedUserOf(ctx, withProvenNames(account, settings), settings, known)
}

/**
 * The user of contracts/gotrue.md as a back end sees them: with the factors of the account, by which the client knows that
 * one is to be shown, the address and the number that it is to have, and when the mails were asked for that are still to be
 * answered. The factors are read where they are not known.
 */
export async function managedUserOf(ctx: Context, account: Account, settings: Settings, known?: Factor[]) {
  const [factors, { confirmation, recovery, email, phone }] = await Promise.all([
    known ?? listFactors(ctx, account.id),
    pendingProofs(ctx, account.id),
  ])
  return {
    ...presentUser(account, settings, factors),
    ...(confirmation !== undefined && { confirmation_sent_at: timeText(confirmation) }),
    ...(recovery !== undefined && { recovery_sent_at: timeText(recovery) }),
    ...(email && { new_email: email.wanted, email_change_sent_at: timeText(email.askedAt) }),
    ...(phone && { new_phone: phone.wanted.slice(1) }),
  }
}

function timeText(time: number): string {
  return new Date(time).toISOString()
}
