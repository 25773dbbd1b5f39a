import type { SessionRow } from '../../store/schema.ts'
import { noticeOf } from '../accounts/notify-owner.ts'
import { recordEvent } from '../audit/audit.ts'
import type { Brand } from '../clients/client.ts'
import type { AnyContext, Context } from '../context.ts'
import { addJob } from '../jobs.ts'
import type { TicketKind } from '../recovery/tickets.ts'
import type { Caller } from '../sessions/sessions.ts'

/** Pending sign-ins that rest on the second factor so far. */
const voided: TicketKind[] = ['second-factor', 'login-code']

/**
 * What follows when a caller's second factor has come into force or was removed: pending sign-ins are void, every other
 * session ends at every door, and the owner is notified. Part of a transaction that holds the account's row.
 */
export async function followChange(
  ctx: Context,
  { account: { id: accountId }, session }: Caller,
  mail: 'second-factor-set-mail' | 'second-factor-removed-mail',
  { othersLeft }: { othersLeft?: boolean } = {},
): Promise<void> {
  await ctx.store.sessions.endOthers(session, 'second_factor_changed', ctx.now())
  await ctx.store.tickets.consumeAll(accountId, voided, ctx.now())
  await addJob(ctx, mail, { ...noticeOf(ctx, accountId, ctx.client.brand), othersLeft })
}

/**
 * What follows when an operator has removed a second factor: pending sign-ins are void, every session ends, and the owner
 * is notified. Part of a transaction that holds the account's row.
 */
export async function followRemoval(
  ctx: AnyContext,
  accountId: string,
  { brand, othersLeft }: { brand: Brand; othersLeft?: boolean },
): Promise<void> {
  await ctx.store.sessions.endAll(accountId, 'second_factor_removed', ctx.now())
  await ctx.store.tickets.consumeAll(accountId, voided, ctx.now())
  const notice = { ...noticeOf(ctx, accountId, brand), isByOperator: true, othersLeft }
  await addJob(ctx, 'second-factor-removed-mail', notice)
}

/** Records that a recovery code was used, and notifies the owner. Part of the transaction that used it. */
export async function noteRecoveryCode(ctx: Context, accountId: string): Promise<void> {
  await recordEvent(ctx, 'second_factor.recovery_code_used', { accountId })
  await addJob(ctx, 'recovery-code-used-mail', noticeOf(ctx, accountId, ctx.client.brand))
}

/** Ends sessions and unfinished sign-ins for a sign-in with a recovery code, in a transaction that holds the row. */
export async function endForRecoveryCode(ctx: Context, accountId: string): Promise<void> {
  await ctx.store.sessions.endAll(accountId, 'recovery_code_used', ctx.now())
  await ctx.store.tickets.consumeAll(accountId, ['login-code'], ctx.now())
}

/** Likewise for a session that a recovery code is shown in, which goes on. */
export async function endOthersForRecoveryCode(ctx: Context, session: SessionRow): Promise<void> {
  await ctx.store.sessions.endOthers(session, 'recovery_code_used', ctx.now())
  await ctx.store.tickets.consumeAll(session.account_id, ['login-code'], ctx.now())
}
