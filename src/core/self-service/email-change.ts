import type { AccountRow } from '../../store/schema.ts'
import { foldEmail } from '../accounts/emails.ts'
import { recordEvent } from '../audit/audit.ts'
import { clientRef } from '../clients/clients.ts'
import { type Context, type RealmContext, transaction } from '../context.ts'
import { AuthError } from '../errors.ts'
import { addJob, type JobPayloads } from '../jobs.ts'
import { consumeMail } from '../limits/account-limits.ts'
import { limits } from '../limits/limits.ts'
import {
  consumeTicket,
  emailChangeKinds,
  findTicket,
  issueTicket,
  type TicketKind,
  voidedByNewEmail,
} from '../recovery/tickets.ts'
import { asCaller, type Caller } from '../sessions/sessions.ts'
import { maskEmail } from '../text/masked-names.ts'
import { holderOf, isYielded, mustBeLive, withFreeName } from './held-names.ts'
import { requireRecentProof } from './recent-proof.ts'
import { keepForUndo } from './undo-change.ts'

/** A day: people read their mail in the morning. */
const lifetimeSeconds = 24 * 60 * 60
const kind: TicketKind = 'email-change'

/**
 * Has a mail sent to an address that the caller's account is to have: its link changes the address, and until then nothing
 * does. One that another account has gets a mail that says so, and the caller the same answer. Throws
 * `recent_sign_in_needed`, `rate_limited`, and `access_invalid` when the caller's session has ended meanwhile.
 */
export async function requestEmailChange(ctx: Context, caller: Caller, typed: string): Promise<void> {
  requireRecentProof(ctx, caller)
  await sendLink(ctx, caller, foldEmail(typed))
}

/** Has the mail of a pending change sent again, if there is one; the earlier link is void. Throws `rate_limited`. */
export async function resendEmailChange(ctx: Context, caller: Caller): Promise<void> {
  const email = await pendingEmail(ctx, caller)
  if (email !== undefined) await sendLink(ctx, caller, email)
}

async function sendLink(ctx: Context, caller: Caller, email: string): Promise<void> {
  const accountId = caller.account.id
  await ctx.limiter.consume(limits.nameChangesPerAccount, accountId)
  await consumeMail(ctx, email)
  await asCaller(ctx, caller, async (ctx) => {
    await ctx.store.tickets.consumeAll(accountId, emailChangeKinds, ctx.now())
    // Its secret is nobody's: the one that is mailed is made with the mail.
    await issueTicket(ctx, {
      kind,
      subject: accountId,
      accountId,
      lifetimeSeconds,
      payload: { email },
      from: clientRef(ctx),
    })
    await recordEvent(ctx, 'email.change_requested', { accountId, sessionId: caller.session.id })
    const link = `${ctx.publicUrl}/ui/confirm-change?token={token}`
    await addJob(ctx, 'email-change-mail', {
      accountId,
      email,
      link,
      brand: ctx.client.brand,
      ...clientRef(ctx),
    })
  })
}

/** The address that the caller's account is to have once its link is opened; `undefined` for none. */
export async function pendingEmail(
  ctx: RealmContext,
  { account }: Pick<Caller, 'account'>,
): Promise<string | undefined> {
  const ticket = await ctx.store.tickets.liveOf(kind, account.id, ctx.now())
  return ticket && JSON.parse(ticket.payload).email
}

/** Gives a pending change up: its link is void. */
export function forgetEmailChange(ctx: Context, caller: Caller): Promise<void> {
  return asCaller(ctx, caller, (ctx) => ctx.store.tickets.consumeAll(caller.account.id, [kind], ctx.now()))
}

/**
 * Makes the secret of the mail of a change. `taken` where another account keeps the address, and `undefined` where the
 * account does not want it any more.
 */
export async function issueEmailChange(
  ctx: RealmContext,
  job: JobPayloads['email-change-mail'],
): Promise<{ token: string } | 'taken' | undefined> {
  const { accountId, email } = job
  const holder = await holderOf(ctx, { name: 'email', value: email }, accountId)
  return transaction(ctx, async (ctx) => {
    await ctx.store.accounts.lock(accountId)
    const ticket = await ctx.store.tickets.liveOf(kind, accountId, ctx.now())
    if (!ticket || JSON.parse(ticket.payload).email !== email) return undefined
    if (holder && !isYielded(holder, 'email')) return 'taken'
    const token = await issueTicket(ctx, {
      kind,
      subject: accountId,
      accountId,
      lifetimeSeconds,
      payload: { email },
      askedAt: ticket.created_at,
      from: job,
    })
    return { token }
  })
}

/** The change that a link stands for. `undefined` for one that is used, given up, replaced or expired. */
export async function findEmailChange(
  ctx: RealmContext,
  token: string,
): Promise<{ accountId: string; email: string } | undefined> {
  const ticket = await findTicket(ctx, kind, token)
  if (!ticket?.account_id || ticket.consumed_at !== null) return undefined
  return { accountId: ticket.account_id, email: JSON.parse(ticket.payload).email }
}

/**
 * Gives the caller's account the address that a link has proven. It takes the link and a session of the account: a mailbox
 * that was typed by mistake is somebody else's. Sessions stay, links to the old address are void, and its reader is told.
 * Throws `ticket_invalid`, `email_taken`, and `access_invalid` when the caller's session has ended meanwhile.
 */
export async function confirmEmailChange(ctx: Context, caller: Caller, token: string): Promise<AccountRow> {
  const accountId = caller.account.id
  const change = await findEmailChange(ctx, token)
  if (change?.accountId !== accountId) throw new AuthError('ticket_invalid')
  const { email } = change
  const named = { name: 'email', value: email } as const
  return withFreeName(ctx, { accountId, named }, async (ctx) => {
    const before = await mustBeLive(ctx, caller)
    if (!(await consumeTicket(ctx, kind, token))) throw new AuthError('ticket_invalid')
    const changed = await ctx.store.accounts.changeEmail(accountId, email, ctx.now())
    if (!changed) throw new AuthError('access_invalid')
    await ctx.store.tickets.consumeAll(accountId, voidedByNewEmail, ctx.now())
    await recordEvent(ctx, 'email.changed', { accountId, sessionId: caller.session.id })
    await keepForUndo(ctx, before, { notice: 'email-changed', values: { newName: maskEmail(email) } })
    return changed
  })
}
