import { noticeOf } from '../accounts/notify-owner.ts'
import { recordEvent } from '../audit/audit.ts'
import type { Brand } from '../clients/client.ts'
import { type AnyContext, stopClock, transaction } from '../context.ts'
import { addJob } from '../jobs.ts'
import { nameInMail } from './names.ts'

/**
 * Removes all passkeys of an account on an operator's word; every session ends, unfinished sign-ins are void, and the owner
 * is notified of each. The reason is kept in the audit trail. Returns how many there were.
 */
export function removePasskeys(
  ctx: AnyContext,
  accountId: string,
  { reason, brand }: { reason: string; brand: Brand },
): Promise<number> {
  return transaction(stopClock(ctx), async (ctx) => {
    // The account's row first, as everywhere: none is added meanwhile.
    await ctx.store.accounts.lock(accountId)
    const removed = await ctx.store.passkeys.listOf(accountId)
    if (removed.length === 0) return 0
    await ctx.store.passkeys.removeAllOf(accountId)
    await ctx.store.sessions.endAll(accountId, 'passkeys_removed', ctx.now())
    await ctx.store.tickets.consumeAll(accountId, ['login-code', 'passkey-add', 'passkey-prove'], ctx.now())
    const notice = { ...noticeOf(ctx, accountId, brand), notice: 'passkey-removed' as const }
    for (const { name } of removed) {
      await recordEvent(ctx, 'passkey.removed', { accountId, detail: reason })
      await addJob(ctx, 'security-mail', { ...notice, values: { passkey: nameInMail(name) } })
    }
    return removed.length
  })
}
