import { isUniqueViolation } from '../../lib/unique-violation.ts'
import type { AccountRow, TicketRow } from '../../store/schema.ts'
import type { Names } from '../../store/tables/accounts/names.ts'
import { noticeOf } from '../accounts/notify-owner.ts'
import { refuseLink } from '../accounts/verification.ts'
import { recordEvent } from '../audit/audit.ts'
import { clientRef, realmBrand } from '../clients/clients.ts'
import {
  type AnyContext,
  type Context,
  type RealmContext,
  type RequestContext,
  stopClock,
  transaction,
} from '../context.ts'
import { AuthError } from '../errors.ts'
import { addJob, type NameNotice } from '../jobs.ts'
import {
  consumeTicket,
  emailChangeKinds,
  findTicket,
  issueTicket,
  phoneChangeKinds,
  type TicketKind,
} from '../recovery/tickets.ts'
import { removeFactor } from '../sign-in/second-factor-enrolment.ts'
import { maskEmail } from '../text/masked-names.ts'
import { holderOf, lockWithHolders, takeOff } from './held-names.ts'

const day = 24 * 60 * 60
/** How long a change can be undone by whoever reads the mailbox that the account had. */
const undoLifetimeSeconds = 7 * day
/** Ways in that were set up so long before the change, or after it, are taken for those of whoever has made it. */
const suspectMs = 7 * day * 1000
/** Of the link to choose a password. */
const resetLifetimeSeconds = 60 * 60

const kind: TicketKind = 'names-undo'

/** Everything that was sent or begun for an account while it was in other hands. */
const voidedKinds: TicketKind[] = [
  kind,
  ...emailChangeKinds,
  ...phoneChangeKinds,
  'reset-password',
  'reset-code',
  'reauthentication',
  'confirm-sign-up',
  'second-factor',
  'login-code',
  'passkey-add',
  'passkey-prove',
]

/**
 * Keeps what the names of an account were, and tells the reader of its mailbox of the change, with a link that undoes it.
 * Part of the transaction that changes them. Nobody is told at an address that was not proven: its reader may be a stranger.
 */
export async function keepForUndo(
  ctx: AnyContext & Pick<Context, 'door' | 'client'>,
  before: AccountRow,
  { notice, values }: { notice: NameNotice; values: Record<string, string> },
): Promise<void> {
  const { id: accountId, email, email_verified_at, phone, phone_verified_at } = before
  if (email === null || email_verified_at === null) return
  const changeId = ctx.newId()
  const names: Names = { email, email_verified_at, phone, phone_verified_at }
  // Its secret is nobody's: the one that is mailed is made with the mail.
  await issueTicket(ctx, {
    kind,
    subject: changeId,
    accountId,
    lifetimeSeconds: undoLifetimeSeconds,
    payload: names,
    from: clientRef(ctx),
  })
  const told = { ...noticeOf(ctx, accountId, ctx.client.brand), notice, email, values, changeId }
  await addJob(ctx, 'name-notice-mail', told)
}

/** Makes the secret of the link that undoes a change; `undefined` when it cannot be undone any more. */
export async function issueUndo(ctx: RealmContext, changeId: string): Promise<string | undefined> {
  return transaction(ctx, async (ctx) => {
    const ticket = await ctx.store.tickets.liveOf(kind, changeId, ctx.now())
    if (!ticket?.account_id) return undefined
    return issueTicket(ctx, {
      kind,
      subject: changeId,
      accountId: ticket.account_id,
      lifetimeSeconds: Math.floor((ticket.expires_at - ctx.now()) / 1000),
      payload: JSON.parse(ticket.payload),
      askedAt: ticket.created_at,
      from: { clientId: ticket.client_id, dialect: ticket.dialect },
    })
  })
}

/** What an undo puts back. */
interface Restored {
  accountId: string
  names: Names
  /** When the first of the changes was made, in epoch milliseconds. */
  since: number
}

/** What the link of a notice puts back; `undefined` for one that is used, void or expired. */
export async function findUndo(ctx: RealmContext, token: string): Promise<Restored | undefined> {
  const ticket = await findTicket(ctx, kind, token)
  if (!ticket?.account_id || ticket.consumed_at !== null) return undefined
  const first = await firstOf(ctx, ticket)
  return { accountId: ticket.account_id, names: JSON.parse(first.payload), since: first.created_at }
}

