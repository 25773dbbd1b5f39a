import type { AccountRow } from '../../store/schema.ts'
import { foldEmail } from '../accounts/emails.ts'
import { recordEvent } from '../audit/audit.ts'
import type { ClientRef } from '../clients/client.ts'
import { type AnyContext, transaction } from '../context.ts'
import { AuthError } from '../errors.ts'
import { issueWithCode, type MailedSecret } from '../recovery/mailed-codes.ts'
import { holderOf, isYielded } from '../self-service/held-names.ts'
import { changeOf, type Half, kindOf, lifetimeSeconds, liveHalf, pendingChange, subjectOf } from './halves.ts'
import { beginChange } from './request.ts'

/**
 * Makes the secret of one half of a change of an account's address on an operator's word; nothing is mailed, and no limit
 * counts. What the other mailbox has confirmed of a change to the same address stays. Throws `email_taken`, and
 * `access_invalid` when the account is gone.
 */
export async function issueChangeByHand(
  ctx: AnyContext,
  { id: accountId }: AccountRow,
  { half, email: typed, from }: { half: Half; email: string; from: ClientRef },
): Promise<Required<MailedSecret>> {
  const email = foldEmail(typed)
  const holder = await holderOf(ctx, { name: 'email', value: email }, accountId)
  if (holder && !isYielded(holder, 'email')) throw new AuthError('email_taken')
  return transaction(ctx, async (ctx) => {
    const account = await ctx.store.accounts.lock(accountId)
    if (!account) throw new AuthError('access_invalid')
    const pending = await pendingChange(ctx, accountId)
    if (pending?.email !== email) {
      await beginChange(ctx, account, { email, from })
      await recordEvent(ctx, 'email.change_requested', { accountId })
    }
    await recordEvent(ctx, 'account.link_made', { accountId, detail: 'email_change' })
    const own = await liveHalf(ctx, accountId, half)
    const payload = own ? changeOf(own) : { email, isOtherConfirmed: false }
    const [kind, subject] = [kindOf(half), subjectOf(half, accountId, email)]
    return issueWithCode(ctx, { kind, subject, accountId, lifetimeSeconds, payload, from })
  })
}
