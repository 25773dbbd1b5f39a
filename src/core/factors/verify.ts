import type { AccountRow, SessionRow } from '../../store/schema.ts'
import { recordEvent, recordRefusal } from '../audit/audit.ts'
import type { AuditEvent } from '../audit/audit-event.ts'
import type { Context } from '../context.ts'
import { AuthError } from '../errors.ts'
import { limits } from '../limits/limits.ts'
import { consumeTicket } from '../recovery/tickets.ts'
import { personClaims } from '../sessions/person-claims.ts'
import { methodsWith } from '../sessions/proof-of-person.ts'
import { asCaller, type Caller } from '../sessions/sessions.ts'
import { issueTokens, type Tokens } from '../sessions/tokens.ts'
import { stepOf, withoutBlanks } from '../sign-in/authenticator.ts'
import { requireShownFactor, useCodeOf } from '../sign-in/second-factor.ts'
import { endOthersForRecoveryCode, followChange } from '../sign-in/second-factor-changes.ts'
import { attemptChallenge } from './challenge.ts'
import { maxInForce } from './enrol.ts'
import { type Factor, type Held, heldBy, heldById, putFirst, secretOf } from './held.ts'

/** A code for a challenge. */
export interface FactorAnswer {
  factorId: string
  challengeId: string
  code: string
}

/** A session whose person has shown the second factor of its account. */
export interface SteppedUp {
  account: AccountRow
  session: SessionRow
  /** Those of the account, as they are by now. */
  factors?: Factor[]
  tokens: Tokens
}

/**
 * Takes a code of an authenticator, and makes the caller's session one that has shown the second factor. An authenticator
 * that is in force takes a recovery code of the account, too; one that is pending comes into force, if the session has shown
 * what is in force already, and every other session ends. Else those end that the account has at this door without the factor.
 * Throws `second_factor_not_pending` when the account has none with that id, `ticket_invalid` where this session has no such
 * challenge, `challenge_invalid` for one that is dead, `second_factor_code_invalid`, `second_factor_needed`,
 * `second_factor_enabled` when as many are in force as may be, `rate_limited`, and `access_invalid` when the session has
 * ended meanwhile.
 */
export async function verifyFactor(ctx: Context, caller: Caller, answer: FactorAnswer): Promise<SteppedUp> {
  const held = await heldById(ctx, caller.account.id, answer.factorId)
  await attemptChallenge(ctx, caller, answer)
  return held.confirmedAt === null
    ? putIntoForce(ctx, caller, { held, answer })
    : showFactor(ctx, caller, answer)
}

async function showFactor(ctx: Context, caller: Caller, answer: FactorAnswer): Promise<SteppedUp> {
  const { id: accountId } = caller.account
  const { factorId, challengeId, code } = answer
  const kind = await useCodeOf(ctx, accountId, { code, isAsked: ({ id }) => id === factorId })
  if (kind === undefined) return refuseCode(ctx, 'identity.proven', accountId)
  return asCaller(ctx, caller, async (ctx) => {
    await useChallenge(ctx, challengeId)
    const [first] = await heldBy(ctx, accountId)
    if (first?.confirmedAt === null || first?.confirmedAt === undefined)
      throw new AuthError('second_factor_not_pending')
    const { sessions } = ctx.store
    await sessions.endUnshown(caller.session, first.confirmedAt, 'second_factor_shown', ctx.now())
    if (kind === 'recovery_code') await endOthersForRecoveryCode(ctx, caller.session)
    const entry = { accountId, sessionId: caller.session.id, detail: kind }
    await recordEvent(ctx, 'identity.proven', entry)
    return stepUp(ctx, caller, kind)
  })
}

async function putIntoForce(
  ctx: Context,
  caller: Caller,
  { held, answer }: { held: Held; answer: FactorAnswer },
): Promise<SteppedUp> {
  const { id: accountId } = caller.account
  await requireShownFactor(ctx, caller)
  await ctx.limiter.consume(limits.secondFactorPerAccount, accountId)
  const step = stepOf(ctx, secretOf(ctx, held), withoutBlanks(answer.code))
  if (step === undefined) return refuseCode(ctx, 'second_factor.enabled', accountId)
  const steppedUp = await asCaller(ctx, caller, async (ctx) => {
    await useChallenge(ctx, answer.challengeId)
    await confirm(ctx, held, step)
    await ctx.store.authenticators.removePending(accountId, Number.MAX_SAFE_INTEGER)
    await recordEvent(ctx, 'second_factor.enabled', { accountId, sessionId: caller.session.id })
    await followChange(ctx, caller, 'second-factor-set-mail')
    return stepUp(ctx, caller, 'authenticator')
  })
  await ctx.limiter.reset(limits.secondFactorPerAccount, accountId)
  return steppedUp
}

/** Part of a transaction that holds the account's row. */
async function confirm(ctx: Context, { accountId, id }: Held, step: number): Promise<void> {
  const all = await heldBy(ctx, accountId)
  const held = all.find((each) => each.id === id)
  if (held?.confirmedAt !== null) throw new AuthError('second_factor_not_pending')
  const inForce = all.filter(({ confirmedAt }) => confirmedAt !== null)
  if (inForce.length >= maxInForce) throw new AuthError('second_factor_enabled')
  if (inForce.length > 0) {
    await ctx.store.authenticators.confirm(id, step, ctx.now())
    return
  }
  await ctx.store.authenticators.remove(id)
  await putFirst(ctx, { ...held, confirmedAt: ctx.now() }, step)
  // Of an authenticator that was begun at another door: whoever has begun that was shown them.
  await ctx.store.recoveryCodes.removeAll(accountId)
}

async function useChallenge(ctx: Context, challengeId: string): Promise<void> {
  if (!(await consumeTicket(ctx, 'factor-challenge', challengeId))) throw new AuthError('challenge_invalid')
}

/** Part of a transaction that holds the account's row. */
async function stepUp(
  ctx: Context,
  { account, session }: Caller,
  kind: 'authenticator' | 'recovery_code',
): Promise<SteppedUp> {
  const shown = { second_factor_at: ctx.now(), methods: methodsWith(session, kind) }
  await ctx.store.sessions.noteShown(session.id, shown)
  // As it is by now: it may have been refreshed meanwhile.
  const live = await ctx.store.sessions.liveById(session.id, ctx.door.dialect, ctx.now())
  if (!live) throw new AuthError('access_invalid', { access: 'ended' })
  const { claims, factors } = await personClaims(ctx, live, account)
  return { account, session: live, factors, tokens: issueTokens(ctx, live, claims) }
}

async function refuseCode(ctx: Context, event: AuditEvent, accountId: string): Promise<never> {
  await recordRefusal(ctx, event, { accountId, detail: 'code' })
  throw new AuthError('second_factor_code_invalid')
}
