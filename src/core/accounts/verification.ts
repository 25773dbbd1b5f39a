import type { AccountRow, TicketRow } from '../../store/schema.ts'
import { recordEvent } from '../audit/audit.ts'
import type { Brand } from '../clients/client.ts'
import { clientRef } from '../clients/clients.ts'
import {
  type AnyContext,
  type Context,
  type RealmContext,
  type RequestContext,
  transaction,
} from '../context.ts'
import { AuthError } from '../errors.ts'
import { addJob, type JobPayloads } from '../jobs.ts'
import { consumeMail } from '../limits/account-limits.ts'
import { limits } from '../limits/limits.ts'
import { issueMailed, type MailedSecret, type MailWish } from '../recovery/mailed-codes.ts'
import { findTicket, issueTicket } from '../recovery/tickets.ts'
import type { Account } from './account.ts'
import { foldEmail } from './emails.ts'
import { senderOf } from './sender.ts'

/** A day: people read their mail in the morning. */
const lifetimeSeconds = 24 * 60 * 60

interface VerificationMail extends MailWish {
  email: string
  /** Holds `{token}`. */
  link: string
  brand: Brand
}

/** Has a mail sent whose link proves the e-mail address, with or without an account. Throws `rate_limited`. */
export async function requestVerification(ctx: Context, input: VerificationMail): Promise<void> {
  const email = foldEmail(input.email)
  await consumeMail(ctx, email)
  const { link, brand } = input
  await addJob(ctx, 'verify-email-mail', { email, link, brand, ...clientRef(ctx) })
}

/** Has the sign-up's mail sent again to an account that waits for it; nobody else gets one. Throws `rate_limited`. */
export async function requestActivation(ctx: Context, input: VerificationMail): Promise<void> {
  const email = foldEmail(input.email)
  await consumeMail(ctx, email)
  await addActivationMail(ctx, { ...input, email })
}

/** Part of signing up, which has its own limits. */
export async function addActivationMail(
  ctx: Context,
  { email, link, brand, withCode, challenge }: VerificationMail,
): Promise<void> {
  const wish = { withCode, challenge }
  await addJob(ctx, 'activate-account-mail', { email, link, brand, ...wish, ...clientRef(ctx) })
}

/**
 * Has a mail sent on an operator's word whose link, to a page of ours, proves the e-mail address of an account: no limit
 * counts. Returns `false` where there is none to prove.
 */
export function sendVerification(ctx: AnyContext, account: AccountRow): Promise<boolean> {
  const { id: accountId, email, email_verified_at: verifiedAt, signed_up_through: dialect } = account
  if (email === null || verifiedAt !== null) return Promise.resolve(false)
  return transaction(ctx, async (ctx) => {
    const { brand, clientId, ...sender } = await senderOf(ctx, account)
    const link = `${ctx.publicUrl}/ui/verify-email?token={token}`
    await recordEvent(ctx, 'email.verification_requested', { accountId })
    await addJob(ctx, 'activate-account-mail', {
      email,
      link,
      brand,
      clientId,
      dialect: dialect ?? sender.dialect,
    })
    return true
  })
}

/** Makes the secret of a mail that proves an address, and says nothing of an account. */
export function issueVerification(ctx: RealmContext, job: JobPayloads['verify-email-mail']): Promise<string> {
  return issueTicket(ctx, { kind: 'verify-email', subject: job.email, lifetimeSeconds, from: job })
}

/** Makes the secret of a sign-up's mail: it confirms that account, as it stands when it is confirmed. */
export function issueConfirmation(
  ctx: RealmContext,
  { id }: AccountRow,
  job: JobPayloads['activate-account-mail'],
): Promise<MailedSecret> {
  const ticket = { kind: 'confirm-sign-up', subject: id, accountId: id, lifetimeSeconds, from: job } as const
  return issueMailed(ctx, ticket, job)
}

/** The ticket that proves this e-mail address, if `code` is its secret; it may have been consumed. */
export async function findProof(
  ctx: RealmContext,
  email: string,
  code: string,
): Promise<TicketRow | undefined> {
  const ticket = await findTicket(ctx, 'verify-email', code)
  return ticket?.subject === email ? ticket : undefined
}

/**
 * Accepts the code of a verification mail, as often as it is sent while it lives, for the sign-up that follows: mail
 * scanners open links, so it verifies no account. Throws `ticket_invalid`, `rate_limited`, and
 * `email_already_verified` when the address is somebody's already.
 */
export async function acceptProof(ctx: Context, input: { code: string; email: string }): Promise<void> {
  const email = foldEmail(input.email)
  const ticket = await findProof(ctx, email, input.code)
  if (ticket?.dialect !== ctx.door.dialect) return refuseLink(ctx)
  const account = await ctx.store.accounts.byEmail(email)
  if (ticket.consumed_at !== null || (account && account.email_verified_at !== null))
    throw new AuthError('email_already_verified')
}

/**
 * Takes note that the link of a sign-up's mail was opened by a GET, as often as it is while it lives: from then on the
 * address counts as valid at this door, and nowhere else (`isEmailValidAt`). Throws `ticket_invalid`, `rate_limited`.
 */
export async function noteLinkOpened(ctx: Context, code: string): Promise<void> {
  const { ticket, account } = await findConfirmation(ctx, code)
  if (ticket.dialect !== ctx.door.dialect) return refuseLink(ctx)
  const { dialect } = ctx.door
  if (account.email === null || isEmailValidAt(account, dialect)) return
  await ctx.store.accounts.seeEmail(account.id, account.email, dialect)
  await recordEvent(ctx, 'email.link_opened', { accountId: account.id })
}

/** Whether the account's address counts as valid at a door: it is verified, or a link of that door was opened. */
export function isEmailValidAt(
  {
    email_verified_at: verifiedAt,
    email_seen_through: seenThrough,
  }: Pick<Account, 'email_verified_at' | 'email_seen_through'>,
  dialect: string,
): boolean {
  return verifiedAt !== null || seenThrough === dialect
}

/** The ticket of a sign-up's mail, which may have been consumed, and its account. Throws `ticket_invalid`. */
async function findConfirmation(
  ctx: RequestContext,
  code: string,
): Promise<{ ticket: TicketRow; account: AccountRow }> {
  const ticket = await findTicket(ctx, 'confirm-sign-up', code)
  const account = ticket?.account_id ? await ctx.store.accounts.byId(ticket.account_id) : undefined
  return ticket && account ? { ticket, account } : refuseLink(ctx)
}

/** Marks the address as verified, if it is not; `detail` says how it was proven. */
export async function markVerified(
  ctx: AnyContext,
  account: AccountRow,
  detail: string,
): Promise<AccountRow> {
  const { id, email } = account
  const verified = email === null ? undefined : await ctx.store.accounts.verifyEmail(id, email, ctx.now())
  if (verified) await recordEvent(ctx, 'email.verified', { accountId: id, detail })
  return verified ?? account
}

/** Counts a link that is not good. Throws `ticket_invalid`, `rate_limited`. */
export async function refuseLink(ctx: RequestContext): Promise<never> {
  await ctx.limiter.consume(limits.invalidTokensPerIp, ctx.origin.ip)
  throw new AuthError('ticket_invalid')
}
