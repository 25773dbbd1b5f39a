import type { AccountRow } from '../../store/schema.ts'
import { foldEmail } from '../accounts/emails.ts'
import { mayRecover } from '../accounts/proven-names.ts'
import type { Brand } from '../clients/client.ts'
import { clientRef } from '../clients/clients.ts'
import { type Context, type RealmContext, transaction } from '../context.ts'
import { addJob, type JobPayloads } from '../jobs.ts'
import { consumeMail } from '../limits/account-limits.ts'
import { doDummyWork } from '../recovery/by-mail.ts'
import { issueMailed, type MailedSecret, type MailWish } from '../recovery/mailed-codes.ts'

/** An hour: it is opened while somebody waits for it. */
const lifetimeSeconds = 60 * 60

/** A mail that signs in whoever reads it. */
interface SignInMail extends MailWish {
  email: string
  /** Holds `{token}`. */
  link: string
  brand: Brand
  /** Whether it opens an account where nobody has the address. */
  opensAccount: boolean
  /** What such an account says of its person. */
  profile?: Record<string, unknown> | undefined
}

/**
 * Has a mail sent that signs in whoever reads it. Whether there is an account for it, the job finds out, so the answer
 * cannot tell. Throws `rate_limited`.
 */
export async function requestSignInMail(ctx: Context, input: SignInMail): Promise<void> {
  const email = foldEmail(input.email)
  await consumeMail(ctx, email)
  await addJob(ctx, 'sign-in-mail', { ...input, email, askedAt: ctx.now(), ...clientRef(ctx) })
}

/** Makes the secret of such a mail. `undefined` when nobody may have it, or a newer request has been answered. */
export async function issueSignIn(
  ctx: RealmContext,
  job: JobPayloads['sign-in-mail'],
): Promise<MailedSecret | undefined> {
  const { email, opensAccount, profile, askedAt } = job
  const holder = await ctx.store.accounts.byEmail(email)
  if (!maySignIn(ctx, holder, opensAccount)) return doDummyWork(ctx, job)
  return transaction(ctx, async (ctx) => {
    if (holder) await ctx.store.accounts.lock(holder.id)
    const earlier = await ctx.store.tickets.liveOf('mailed-sign-in', email, ctx.now())
    // What is dated later than now is older: the clock has been set back since.
    if (earlier && earlier.created_at > askedAt && earlier.created_at <= ctx.now()) return undefined
    const payload = { opensAccount, profile }
    const ticket = { kind: 'mailed-sign-in', subject: email, accountId: holder?.id, lifetimeSeconds } as const
    return issueMailed(ctx, { ...ticket, payload, askedAt, from: job }, job)
  })
}

/**
 * Whether whoever reads the mails at an address may be signed in to the account that has it, or to one that is opened; an
 * account in which nobody has proven the address becomes theirs with that.
 */
export function maySignIn(ctx: RealmContext, holder: AccountRow | undefined, opensAccount: boolean): boolean {
  if (!holder) return opensAccount
  if (holder.disabled_at !== null) return false
  return holder.email_verified_at !== null || opensAccount || mayRecover(ctx, holder, 'email')
}
