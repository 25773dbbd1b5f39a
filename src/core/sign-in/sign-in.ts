import type { AccountRow, TicketRow } from '../../store/schema.ts'
import type { ProvableName } from '../accounts/proven-names.ts'
import { recordRefusal } from '../audit/audit.ts'
import { type Context, stopClock, transaction } from '../context.ts'
import { AuthError } from '../errors.ts'
import { permitSignIn } from '../hooks/before-sign-in.ts'
import { limits } from '../limits/limits.ts'
import { hashPassword } from '../passwords/forms.ts'
import { attemptTicket, consumeTicket, type TicketSecret } from '../recovery/tickets.ts'
import { findTrustedDevice } from '../self-service/trusted-devices.ts'
import { type OnAuthenticated, openSession, type SignedIn } from '../sessions/open-session.ts'
import type { ShownFactor } from '../sessions/proof-of-person.ts'
import { type Credentials, checkCredentials } from './credentials.ts'
import { hasSecondFactor, issueChallenge, shownBefore, useCode } from './second-factor.ts'
import { endForRecoveryCode } from './second-factor-changes.ts'

/** The password was right, and a code of the second factor is still to be shown with this challenge. */
export interface SecondFactorNeeded {
  isComplete: false
  account: AccountRow
  challenge: string
}

/** Codes that may be tried on a challenge. */
export const maxAttempts = 5

/**
 * Opens a session for the right password, or says that the second factor is needed too. Throws
 * `credentials_invalid`, `rate_limited`, `overloaded`, and where the door wants it `email_unverified`, which only
 * one who knows the password gets to see.
 */
export async function signIn(ctx: Context, input: Credentials): Promise<SignedIn | SecondFactorNeeded> {
  return finishAfterPassword(ctx, await verifyPassword(ctx, input), openSession)
}

/** A password that was right, and the hash to keep of it when the one that it was checked against is outdated. */
export interface VerifiedPassword {
  account: AccountRow
  newHash?: string
  /** What the browser keeps that some accounts trust without their second factor; none at the doors of an API. */
  trustedSecrets?: string[]
}

/** The first half of signing in: whose password it is. Throws as `signIn` does. */
export async function verifyPassword(ctx: Context, input: Credentials): Promise<VerifiedPassword> {
  const known = await checkCredentials(ctx, input)
  await refuseUnverified(ctx, known, 'phone' in input ? 'phone' : 'email')
  if (!known.isHashOutdated) return { account: known }
  return { account: known, newHash: await hashPassword(ctx, input.password) }
}

/**
 * Throws `email_unverified` where the door asks for a proven address and the account has none; likewise for the number, where
 * somebody signs in with that.
 */
export async function refuseUnverified(
  ctx: Context,
  account: AccountRow,
  name: ProvableName = 'email',
): Promise<void> {
  if (!ctx.door.requiresVerifiedEmail || account[`${name}_verified_at`] !== null) return
  await recordRefusal(ctx, 'sign_in', { accountId: account.id, detail: `${name}_unverified` })
  throw new AuthError('email_unverified')
}

/**
 * The second half of signing in, to whatever it is for; with a second factor, to its challenge, unless the account trusts
 * the browser. Throws `credentials_invalid` when the password was changed meanwhile, and what a hook refuses with.
 */
export async function finishAfterPassword<T>(
  ctx: Context,
  { account: known, newHash, trustedSecrets = [] }: VerifiedPassword,
  onAuthenticated: OnAuthenticated<T>,
): Promise<T | SecondFactorNeeded> {
  const stepsUp = ctx.door.secondFactor === 'stepUp'
  const isChallenged =
    !stepsUp &&
    (await hasSecondFactor(ctx, known.id)) &&
    !(await findTrustedDevice(ctx, known.id, trustedSecrets))
  const first = 'password'
  const permit = isChallenged ? undefined : await permitSignIn(ctx, known, { first })
  return transaction(stopClock(ctx), async (ctx) => {
    if (!permit) return challenge(ctx, { account: known, newHash })
    const account = await ctx.store.accounts.recordSignIn(known, ctx.now(), newHash)
    if (!account) throw new AuthError('credentials_invalid')
    if (stepsUp || !(await hasSecondFactor(ctx, account.id)))
      return onAuthenticated(ctx, account, { first, permit })
    // Looked for again, as both may have changed: what is set up meanwhile has ended all sessions and all trust.
    const trusted = await findTrustedDevice(ctx, account.id, trustedSecrets)
    if (!trusted) return challenge(ctx, { account })
    return onAuthenticated(ctx, account, { first, permit, trustedDeviceId: trusted.id })
  })
}

