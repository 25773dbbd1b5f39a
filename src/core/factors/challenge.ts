import { clientRef } from '../clients/clients.ts'
import type { Context } from '../context.ts'
import { AuthError } from '../errors.ts'
import { limits } from '../limits/limits.ts'
import { attemptTicket, findOldTicket, keepTicket, type NewTicket } from '../recovery/tickets.ts'
import type { Caller } from '../sessions/sessions.ts'
import { heldById } from './held.ts'

const challengeMs = 5 * 60_000
/** Codes that may be tried on one. */
const maxAttempts = 5

export interface FactorChallenge {
  /** A UUID. */
  id: string
  /** Epoch milliseconds. */
  expiresAt: number
}

/**
 * Asks the caller for a code of one of their authenticators, pending or in force, within five minutes. Each session has one
 * challenge for it, the newest. Throws `second_factor_not_pending` when the account has none with that id.
 */
export async function challengeFactor(
  ctx: Context,
  caller: Caller,
  factorId: string,
): Promise<FactorChallenge> {
  const held = await heldById(ctx, caller.account.id, factorId)
  const now = ctx.now()
  // Known to the session alone that it is good in, so that it need not be longer.
  const id = ctx.newId()
  const ticket: NewTicket = {
    kind: 'factor-challenge',
    subject: subjectOf(caller, factorId),
    accountId: held.accountId,
    lifetimeSeconds: challengeMs / 1000,
    askedAt: now,
    from: clientRef(ctx),
  }
  await keepTicket(ctx, ticket, id)
  if (held.isFirst) await ctx.store.totp.noteChallenge(held.accountId, now)
  else await ctx.store.authenticators.noteChallenge(held.id, now)
  return { id, expiresAt: now + challengeMs }
}

/**
 * Counts a code on a challenge before it is judged. Throws `ticket_invalid` where the session has no such challenge for this
 * authenticator, `challenge_invalid` for one that has expired, is used or has had too many wrong codes, and `rate_limited`.
 */
export async function attemptChallenge(
  ctx: Context,
  caller: Caller,
  { factorId, challengeId }: { factorId: string; challengeId: string },
): Promise<void> {
  const ticket = await findOldTicket(ctx, 'factor-challenge', challengeId)
  if (ticket?.subject !== subjectOf(caller, factorId)) {
    await ctx.limiter.consume(limits.invalidTokensPerIp, ctx.origin.ip)
    throw new AuthError('ticket_invalid')
  }
  if (!(await attemptTicket(ctx, 'factor-challenge', challengeId, maxAttempts)))
    throw new AuthError('challenge_invalid')
}

function subjectOf({ session }: Caller, factorId: string): string {
  return `${session.id} ${factorId}`
}
