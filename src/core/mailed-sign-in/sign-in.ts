import type { TicketRow } from '../../store/schema.ts'
import { refuseLink } from '../accounts/verification.ts'
import { type Context, stopClock, transaction } from '../context.ts'
import { AuthError } from '../errors.ts'
import { permitSignIn } from '../hooks/before-sign-in.ts'
import { permitSignUp } from '../hooks/before-sign-up.ts'
import { consumeFound } from '../recovery/tickets.ts'
import { openSession, type SignedIn } from '../sessions/open-session.ts'
import type { FirstProof, Proof } from '../sessions/proof-of-person.ts'
import { isOfThisDoor, recordSignIn } from '../sign-in/sign-in.ts'
import { purposeOf, type SignInPurpose } from './find.ts'
import { refuseWithoutFactor } from './refuse-without-factor.ts'
import { type Addressee, accept, confirm, recover, type Settle, signIn } from './settle.ts'

const settles: Record<SignInPurpose, Settle> = {
  sign_up: confirm,
  sign_in: signIn,
  recovery: recover,
  invitation: accept,
}

/**
 * Opens a session for whoever has shown the secret of a mail, and uses that up. It proves the address: an account that
 * nobody has proven becomes theirs (`claimEmail`), but for the sign-up's own mail, which confirms it as it stands; and one is
 * opened where the mail may. The session lacks the second factor, where the account has one. Throws `ticket_invalid`,
 * `rate_limited`, `second_factor_needed` at a door that asks for the factor before there is a session, and what a hook
 * refuses with: then the mail stays good.
 */
export function signInByMail(ctx: Context, ticket: TicketRow): Promise<SignedIn> {
  return open(ctx, ticket, { first: 'mailed' })
}

/** As `signInByMail`; the session says what the mail was for. */
export function signInFor(ctx: Context, ticket: TicketRow): Promise<SignedIn> {
  return open(ctx, ticket, { first: 'mailed', purpose: purposeOf(ticket) })
}

async function open(ctx: Context, ticket: TicketRow, shown: FirstProof): Promise<SignedIn> {
  const purpose = purposeOf(ticket)
  const addressee = await addresseeOf(ctx, ticket)
  if (!purpose || !addressee || !isOfThisDoor(ctx, ticket) || ticket.consumed_at !== null)
    return refuseLink(ctx)
  const { account: known, email } = addressee
  if (known) await refuseWithoutFactor(ctx, known)
  else await permitSignUp(ctx, { email, isEmailProven: true })
  const permit = await permitSignIn(ctx, known ?? { email }, shown)
  return transaction(stopClock(ctx), (ctx) =>
    settle(ctx, ticket, { addressee, settle: settles[purpose], proof: { ...shown, permit } }),
  )
}

/** Part of a transaction. Throws `ticket_invalid`. */
async function settle(
  ctx: Context,
  ticket: TicketRow,
  { addressee, settle, proof }: { addressee: Addressee; settle: Settle; proof: Proof },
): Promise<SignedIn> {
  const { account: known, email } = addressee
  // The account's row before the ticket, as everywhere.
  const locked = known && (await ctx.store.accounts.lock(known.id))
  const isOurs = locked === undefined ? !known : locked.email === email && locked.disabled_at === null
  const isLive = isOurs && (await consumeFound(ctx, ticket))
  const settled = isLive && (await settle(ctx, ticket, { account: locked, email }))
  const account = settled && (await recordSignIn(ctx, settled))
  if (!account) throw new AuthError('ticket_invalid')
  return openSession(ctx, account, proof)
}

/** Whom a ticket is for as things stand; `undefined` where its account is gone. */
async function addresseeOf(ctx: Context, ticket: TicketRow): Promise<Addressee | undefined> {
  const { accounts } = ctx.store
  if (ticket.kind === 'mailed-sign-in')
    return { account: await accounts.byEmail(ticket.subject), email: ticket.subject }
  const account = await accounts.byId(ticket.account_id ?? '')
  return account && account.email !== null ? { account, email: account.email } : undefined
}
