import type { AccountRow, TicketRow } from '../../store/schema.ts'
import { foldEmail } from '../accounts/emails.ts'
import { refuseLink } from '../accounts/verification.ts'
import { recordEvent } from '../audit/audit.ts'
import { type Context, stopClock, transaction } from '../context.ts'
import { AuthError } from '../errors.ts'
import { permitSignIn } from '../hooks/before-sign-in.ts'
import { nobody } from '../limits/code-limits.ts'
import { findByCode } from '../recovery/mailed-codes.ts'
import { consumeFound, findTicket, voidedByNewEmail } from '../recovery/tickets.ts'
import { withFreeName } from '../self-service/held-names.ts'
import { keepForUndo } from '../self-service/undo-change.ts'
import { openSession, type SignedIn } from '../sessions/open-session.ts'
import { hasSecondFactor } from '../sign-in/second-factor.ts'
import { isOfThisDoor, recordSignIn } from '../sign-in/sign-in.ts'
import { maskEmail } from '../text/masked-names.ts'
import { changeOf, halfOf, halves, kindOf, liveHalf, otherHalf } from './halves.ts'

/** Of the accounts that want one address, those that a typed code is tried at. */
const maxCandidates = 10

/** The half that a link confirms, which may be confirmed already; `undefined` for a link of no change at this door. */
export async function findHalfByLink(ctx: Context, token: string): Promise<TicketRow | undefined> {
  for (const half of halves) {
    const ticket = await findTicket(ctx, kindOf(half), token)
    if (ticket && isOfThisDoor(ctx, ticket)) return ticket
  }
}

/**
 * The half that a typed code confirms; `email` is the mailbox that it was sent to, or the other one. Throws `ticket_invalid`
 * for every code that is not good, and `rate_limited`.
 */
export async function findHalfByCode(
  ctx: Context,
  typed: { email: string; code: string },
): Promise<TicketRow> {
  const email = foldEmail(typed.email)
  const wanted = await ctx.store.tickets.listLiveFor(kindOf('new'), `${email} `, {
    now: ctx.now(),
    limit: maxCandidates,
  })
  const holder = await ctx.store.accounts.byEmail(email)
  const found = await findByCode(ctx, { email, code: typed.code }, [
    { kind: kindOf('current'), subject: holder?.id ?? nobody },
    ...wanted.map(({ subject }) => ({ kind: kindOf('new'), subject })),
  ])
  return found ?? refuseLink(ctx)
}

/** Whether a half is the last to be confirmed: then that changes the address. */
export function isLastHalf(ticket: TicketRow): boolean {
  return changeOf(ticket).isOtherConfirmed
}

/**
 * Confirms one half of a change, and uses its mail up. With the last half the account gets the address, and whoever has
 * confirmed it a session, which lacks the second factor where the account has one; `undefined` where the other mailbox has
 * still to confirm. Throws as `completeChange` does.
 */
export async function confirmHalf(ctx: Context, ticket: TicketRow): Promise<SignedIn | undefined> {
  const isFirst = await acceptFirst(ctx, ticket)
  return isFirst ? undefined : completeChange(ctx, ticket)
}

/** Confirms a half where the other one is still to be; `false`, and nothing is done, where it is the last. */
function acceptFirst(ctx: Context, ticket: TicketRow): Promise<boolean> {
  const half = halfOf(ticket)
  const accountId = ticket.account_id
  if (!half || accountId === null || !isOfThisDoor(ctx, ticket)) return refuseLink(ctx)
  return transaction(stopClock(ctx), async (ctx) => {
    const account = await ctx.store.accounts.lock(accountId)
    const own = await liveHalf(ctx, accountId, half)
    if (account?.disabled_at !== null || own?.hash !== ticket.hash) throw new AuthError('ticket_invalid')
    if (isLastHalf(own)) return false
    const other = await liveHalf(ctx, accountId, otherHalf[half])
    const isOurs = other && (await consumeFound(ctx, own))
    if (!isOurs) throw new AuthError('ticket_invalid')
    const payload = { ...JSON.parse(other.payload), isOtherConfirmed: true }
    await ctx.store.tickets.setPayload(other, payload)
    return true
  })
}

/**
 * Gives an account the address that both mailboxes have confirmed, and opens a session. Other sessions stay, links to the old
 * address are void, and its reader is told, who can undo it. Throws `ticket_invalid`, also for a half that is not the last,
 * `email_taken` where another account has got the address meanwhile, `second_factor_needed` at a door that asks for the factor
 * before there is a session, `rate_limited`, and what a hook refuses with: then the mail stays good.
 */
export async function completeChange(ctx: Context, ticket: TicketRow): Promise<SignedIn> {
  const account = await ctx.store.accounts.byId(ticket.account_id ?? '')
  const isOpen = account?.disabled_at === null && isLastHalf(ticket) && isOfThisDoor(ctx, ticket)
  if (!isOpen || !halfOf(ticket)) return refuseLink(ctx)
  await refuseWithoutFactor(ctx, account)
  const shown = { first: 'mailed', purpose: 'email_change' } as const
  const permit = await permitSignIn(ctx, account, shown)
  const named = { name: 'email', value: changeOf(ticket).email } as const
  return withFreeName(ctx, { accountId: account.id, named }, async (ctx) => {
    const before = await ctx.store.accounts.byId(account.id)
    const isOurs = before?.disabled_at === null && (await consumeFound(ctx, ticket))
    const changed = isOurs && (await changeEmail(ctx, before, named.value))
    const signedIn = changed && (await recordSignIn(ctx, changed))
    if (!signedIn) throw new AuthError('ticket_invalid')
    return openSession(ctx, signedIn, { ...shown, permit })
  })
}

async function changeEmail(ctx: Context, before: AccountRow, email: string): Promise<AccountRow | undefined> {
  const { id: accountId } = before
  await ctx.store.tickets.consumeAll(accountId, voidedByNewEmail, ctx.now())
  await recordEvent(ctx, 'email.changed', { accountId })
  await keepForUndo(ctx, before, { notice: 'email-changed', values: { newName: maskEmail(email) } })
  return ctx.store.accounts.changeEmail(accountId, email, ctx.now())
}

async function refuseWithoutFactor(ctx: Context, account: AccountRow): Promise<void> {
  if (ctx.door.secondFactor === 'stepUp' || !(await hasSecondFactor(ctx, account.id))) return
  throw new AuthError('second_factor_needed')
}
