import type { AccountRow } from '../../store/schema.ts'
import { foldEmail } from '../accounts/emails.ts'
import { createUntaken } from '../accounts/new-accounts.ts'
import { isProven } from '../accounts/proven-names.ts'
import { handOver } from '../accounts/take-over.ts'
import { recordEvent } from '../audit/audit.ts'
import { clientRef } from '../clients/clients.ts'
import { type Context, type RealmContext, stopClock, transaction } from '../context.ts'
import { AuthError } from '../errors.ts'
import { addJob, type JobPayloads } from '../jobs.ts'
import { issueMailed, type MailedSecret } from '../recovery/mailed-codes.ts'
import { ticketOf } from './find.ts'

/** A week: whoever is invited does not wait for it. */
export const invitationLifetimeSeconds = 7 * 24 * 60 * 60

/** Whom an account is opened for by somebody else. */
export interface Invited {
  email: string
  profile?: Record<string, unknown> | undefined
}

/**
 * Opens an account without a password for whoever has an e-mail address, and mails them a link and a code that sign them
 * in to it; one that has the address and has proven nothing becomes theirs with that. On an operator's word: no limit
 * counts. `link` holds `{token}`. Throws `email_taken` where the account is proven.
 */
export function invite(ctx: Context, { link, ...invited }: Invited & { link: string }): Promise<AccountRow> {
  return transaction(stopClock(ctx), async (ctx) => {
    const account = await openInvited(ctx, invited)
    const { brand } = ctx.client
    const email = foldEmail(invited.email)
    const to = { accountId: account.id, email, link, brand, withCode: true, ...clientRef(ctx) }
    await addJob(ctx, 'invitation-mail', to)
    return account
  })
}

/** The account of whoever is invited. Part of a transaction. Throws `email_taken` where it is proven. */
export async function openInvited(ctx: Context, { email: typed, profile }: Invited): Promise<AccountRow> {
  const email = foldEmail(typed)
  const holder = await ctx.store.accounts.byEmail(email)
  if (holder && isProven(holder)) throw new AuthError('email_taken')
  const account = holder
    ? await ofStranger(ctx, holder, profile)
    : await createUntaken(ctx, { email, profile })
  await recordEvent(ctx, 'account.invited', { accountId: account.id })
  return (await ctx.store.accounts.setInvited(account.id, ctx.now())) ?? account
}

/** Whoever has opened the account is not the one who is invited: nothing of theirs is to be in it when the link is used. */
async function ofStranger(
  ctx: Context,
  holder: AccountRow,
  profile: Invited['profile'],
): Promise<AccountRow> {
  const account = await handOver(ctx, holder, { profile: profile ?? JSON.parse(holder.profile) })
  if (!account) throw new AuthError('email_taken')
  return account
}

/** Makes the secret of an invitation. `undefined` where the account is gone, disabled, proven or has another address. */
export async function issueInvitation(
  ctx: RealmContext,
  job: Pick<
    JobPayloads['invitation-mail'],
    'accountId' | 'email' | 'challenge' | 'withCode' | 'dialect' | 'clientId'
  >,
): Promise<MailedSecret | undefined> {
  const { accountId, email } = job
  const account = await ctx.store.accounts.byId(accountId)
  if (account?.email !== email || account.disabled_at !== null || isProven(account)) return undefined
  const ticket = { ...ticketOf('invitation', { email, accountId }), accountId, from: job }
  return issueMailed(ctx, { ...ticket, lifetimeSeconds: invitationLifetimeSeconds }, job)
}
