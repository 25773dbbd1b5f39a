import { type RealmContext, transaction } from '../context.ts'
import { addJob, type JobCause, type JobPayloads } from '../jobs.ts'
import { issueMailed, type MailedSecret } from '../recovery/mailed-codes.ts'
import { holderOf, isYielded } from '../self-service/held-names.ts'
import { changeOf, halves, kindOf, lifetimeSeconds, liveHalf, subjectOf } from './halves.ts'

type HalfMail = JobPayloads['email-change-half-mail']

/**
 * Makes the secret of the mail to one of the two mailboxes. `taken` where another account keeps the new address, and
 * `undefined` where the account does not want it any more, or the half is confirmed.
 */
export async function issueHalf(
  ctx: RealmContext,
  job: HalfMail,
): Promise<MailedSecret | 'taken' | undefined> {
  const { accountId, half, email, newEmail } = job
  const holder = await holderOf(ctx, { name: 'email', value: newEmail }, accountId)
  return transaction(ctx, async (ctx) => {
    const account = await ctx.store.accounts.lock(accountId)
    const ticket = await liveHalf(ctx, accountId, half)
    if (!ticket || changeOf(ticket).email !== newEmail) return undefined
    if (half === 'current' && account?.email !== email) return undefined
    if (half === 'new' && holder && !isYielded(holder, 'email')) return 'taken'
    const [kind, subject] = [kindOf(half), subjectOf(half, accountId, newEmail)]
    const askedAt = ticket.created_at
    const payload = changeOf(ticket)
    return issueMailed(ctx, { kind, subject, accountId, lifetimeSeconds, payload, askedAt, from: job }, job)
  })
}

/** Has the mails sent again of the halves of a pending change that are not confirmed. */
export async function issueAgain(
  ctx: RealmContext,
  { email, ...mail }: JobPayloads['email-change-again'] & JobCause,
): Promise<void> {
  const account = await ctx.store.accounts.byEmail(email)
  if (!account || account.disabled_at !== null) return
  for (const half of halves) {
    const ticket = await liveHalf(ctx, account.id, half)
    if (ticket?.dialect !== mail.dialect) continue
    const newEmail = changeOf(ticket).email
    const to = half === 'new' ? newEmail : email
    await addJob(ctx, 'email-change-half-mail', { ...mail, email: to, accountId: account.id, half, newEmail })
  }
}
