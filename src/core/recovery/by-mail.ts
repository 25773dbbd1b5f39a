import type { AccountRow, TicketRow } from '../../store/schema.ts'
import { foldEmail } from '../accounts/emails.ts'
import { identifierKey } from '../accounts/identifiers.ts'
import { noticeOf } from '../accounts/notify-owner.ts'
import { isProven, mayRecover, type ProvableName } from '../accounts/proven-names.ts'
import { voidSquatterClaims } from '../accounts/take-over.ts'
import { recordEvent } from '../audit/audit.ts'
import type { Brand, ClientRef } from '../clients/client.ts'
import { brandAt } from '../clients/clients.ts'
import {
  type AnyContext,
  type Context,
  type RealmContext,
  type RequestContext,
  stopClock,
  transaction,
} from '../context.ts'
import { AuthError } from '../errors.ts'
import { addJob, type JobPayloads } from '../jobs.ts'
import { consumeMail } from '../limits/account-limits.ts'
import { limits } from '../limits/limits.ts'
import { checkPassword } from '../passwords/check.ts'
import { hashPassword } from '../passwords/forms.ts'
import { resetPasswordLimits } from '../sign-in/credentials.ts'
import { issueMailed, type MailedSecret, type MailWish } from './mailed-codes.ts'
import { consumeTicket, findTicket, issueTicket, type TicketKind, voidedByNewPassword } from './tickets.ts'

const recoveryTicketKinds: TicketKind[] = ['reset-password', 'reset-code']

/**
 * Has a mail sent to the owner of an account, if there is one: the job finds that out, so the answer cannot tell. `link`
 * holds `{token}`. Returns the id of the request. Throws `rate_limited`.
 */
export async function requestPasswordReset(
  ctx: RequestContext,
  input: { email: string; link: string; brand: Brand } & MailWish,
): Promise<string> {
  const email = foldEmail(input.email)
  await consumeMail(ctx, email)
  const { link, brand, withCode, challenge } = input
  return transaction(ctx, async (ctx) => {
    await recordEvent(ctx, 'password.reset_requested', { subject: identifierKey({ email }) })
    return addJob(ctx, 'reset-password-mail', {
      email,
      link,
      brand,
      withCode,
      challenge,
      dialect: ctx.door?.dialect ?? '',
      clientId: ctx.client?.id ?? '',
      lifetimeSeconds: ctx.door?.resetLifetime ?? defaultLifetimeSeconds,
      askedAt: ctx.now(),
    })
  })
}

/** Of a reset link that is asked for at no door. */
const defaultLifetimeSeconds = 60 * 60

/**
 * Has a reset mail sent where everybody may learn, though not often, that there is no such account: then it returns
 * `undefined`. Throws `rate_limited`.
 */
export async function requestPasswordResetOpenly(
  ctx: Context,
  input: { email: string; link: string; brand: Brand },
): Promise<string | undefined> {
  await ctx.limiter.consume(limits.existenceProbesPerIp, ctx.origin.ip)
  const account = await ctx.store.accounts.byEmail(foldEmail(input.email))
  if (!account || account.disabled_at !== null) return undefined
  await ctx.limiter.refund(limits.existenceProbesPerIp, ctx.origin.ip)
  return requestPasswordReset(ctx, input)
}

/** Makes the secret of a reset mail. `undefined` when nobody may have it, or a newer request has been answered. */
export async function issueReset(
  ctx: RealmContext,
  job: JobPayloads['reset-password-mail'],
): Promise<MailedSecret | undefined> {
  const account = await ctx.store.accounts.byEmail(job.email)
  if (!account || !mayRecover(ctx, account, 'email')) return doDummyWork(ctx, job)
  return transaction(ctx, async (ctx) => {
    if (!(await supersedeRequests(ctx, account.id, job.askedAt))) return undefined
    // The row is held now: the account may have moved to another address since it was found by this one.
    if ((await ctx.store.accounts.byId(account.id))?.email !== job.email) return undefined
    const { askedAt, lifetimeSeconds } = job
    const of = { subject: account.id, accountId: account.id }
    const ticket = { kind: 'reset-password', ...of, askedAt, lifetimeSeconds, from: job } as const
    return issueMailed(ctx, ticket, job)
  })
}