async function challenge(
  ctx: Context,
  { account: known, newHash }: VerifiedPassword,
): Promise<SecondFactorNeeded> {
  // Locks the account's row, so that a change of the password either comes first or finds the challenge to void.
  const account = await ctx.store.accounts.lockIfPasswordUnchanged(known, newHash)
  if (!account) throw new AuthError('credentials_invalid')
  const accountId = account.id
  await recordRefusal(ctx, 'sign_in', { accountId, detail: 'second_factor_needed' })
  return { isComplete: false, account, challenge: await issueChallenge(ctx, accountId) }
}

/** A challenge, and a code of the second factor for it. */
export interface ChallengeAnswer {
  challenge: string
  code: string
}

/**
 * Finishes a sign-in with a code of the authenticator or a recovery code. Throws `challenge_invalid` for a challenge
 * that is unknown, used, expired or worn out by wrong codes, `second_factor_code_invalid`, `rate_limited`, and what a hook
 * refuses with.
 */
export function answerChallenge(ctx: Context, input: ChallengeAnswer): Promise<SignedIn> {
  return finishAfterSecondFactor(ctx, input, openSession)
}

/** Goes on from a challenge to whatever the sign-in is for. Throws as `answerChallenge` does. */
export async function finishAfterSecondFactor<T>(
  ctx: Context,
  { challenge, code }: ChallengeAnswer,
  onAuthenticated: OnAuthenticated<T>,
): Promise<T> {
  const ticket = await attemptTicket(ctx, 'second-factor', challenge, maxAttempts)
  if (!ticket?.account_id || !isOfThisDoor(ctx, ticket)) return refuseTicket(ctx)
  const account = await ctx.store.accounts.byId(ticket.account_id)
  const first = account && shownBefore(ticket, account)
  if (!first) throw new AuthError('challenge_invalid')
  const kind = await useCode(ctx, account.id, code)
  if (kind === undefined) {
    await recordRefusal(ctx, 'sign_in', { accountId: account.id, detail: 'second_factor' })
    throw new AuthError('second_factor_code_invalid')
  }
  const second: ShownFactor = { kind, at: ctx.now() }
  const permit = await permitSignIn(ctx, account, { ...first, second })
  return finishWithTickets(ctx, account, [['second-factor', challenge]], async (ctx, account) => {
    if (kind === 'recovery_code') await endForRecoveryCode(ctx, account.id)
    return onAuthenticated(ctx, account, { ...first, second, permit })
  })
}

/** Whether a ticket was made at this door, and for this client where the door binds them. */
export function isOfThisDoor({ door, client }: Context, ticket: TicketRow): boolean {
  return ticket.dialect === door.dialect && (!door.bindsClient || ticket.client_id === client.id)
}

/** Counts a ticket of a sign-in that is not good. Throws `challenge_invalid`, `rate_limited`. */
export async function refuseTicket(ctx: Context): Promise<never> {
  await ctx.limiter.consume(limits.invalidTokensPerIp, ctx.origin.ip)
  throw new AuthError('challenge_invalid')
}

/**
 * Records a sign-in to an account as it was read, and uses up the tickets that it rests on, each once. Throws
 * `challenge_invalid` when one is used up, or the password was changed meanwhile.
 */
export function finishWithTickets<T>(
  ctx: Context,
  known: AccountRow,
  tickets: TicketSecret[],
  next: (ctx: Context, account: AccountRow) => Promise<T>,
): Promise<T> {
  return transaction(stopClock(ctx), async (ctx) => {
    // The account's row before the tickets: a password that is changed meanwhile has used them up.
    const account = await recordSignIn(ctx, known)
    if (!account) throw new AuthError('challenge_invalid')
    for (const ticket of tickets)
      if (!(await consumeTicket(ctx, ...ticket))) throw new AuthError('challenge_invalid')
    return next(ctx, account)
  })
}

/**
 * Notes a sign-in to an account as it was read, with a password or without; `undefined` when that has changed since, or
 * the account is disabled. Its row stays locked until the transaction ends.
 */
export function recordSignIn(ctx: Context, known: AccountRow): Promise<AccountRow | undefined> {
  const { accounts } = ctx.store
  return known.password_hash === null
    ? accounts.recordSignInWithoutPassword(known, ctx.now())
    : accounts.recordSignIn(known, ctx.now())
}
