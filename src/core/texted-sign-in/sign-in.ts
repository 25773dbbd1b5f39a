import type { AccountRow, TicketRow } from '../../store/schema.ts'
import { isProven, isUntouched } from '../accounts/proven-names.ts'
import { claimPhone } from '../accounts/take-over.ts'
import { refuseLink } from '../accounts/verification.ts'
import { recordEvent } from '../audit/audit.ts'
import { type Context, stopClock, transaction } from '../context.ts'
import { AuthError } from '../errors.ts'
import { permitSignIn } from '../hooks/before-sign-in.ts'
import { permitSignUp } from '../hooks/before-sign-up.ts'
import { refuseWithoutFactor } from '../mailed-sign-in/refuse-without-factor.ts'
import { findByTextedCode } from '../recovery/texted-codes.ts'
import { consumeFound } from '../recovery/tickets.ts'
import { openSession, type SignedIn } from '../sessions/open-session.ts'
import type { FirstProof, Proof } from '../sessions/proof-of-person.ts'
import { withoutBlanks } from '../sign-in/authenticator.ts'
import { isOfThisDoor, recordSignIn } from '../sign-in/sign-in.ts'
import { kind, maySignIn, wantedOf } from './issue.ts'

const shown: FirstProof = { first: 'texted' }

/**
 * Opens a session for whoever has typed the code of a message, and uses that up. It proves the number: an account that
 * nobody has proven becomes theirs (`claimPhone`), and one is opened where the message may. The session lacks the second
 * factor, where the account has one. Blanks in a code are ignored. Throws `ticket_invalid` for every code that is not good,
 * `rate_limited`, `second_factor_needed` at a door that asks for the factor before there is a session, and what a hook
 * refuses with: then the code stays good.
 */
export async function signInByText(
  ctx: Context,
  { phone, code }: { phone: string; code: string },
): Promise<SignedIn> {
  const of = { kind, subject: phone }
  const ticket = await findByTextedCode(ctx, { phone, code: withoutBlanks(code) }, of)
  if (!ticket || !isOfThisDoor(ctx, ticket)) return refuseLink(ctx)
  const known = await ctx.store.accounts.byPhone(phone)
  if (!maySignIn(ctx, known, wantedOf(ticket).opensAccount)) return refuseLink(ctx)
  if (known) await refuseWithoutFactor(ctx, known)
  else await permitSignUp(ctx, { phone, isPhoneProven: true })
  const permit = await permitSignIn(ctx, known ?? { phone }, shown)
  return transaction(stopClock(ctx), (ctx) => settle(ctx, ticket, { known, proof: { ...shown, permit } }))
}

/** Part of a transaction. Throws `ticket_invalid`. */
async function settle(
  ctx: Context,
  ticket: TicketRow,
  { known, proof }: { known: AccountRow | undefined; proof: Proof },
): Promise<SignedIn> {
  // The account's row before the ticket, as everywhere.
  const locked = known && (await ctx.store.accounts.lock(known.id))
  const isOurs = known === undefined || locked?.phone === ticket.subject
  const isLive = isOurs && (await consumeFound(ctx, ticket))
  const owned = isLive && (await ownAccount(ctx, ticket, locked))
  const account = owned && (await recordSignIn(ctx, owned))
  if (!account) throw new AuthError('ticket_invalid')
  return openSession(ctx, account, proof)
}

/** The account that is signed in to, with its number proven; `undefined` where it is none's to give any more. */
async function ownAccount(
  ctx: Context,
  ticket: TicketRow,
  account: AccountRow | undefined,
): Promise<AccountRow | undefined> {
  const { opensAccount, profile = {} } = wantedOf(ticket)
  const phone = ticket.subject
  if (!maySignIn(ctx, account, opensAccount)) return undefined
  if (account && account.phone_verified_at !== null) return account
  if (account && !isProven(account) && isUntouched(account)) return markVerified(ctx, account, phone)
  return claimPhone(ctx, { phone, profile, opensAccount, brand: ctx.client.brand })
}

async function markVerified(
  ctx: Context,
  { id }: AccountRow,
  phone: string,
): Promise<AccountRow | undefined> {
  const verified = await ctx.store.accounts.verifyPhone(id, phone, ctx.now())
  if (verified) await recordEvent(ctx, 'phone.verified', { accountId: id, detail: 'texted' })
  return verified
}