/** Does what making a ticket does: the next request on this thread would wait longer after a job that writes. */
export function doDummyWork(ctx: RealmContext, from: ClientRef & { askedAt: number }): Promise<undefined> {
  const { askedAt } = from
  return transaction(ctx, async (ctx) => {
    await supersedeRequests(ctx, nobody, askedAt)
    await issueTicket(ctx, { kind: 'reset-password', subject: nobody, askedAt, lifetimeSeconds: 0, from })
    return undefined
  })
}

/** The subject of tickets that are made for the time that it takes. */
const nobody = 'nobody'

/** By how much the clocks of two nodes may differ. */
const maxAheadMs = 5 * 60_000

/**
 * Voids what earlier requests for a new password led to, by any channel; part of a transaction, which holds the account's
 * row from here on. Returns `false` when a later request was answered: a late message must not void a newer one.
 */
export async function supersedeRequests(
  ctx: RealmContext,
  accountId: string,
  askedAt: number,
): Promise<boolean> {
  await ctx.store.accounts.lock(accountId)
  // What is dated later than that is older: the clock has been set back since.
  const until = ctx.now() + maxAheadMs
  if (await ctx.store.tickets.hasNewer(accountId, recoveryTicketKinds, { since: askedAt, until }))
    return false
  await ctx.store.tickets.consumeAll(accountId, recoveryTicketKinds, ctx.now())
  return true
}

/** Marks a link that was not mailed, and so proves no e-mail address. */
const deliveredOutOfBand = { handedOver: true }

function isDeliveredOutOfBand(ticket: TicketRow): boolean {
  return JSON.parse(ticket.payload).handedOver === true
}

/**
 * Makes the secret of a reset link for an operator to hand over, valid on the hosted page; voids every earlier one.
 * `undefined` when the account is gone or disabled.
 */
export function issueResetByHand(
  ctx: AnyContext,
  accountId: string,
  lifetimeSeconds: number,
): Promise<string | undefined> {
  return transaction(stopClock(ctx), async (ctx) => {
    await supersedeRequests(ctx, accountId, ctx.now())
    const account = await ctx.store.accounts.byId(accountId)
    if (!account || account.disabled_at !== null) return undefined
    await recordEvent(ctx, 'password.reset_requested', { accountId, detail: 'by_hand' })
    const from = { clientId: null, dialect: null }
    const ticket = { subject: accountId, accountId, lifetimeSeconds, payload: deliveredOutOfBand, from }
    return issueTicket(ctx, { kind: 'reset-password', ...ticket })
  })
}

/** Has a reset mail sent on an operator's word: no limit counts. `link` holds `{token}`. */
export function sendReset(
  ctx: AnyContext,
  account: { id: string; email: string },
  mail: { link: string; lifetimeSeconds: number; brand: Brand; dialect: string; clientId: string },
): Promise<string> {
  return transaction(ctx, async (ctx) => {
    await recordEvent(ctx, 'password.reset_requested', { accountId: account.id })
    return addJob(ctx, 'reset-password-mail', { ...mail, email: account.email, askedAt: ctx.now() })
  })
}

export interface MailedReset {
  token: string
  password: string
  email?: string
}

/**
 * `onReset` runs in the transaction that sets the password, so that both happen or neither; after it where the realm asks
 * before a sign-in, as nobody is asked within a transaction.
 */
export interface ResetOptions<C extends AnyContext, T> {
  onReset?: (ctx: C, account: AccountRow) => Promise<T>
}

/** The account that has a new password, and what `onReset` returned. */
export interface PasswordReset<T> {
  account: AccountRow
  result?: T
}

/**
 * Sets a new password with a mailed ticket, ends every session and notifies the owner. `email`, if given, must be the
 * account's. A refusal keeps the ticket. Throws `ticket_invalid`, `password_rejected`, `rate_limited`, `overloaded`.
 */
