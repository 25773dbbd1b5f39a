import type { AccountRow, TicketRow } from '../store/schema.ts'
import { takeMail } from './account-limits.ts'
import { recordEvent } from './audit.ts'
import type { AnyContext, Context, RealmContext } from './context.ts'
import { foldEmail } from './emails.ts'
import { AuthError } from './errors.ts'
import { addJob, type Brand, type JobPayloads } from './jobs.ts'
import { limits } from './limits.ts'
import { consumeTicket, findTicket, issueTicket } from './tickets.ts'

/** A day: people read their mail in the morning. */
const lifetime = 24 * 60 * 60

interface VerificationMail {
  email: string
  /** Holds `{token}`. */
  link: string
  brand: Brand
}

/**
 * Has a mail sent whose link proves the e-mail address, whether or not there is an account. Throws `rate_limited`.
 */
export async function requestVerification(ctx: Context, input: VerificationMail): Promise<void> {
  const email = foldEmail(input.email)
  await takeMail(ctx, email)
  const { link, brand } = input
  await addJob(ctx, 'verify-email-mail', {
    email,
    link,
    brand,
    dialect: ctx.door.dialect,
    clientId: ctx.client.id,
  })
}

/** The same for an account that waits for it; nobody else gets a mail. Throws `rate_limited`. */
export async function requestActivation(ctx: Context, input: VerificationMail): Promise<void> {
  const email = foldEmail(input.email)
  await takeMail(ctx, email)
  await addActivationMail(ctx, { ...input, email })
}

/** Part of signing up, which has its own limits. */
export async function addActivationMail(
  ctx: Context,
  { email, link, brand }: VerificationMail,
): Promise<void> {
  const from = { dialect: ctx.door.dialect, clientId: ctx.client.id }
  await addJob(ctx, 'activate-account-mail', { email, link, brand, ...from })
}

/** Makes the secret of a verification mail. */
export function issueVerification(ctx: RealmContext, job: JobPayloads['verify-email-mail']): Promise<string> {
  return issueTicket(ctx, {
    kind: 'verify-email',
    subject: job.email,
    lifetime,
    account_id: null,
    client_id: job.clientId,
    dialect: job.dialect,
  })
}

/** The ticket that proves this address, if `code` is its secret; it may have been consumed. */
export async function findProof(
  ctx: RealmContext,
  email: string,
  code: string,
): Promise<TicketRow | undefined> {
  const ticket = await findTicket(ctx, 'verify-email', code)
  return ticket?.subject === email ? ticket : undefined
}

/**
 * Accepts the code of a verification mail as often as it is sent while it lives, as mail scanners open links before
 * people do; an account with this address is verified by the first. Returns that account, or `undefined` when nobody
 * has signed up with the address yet. Throws `ticket_invalid`, `rate_limited`, and `email_already_verified` when the
 * code was used up or there was nothing to verify.
 */
export async function verifyEmail(
  ctx: AnyContext,
  input: { code: string; email?: string },
): Promise<AccountRow | undefined> {
  const ticket = await findTicket(ctx, 'verify-email', input.code)
  const isForeign = ctx.door !== undefined && ticket?.dialect !== ctx.door.dialect
  const isOther = input.email !== undefined && foldEmail(input.email) !== ticket?.subject
  if (!ticket || isForeign || isOther) {
    if (ctx.origin) await ctx.limiter.take(limits.ticketAddress, ctx.origin.ip)
    throw new AuthError('ticket_invalid')
  }
  const email = ticket.subject
  const account = await ctx.store.accounts.byEmail(email)
  if (!account) return undefined
  if (ticket.consumed_at !== null) throw new AuthError('email_already_verified')
  const verified = await ctx.store.accounts.verifyEmail(account.id, email, ctx.now())
  if (!verified) return verifiedSince(account, ticket)
  await recordEvent(ctx, 'email.verified', { outcome: 'success', accountId: account.id })
  return verified
}

function verifiedSince(account: AccountRow, ticket: TicketRow): AccountRow {
  const { email_verified_at: verifiedAt } = account
  if (verifiedAt !== null && verifiedAt < ticket.created_at) throw new AuthError('email_already_verified')
  return account
}

/** Verifies the address of an account and uses the code up. Throws `ticket_invalid`, `rate_limited`. */
export async function activateAccount(ctx: Context, code: string): Promise<AccountRow> {
  const account = await verifyEmail(ctx, { code })
  if (!account || !(await consumeTicket(ctx, 'verify-email', code))) throw new AuthError('ticket_invalid')
  return account
}

/**
 * Whether the link of a verification mail is still good, for the page that it opens. Throws `rate_limited` after too
 * many that are not.
 */
export async function isVerificationOpen(ctx: AnyContext, code: string): Promise<boolean> {
  const isOpen = (await findTicket(ctx, 'verify-email', code)) !== undefined
  if (!isOpen && ctx.origin) await ctx.limiter.take(limits.ticketAddress, ctx.origin.ip)
  return isOpen
}