/**
 * The first change of which the same mailbox was told: whoever has taken an account may have changed its number before its
 * address, and the owner opens one of the two mails.
 */
async function firstOf(ctx: RealmContext, ticket: TicketRow): Promise<TicketRow> {
  const emailOf = ({ payload }: TicketRow): string => JSON.parse(payload).email
  const live = await ctx.store.tickets.listLive(ticket.account_id ?? '', [kind], ctx.now())
  return live.find((other) => emailOf(other) === emailOf(ticket)) ?? ticket
}

/**
 * Puts the names of an account back for whoever reads the mailbox that it had, and leaves nothing to whoever has changed
 * them: every session ends, the password and every link and code are void, and so is what was set up since a week before.
 * Returns the secret of a link to choose a password with. Throws `ticket_invalid`, and `email_taken` where another account
 * has proven the address meanwhile; then nothing has changed; and `rate_limited`.
 */
export async function undoChange(ctx: RequestContext, token: string): Promise<string> {
  const found = await findUndo(ctx, token)
  if (!found) return refuseLink(ctx)
  const { accountId } = found
  const named = { name: 'email', value: found.names.email ?? '' } as const
  try {
    return await transaction(stopClock(ctx), async (ctx) => {
      await lockWithHolders(ctx, accountId, await holderOf(ctx, named, accountId))
      const account = await ctx.store.accounts.byId(accountId)
      // Read again, as the row is held only now.
      const undo = await findUndo(ctx, token)
      const isOurs = account?.disabled_at === null && undo && (await consumeTicket(ctx, kind, token))
      if (!isOurs) throw new AuthError('ticket_invalid')
      await restore(ctx, account, undo)
      return issueTicket(ctx, {
        kind: 'reset-password',
        subject: accountId,
        accountId,
        lifetimeSeconds: resetLifetimeSeconds,
        from: { clientId: null, dialect: null },
      })
    })
  } catch (error) {
    throw isUniqueViolation(error) ? new AuthError('email_taken') : error
  }
}

async function restore(ctx: RequestContext, account: AccountRow, { names, since }: Restored): Promise<void> {
  const { id: accountId } = account
  const email = names.email ?? ''
  await freeEmail(ctx, email, accountId)
  const isPhoneFree = names.phone !== null && (await isFree(ctx, names.phone, accountId))
  const phone = isPhoneFree ? {} : { phone: null, phone_verified_at: null }
  await ctx.store.accounts.restoreNames(accountId, { ...names, ...phone }, ctx.now())
  await ctx.store.sessions.endAll(accountId, 'change_undone', ctx.now())
  await ctx.store.sessions.forgetIps(accountId)
  await ctx.store.tickets.consumeAll(accountId, voidedKinds, ctx.now())
  await ctx.store.waysIn.removeNewer(accountId, since - suspectMs)
  const totp = await ctx.store.totp.byAccount(accountId)
  if (totp && totp.created_at >= since - suspectMs) await removeFactor(ctx, accountId)
  else await ctx.store.authenticators.removeNewer(accountId, since - suspectMs)
  await recordEvent(ctx, 'names.change_undone', { accountId })
  // Whoever owns the account and has changed the address learns that somebody at the old one has undone it.
  if (account.email === null || account.email === email) return
  const told = noticeOf(ctx, accountId, realmBrand(ctx))
  const values = { newName: maskEmail(email) }
  await addJob(ctx, 'name-notice-mail', { ...told, notice: 'change-undone', email: account.email, values })
}

/**
 * Takes the address off an account that has not proven it, also where that has no other name: else whoever has changed
 * the address would keep it by signing up with the old one. Throws `email_taken` for an account that has proven it.
 */
async function freeEmail(ctx: RequestContext, email: string, accountId: string): Promise<void> {
  const named = { name: 'email', value: email } as const
  const holder = await holderOf(ctx, named, accountId)
  if (!holder) return
  if (holder.email_verified_at !== null) throw new AuthError('email_taken')
  await takeOff(ctx, holder, named)
  if (holder.phone !== null || holder.username !== null) return
  await ctx.store.sessions.endAll(holder.id, 'taken_over', ctx.now())
  await ctx.store.tickets.consumeAll(holder.id, voidedKinds, ctx.now())
}

async function isFree(ctx: RequestContext, phone: string, accountId: string): Promise<boolean> {
  return (await holderOf(ctx, { name: 'phone', value: phone }, accountId)) === undefined
}