export async function resetPassword<C extends AnyContext, T>(
  ctx: C,
  input: MailedReset,
  { onReset }: ResetOptions<C, T> = {},
): Promise<PasswordReset<T>> {
  const owner = await ownerOfReset(ctx, input)
  await checkPassword(ctx, input.password, owner)
  const hash = await hashPassword(ctx, input.password)
  const asksFirst = ctx.hooks.beforeSignIn !== undefined

  const reset = await transaction(stopClock(ctx), async (ctx) => {
    const locked = await ctx.store.accounts.lock(owner.id)
    const ticket = await consumeTicket(ctx, 'reset-password', input.token)
    const isOpen = locked && ticket && isGoodFor(ctx, ticket, locked)
    // Whoever holds the link reads the mailbox, unless an operator has handed it over.
    const name = ticket && isDeliveredOutOfBand(ticket) ? undefined : 'email'
    const account = isOpen && (await setRecoveredPassword(ctx, ticket, locked, { hash, name }))
    if (!account) throw new AuthError('ticket_invalid')
    return { account, ...(!asksFirst && { result: await onReset?.(ctx, account) }) }
  })
  await resetPasswordLimits(ctx, reset.account)
  return asksFirst ? { ...reset, result: await onReset?.(ctx, reset.account) } : reset
}

/**
 * Sets the password that a consumed ticket allows, voids every other way in, and notifies the owner. The ticket has proven
 * `name`: the first proof takes the account over from a squatter. Part of a transaction that holds the account's row.
 * `undefined` when the account is disabled.
 */
export async function setRecoveredPassword(
  ctx: AnyContext,
  ticket: TicketRow,
  locked: AccountRow,
  { hash, name }: { hash: string; name: ProvableName | undefined },
): Promise<AccountRow | undefined> {
  const now = ctx.now()
  const { id: accountId } = locked
  // The password before the sessions: whoever signs in meanwhile waits for this row, and is ended or refused.
  const account = await ctx.store.accounts.setPassword(accountId, hash, now)
  if (!account) return undefined
  await ctx.store.sessions.endAll(accountId, 'password_reset', now)
  await ctx.store.tickets.consumeAll(accountId, voidedByNewPassword, now)
  await recordEvent(ctx, 'password.reset', { accountId })
  if (name !== undefined && !isProven(locked)) await voidSquatterClaims(ctx, accountId)
  if (name !== undefined) await markProven(ctx, account, name)
  const brand = brandAt(ctx, { dialect: ticket.dialect, clientId: ticket.client_id })
  await addJob(ctx, 'password-changed-mail', noticeOf(ctx, accountId, brand))
  return account
}

async function markProven(
  ctx: AnyContext,
  { id, email, phone }: AccountRow,
  name: ProvableName,
): Promise<void> {
  const { accounts } = ctx.store
  const verified =
    name === 'email'
      ? await accounts.verifyEmail(id, email ?? '', ctx.now())
      : await accounts.verifyPhone(id, phone ?? '', ctx.now())
  if (verified) await recordEvent(ctx, `${name}.verified`, { accountId: id, detail: 'password_reset' })
}

/** Whose reset link it is while it is valid. Throws `ticket_invalid`, and `rate_limited` after too many of those. */
export async function ownerOfReset(
  ctx: AnyContext,
  link: Pick<MailedReset, 'token' | 'email'>,
): Promise<AccountRow> {
  const owner = await findOwner(ctx, link)
  if (!owner && ctx.origin) await ctx.limiter.consume(limits.invalidTokensPerIp, ctx.origin.ip)
  if (!owner) throw new AuthError('ticket_invalid')
  return owner
}

/** Another name may have been proven since the link was sent. */
function isGoodFor(ctx: AnyContext, ticket: TicketRow, account: AccountRow): boolean {
  return isDeliveredOutOfBand(ticket) || mayRecover(ctx, account, 'email')
}

/** Whose ticket it is, while it is valid at this door and for this e-mail address. */
async function findOwner(
  ctx: AnyContext,
  input: { token: string; email?: string },
): Promise<AccountRow | undefined> {
  const ticket = await findTicket(ctx, 'reset-password', input.token)
  if (!ticket?.account_id || ticket.consumed_at !== null) return undefined
  if (ctx.door && ticket.dialect !== ctx.door.dialect) return undefined
  if (ctx.door?.bindsClient && ticket.client_id !== ctx.client?.id) return undefined
  const account = await ctx.store.accounts.byId(ticket.account_id)
  if (!account || !isGoodFor(ctx, ticket, account)) return undefined
  return input.email === undefined || foldEmail(input.email) === account.email ? account : undefined
}
