import type { AccountRow, SessionRow } from '../store/schema.ts'
import { recordEvent } from './audit.ts'
import { type Context, transaction } from './context.ts'
import { AuthError } from './errors.ts'
import { checkCredentials, type Identifier } from './passwords.ts'
import { hasSecondFactor, issueChallenge, useCode } from './second-factor.ts'
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

/** Wrong codes that a challenge survives. */
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
  const known = await checkCredentials(ctx, input)
  if (ctx.door.requiresVerifiedEmail && known.email_verified_at === null) {
    await recordEvent(ctx, 'sign_in', { outcome: 'refused', accountId: known.id, detail: 'email_unverified' })
    throw new AuthError('email_unverified')
  }
  const checkedHash = known.password_hash
  const hash = ctx.hasher.isOutdated(checkedHash) ? await ctx.hasher.hash(input.password) : checkedHash
  return admit(ctx, known, { checkedHash, hash })
}

/**
 * Lets an account in whose password is the one behind `checkedHash`, as far as that goes: with a second factor, to
 * its challenge. Throws `credentials_invalid` when the password was changed meanwhile.
 */
export async function admit(
  ctx: Context,
  known: AccountRow,
  password: { checkedHash: string; hash: string },
): Promise<SignedIn | SecondFactorNeeded> {
  if (await hasSecondFactor(ctx, known.id)) {
    await recordEvent(ctx, 'sign_in', {
      outcome: 'refused',
      accountId: known.id,
      detail: 'second_factor_needed',
    })
    return { isComplete: false, account: known, challenge: await issueChallenge(ctx, known.id) }
  }
  return transaction(ctx, async (ctx) => open(ctx, known.id, password, null))
}

/**
 * Finishes a sign-in with a code of the authenticator or a recovery code. Throws `challenge_invalid` for a challenge
 * that is unknown, used, expired or worn out by wrong codes, `second_factor_code_invalid`, `rate_limited`.
 */
export async function answerChallenge(
  ctx: Context,
  input: { challenge: string; code: string },
): Promise<SignedIn> {
  const ticket = await attemptTicket(ctx, 'second-factor', input.challenge, mostAttempts)
  const account = ticket?.account_id ? await ctx.store.accounts.byId(ticket.account_id) : undefined
  if (ticket?.dialect !== ctx.door.dialect || !account?.password_hash)
    throw new AuthError('challenge_invalid')
  if (!(await useCode(ctx, account.id, input.code))) {
    await recordEvent(ctx, 'sign_in', { outcome: 'refused', accountId: account.id, detail: 'second_factor' })
    throw new AuthError('second_factor_code_invalid')
  }
  const hash = account.password_hash
  return transaction(ctx, async (ctx) => {
    const signedIn = await open(ctx, account.id, { checkedHash: hash, hash }, ctx.now())
    // After the account's row is locked: a password that was changed meanwhile has used the challenge up.
    if (!(await consumeTicket(ctx, 'second-factor', input.challenge)))
      throw new AuthError('challenge_invalid')
    return signedIn
  })
}

async function open(
  ctx: Context,
  accountId: string,
  password: { checkedHash: string; hash: string },
  secondFactorAt: number | null,
): Promise<SignedIn> {
  const account = await ctx.store.accounts.signIn(accountId, password, ctx.now())
  if (!account) throw new AuthError('credentials_invalid')
  const session = await openSession(ctx, account.id, secondFactorAt)
  await recordEvent(ctx, 'sign_in', { outcome: 'success', accountId: account.id, sessionId: session.id })
  return { isComplete: true, account, session, tokens: issueTokens(ctx, session, account) }
}
