import type { AccountRow, TicketRow } from '../../store/schema.ts'
import { refuseLink } from '../accounts/verification.ts'
import { recordEvent } from '../audit/audit.ts'
import { type Context, stopClock, transaction } from '../context.ts'
import { AuthError } from '../errors.ts'
import { consumeFound, findTicket, type TicketKind, voidedByNewEmail } from '../recovery/tickets.ts'
import { signInByNewName } from '../self-service/sign-in-by-new-name.ts'
import { keepForUndo } from '../self-service/undo-change.ts'
import type { SignedIn } from '../sessions/open-session.ts'
import type { FirstProof } from '../sessions/proof-of-person.ts'
import { isOfThisDoor } from '../sign-in/sign-in.ts'
import { maskEmail } from '../text/masked-names.ts'
import { changeOf, halfOf, halves, kindOf, liveHalf, otherHalf, subjectOf } from './halves.ts'

/** The half that a link confirms, which may be confirmed already; `undefined` for a link of no change at this door. */
export async function findHalfByLink(ctx: Context, token: string): Promise<TicketRow | undefined> {
  for (const half of halves) {
    const ticket = await findTicket(ctx, kindOf(half), token)
    if (ticket?.dialect === ctx.door.dialect) return ticket
  }
}

/**
 * What the code may be of that was typed for a mailbox. Where several accounts want one address, the code of the newest mail
 * alone counts, so that no guess is judged at the codes of many; the links of all are good.
 */
export async function codesOfChange(
  ctx: Context,
  { email, accountId }: { email: string; accountId: string },
): Promise<{ kind: TicketKind; subject: string }[]> {
  const beginning = subjectOf('new', '', email)
  const wanted = await ctx.store.tickets.newestLiveFor(kindOf('new'), beginning, ctx.now())
  return [
    { kind: kindOf('current'), subject: accountId },
    { kind: kindOf('new'), subject: wanted?.subject ?? beginning },
  ]
}

/** Whether a half is the last to be confirmed: then that changes the address. */
function isLastHalf(ticket: TicketRow): boolean {
  return changeOf(ticket).isOtherConfirmed
}

/**
 * Confirms one half of a change, and uses its mail up. With the last half the account gets the address, and whoever has
 * confirmed it a session, which lacks the second factor where the account has one; `undefined` where the other mailbox has
 * still to confirm. Throws as `completeChange` does.
 */
export async function confirmHalf(ctx: Context, ticket: TicketRow): Promise<SignedIn | undefined> {
  const isFirst = await confirmFirst(ctx, ticket)
  return isFirst ? undefined : completeChange(ctx, ticket, { first: 'mailed' })
}

/** Confirms the last half, as `confirmHalf` does; the session says what the mail was for. Throws as `completeChange` does. */
export function confirmLast(ctx: Context, ticket: TicketRow): Promise<SignedIn> {
  return completeChange(ctx, ticket, { first: 'mailed', purpose: 'email_change' })
}

/** Confirms a half where the other one is still to be; `false`, and nothing is done, where it is the last. Throws `ticket_invalid`. */
export async function confirmFirst(ctx: Context, ticket: TicketRow): Promise<boolean> {
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
 * and where another account has got the address meanwhile; `second_factor_needed` at a door that asks for the factor
 * before there is a session, `rate_limited`, and what a hook refuses with: then the mail stays good.
 */
async function completeChange(ctx: Context, ticket: TicketRow, shown: FirstProof): Promise<SignedIn> {
  const account = await ctx.store.accounts.byId(ticket.account_id ?? '')
  if (account?.disabled_at !== null || !isOfThisDoor(ctx, ticket)) return refuseLink(ctx)
  const named = { name: 'email', value: changeOf(ticket).email } as const
  return signInByNewName(ctx, account, { named, shown }, (ctx) => useLast(ctx, account.id, ticket))
}

/** Uses the last half up, in a transaction that holds the account's row; `undefined` for one that is not, or not any more. */
async function useLast(ctx: Context, accountId: string, ticket: TicketRow): Promise<AccountRow | undefined> {
  const before = await ctx.store.accounts.byId(accountId)
  if (before?.disabled_at !== null) return undefined
  // As it is now: the other half may have been confirmed since the ticket was read.
  const used = await consumeFound(ctx, ticket)
  return used && isLastHalf(used) ? changeEmail(ctx, before, changeOf(used).email) : undefined
}

async function changeEmail(ctx: Context, before: AccountRow, email: string): Promise<AccountRow | undefined> {
  const { id: accountId } = before
  await ctx.store.tickets.consumeAll(accountId, voidedByNewEmail, ctx.now())
  await recordEvent(ctx, 'email.changed', { accountId })
  await keepForUndo(ctx, before, { notice: 'email-changed', values: { newName: maskEmail(email) } })
  return ctx.store.accounts.changeEmail(accountId, email, ctx.now())
}
