import type { AccountRow, SessionRow, TicketRow } from '../store/schema.ts'
import { recordEvent } from './audit.ts'
import { type Context, stopClock, transaction } from './context.ts'
import { AuthError } from './errors.ts'
import type { Identifier } from './identifiers.ts'
import { limits } from './limits.ts'
import { hashPassword } from './password-forms.ts'
import { checkCredentials } from './passwords.ts'
import { hasSecondFactor, issueChallenge, type ShownFactor, useCode } from './second-factor.ts'
import { endForRecoveryCode } from './second-factor-changes.ts'
import { openSession } from './sessions.ts'
import { attemptTicket, consumeTicket } from './tickets.ts'
import { issueTokens, type Tokens } from './tokens.ts'

export interface SignedIn {
  isComplete: true
  account: AccountRow
  session: SessionRow
  tokens: Tokens
}

/** The password was right, and a code of the second factor is still to be shown with this challenge. */
export interface SecondFactorNeeded {
  isComplete: false
  account: AccountRow
  challenge: string
}

/** Codes that may be tried on a challenge. */
const mostAttempts = 5

/**
 * Opens a session for the right password, or says that the second factor is needed too. Throws
 * `credentials_invalid`, `rate_limited`, `overloaded`, and where the door wants it `email_unverified`, which only
 * one who knows the password gets to see.
 */
export async function signIn(
  ctx: Context,
  input: Identifier & { password: string },
): Promise<SignedIn | SecondFactorNeeded> {
  return afterPassword(ctx, await provePassword(ctx, input), openSignedIn)
}

/** A password that was right, and the hash to keep of it when the one that it was checked against is outdated. */
export interface ProvenPassword {
  account: AccountRow
  newHash?: string
}

/** The first half of signing in: whose password it is. Throws as signing in does. */
export async function provePassword(
  ctx: Context,
  input: Identifier & { password: string },
): Promise<ProvenPassword> {
  const known = await checkCredentials(ctx, input)
  await refuseUnverified(ctx, known)
  if (!known.isHashOutdated) return { account: known }
  return { account: known, newHash: await hashPassword(ctx, input.password) }
}

/** Throws `email_unverified` where the door asks for a proven address and the account has none. */
export async function refuseUnverified(ctx: Context, account: AccountRow): Promise<void> {
  if (!ctx.door.requiresVerifiedEmail || account.email_verified_at !== null) return
  await recordEvent(ctx, 'sign_in', { outcome: 'refused', accountId: account.id, detail: 'email_unverified' })
  throw new AuthError('email_unverified')
}

/**
 * Opens the first session of an account whose password was set a moment ago. Throws `credentials_invalid` when it was
 * changed since.
 */
export function signInFresh(ctx: Context, fresh: AccountRow): Promise<SignedIn> {
  return transaction(stopClock(ctx), async (ctx) => {
    const account = await ctx.store.accounts.signIn(fresh, ctx.now())
    if (!account) throw new AuthError('credentials_invalid')
    return openSignedIn(ctx, account, { first: 'sign_up' })
  })
}

/** What somebody has shown who is let in. */
export interface Proof {
  /** The password, typed or set a moment ago. */
  first: 'password' | 'password_reset' | 'sign_up'
  second?: ShownFactor
}

/**
 * What somebody gets who has proven to own an account. It is made in a transaction that holds the account's row, so
 * that the proof still stands.
 */
type Admission<T> = (ctx: Context, account: AccountRow, proof: Proof) => Promise<T>

/**
 * The second half of signing in, to whatever it is for; with a second factor, to its challenge. Throws
 * `credentials_invalid` when the password was changed meanwhile.
 */
export async function afterPassword<T>(
  ctx: Context,
  { account: known, newHash }: ProvenPassword,
  admission: Admission<T>,
): Promise<T | SecondFactorNeeded> {
  const isChallenged = await hasSecondFactor(ctx, known.id)
  return transaction(stopClock(ctx), async (ctx) => {
    if (isChallenged) return challenge(ctx, { account: known, newHash })
    const account = await ctx.store.accounts.signIn(known, ctx.now(), newHash)
    if (!account) throw new AuthError('credentials_invalid')
    // One that was set meanwhile has ended the sessions that there were.
    if (await hasSecondFactor(ctx, account.id)) return challenge(ctx, { account })
    return admission(ctx, account, { first: 'password' })
  })
}

async function challenge(
  ctx: Context,
  { account: known, newHash }: ProvenPassword,
): Promise<SecondFactorNeeded> {
  // Locks the account's row, so that a change of the password either comes first or finds the challenge to void.
  const account = await ctx.store.accounts.keepPassword(known, newHash)
  if (!account) throw new AuthError('credentials_invalid')
  const accountId = account.id
  await recordEvent(ctx, 'sign_in', { outcome: 'refused', accountId, detail: 'second_factor_needed' })
  return { isComplete: false, account, challenge: await issueChallenge(ctx, accountId) }
}

/**
 * Finishes a sign-in with a code of the authenticator or a recovery code. Throws `challenge_invalid` for a challenge
 * that is unknown, used, expired or worn out by wrong codes, `second_factor_code_invalid`, `rate_limited`.
 */
export function answerChallenge(ctx: Context, input: { challenge: string; code: string }): Promise<SignedIn> {
  return afterChallenge(ctx, input, openSignedIn)
}

/** The same, to whatever the sign-in is for. */
export async function afterChallenge<T>(
  ctx: Context,
  input: { challenge: string; code: string },
  admission: Admission<T>,
): Promise<T> {
  const ticket = await attemptTicket(ctx, 'second-factor', input.challenge, mostAttempts)
  if (!ticket?.account_id || !isOfThisDoor(ctx, ticket)) {
    await ctx.limiter.take(limits.ticketAddress, ctx.origin.ip)
    throw new AuthError('challenge_invalid')
  }
  const account = await ctx.store.accounts.byId(ticket.account_id)
  if (!account?.password_hash) throw new AuthError('challenge_invalid')
  const kind = await useCode(ctx, account.id, input.code)
  if (kind === undefined) {
    await recordEvent(ctx, 'sign_in', { outcome: 'refused', accountId: account.id, detail: 'second_factor' })
    throw new AuthError('second_factor_code_invalid')
  }
  return transaction(stopClock(ctx), async (ctx) => {
    // The account's row before the ticket: a password that is changed meanwhile has used the challenge up.
    const current = await ctx.store.accounts.signIn(account, ctx.now())
    if (!current || !(await consumeTicket(ctx, 'second-factor', input.challenge)))
      throw new AuthError('challenge_invalid')
    if (kind === 'recovery_code') await endForRecoveryCode(ctx, current.id)
    return admission(ctx, current, { first: 'password', second: { kind, at: ctx.now() } })
  })
}

function isOfThisDoor({ door, client }: Context, ticket: TicketRow): boolean {
  return ticket.dialect === door.dialect && (!door.bindsClient || ticket.client_id === client.id)
}

/** Opens a session for an account that was let in; part of a transaction that holds its row. */
export async function openSignedIn(
  ctx: Context,
  account: AccountRow,
  { first, second }: Proof,
): Promise<SignedIn> {
  const session = await openSession(ctx, account.id, second?.at ?? null)
  await recordEvent(ctx, 'sign_in', {
    outcome: 'success',
    accountId: account.id,
    sessionId: session.id,
    detail: second ? `${first}+${second.kind}` : first,
  })
  return { isComplete: true, account, session, tokens: issueTokens(ctx, session, account) }
}
