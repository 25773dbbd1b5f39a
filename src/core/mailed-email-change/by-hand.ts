import { foldEmail } from '../accounts/emails.ts'
import { recordEvent } from '../audit/audit.ts'
import { clientRef } from '../clients/clients.ts'
import { type Context, transaction } from '../context.ts'
import { AuthError } from '../errors.ts'
import type { MadeLink } from '../mailed-sign-in/by-hand.ts'
import { issueWithCode } from '../recovery/mailed-codes.ts'
import { holderOf, isYielded } from '../self-service/held-names.ts'
import { changeOf, type Half, kindOf, lifetimeSeconds, liveHalf, pendingChange, subjectOf } from './halves.ts'
import { beginChange } from './request.ts'

/**
 * Makes the link and the code of one half of a change that somebody else mails, of the account that has the address
 * `current`; no limit counts. What the other mailbox has confirmed of a change to the same address stays. `undefined` where
 * nobody has that address. Throws `email_taken` for one that another account keeps.
 */
export async function makeEmailChangeLink(
  ctx: Context,
  half: Half,
  wanted: { current: string; email: string },
): Promise<MadeLink | undefined> {
  const email = foldEmail(wanted.email)
  const found = await ctx.store.accounts.byEmail(foldEmail(wanted.current))
  if (!found) return undefined
  const { id: accountId } = found
  const holder = await holderOf(ctx, { name: 'email', value: email }, accountId)
  if (holder && !isYielded(holder, 'email')) throw new AuthError('email_taken')
  return transaction(ctx, async (ctx) => {
    const account = await ctx.store.accounts.lock(accountId)
    if (!account) return undefined
    const from = clientRef(ctx)
    const pending = await pendingChange(ctx, accountId)
    if (pending !== email) {
      await beginChange(ctx, account, { email, from })
      await recordEvent(ctx, 'email.change_requested', { accountId })
    }
    await recordEvent(ctx, 'account.link_made', { accountId, detail: `email_change ${half}` })
    const own = await liveHalf(ctx, accountId, half)
    const payload = own ? changeOf(own) : { email, isOtherConfirmed: false }
    const [kind, subject] = [kindOf(half), subjectOf(half, accountId, email)]
    const secret = await issueWithCode(ctx, { kind, subject, accountId, lifetimeSeconds, payload, from })
    return { account, secret }
  })
}
