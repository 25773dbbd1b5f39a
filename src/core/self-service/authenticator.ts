import { recordEvent, recordRefusal } from '../audit/audit.ts'
import type { Context } from '../context.ts'
import { AuthError } from '../errors.ts'
import { maxInForce } from '../factors/enrol.ts'
import { authenticatorContext, type Factor, inForceBy, secretOf } from '../factors/held.ts'
import { readFactorName } from '../factors/name.ts'
import { removeHeld } from '../factors/remove.ts'
import { nonceBytes } from '../keys/master-key.ts'
import { limits } from '../limits/limits.ts'
import { asCaller, type Caller } from '../sessions/sessions.ts'
import { stepOf, totpContext, withoutBlanks } from '../sign-in/authenticator.ts'
import { makeRecoveryCodes, replaceRecoveryCodes } from '../sign-in/recovery-codes.ts'
import { hasSecondFactor } from '../sign-in/second-factor.ts'
import { followChange } from '../sign-in/second-factor-changes.ts'
import { isOffered, type OfferedSecret } from './offered-secret.ts'
import { requireRecentProof } from './recent-proof.ts'

/** What comes back when a secret was offered. */
interface TakenOffer {
  offer: OfferedSecret
  /** Of the authenticator that it is in by now. */
  code: string
  /** What its owner calls that; may be blank. */
  name: string
}

/**
 * Puts an offered secret into force with a code of it, as the first authenticator of the account; ends the other sessions
 * and notifies the owner. Returns new recovery codes, shown this once. Throws `recent_sign_in_needed`, `ticket_invalid` for
 * a secret that was not offered to this session, `second_factor_enabled`, `validation_failed` for a name that is none,
 * `second_factor_code_invalid`, `rate_limited`, and `access_invalid` when the caller's session has ended meanwhile.
 */
export async function setUpAuthenticator(ctx: Context, caller: Caller, taken: TakenOffer): Promise<string[]> {
  requireRecentProof(ctx, caller)
  const { id } = caller.account
  if (await hasSecondFactor(ctx, id)) throw new AuthError('second_factor_enabled')
  const { name, step } = await checkOffer(ctx, caller, taken)
  const codes = makeRecoveryCodes(ctx)
  const secret = sealedFor(ctx, totpContext(id), taken.offer)
  await asCaller(ctx, caller, async (ctx) => {
    const now = ctx.now()
    const row = { id: ctx.newId(), account_id: id, name, ...secret, created_at: now, challenged_at: null }
    const put = await ctx.store.totp.put({ ...row, confirmed_at: now, last_step: step })
    if (!put) throw new AuthError('second_factor_enabled')
    await replaceRecoveryCodes(ctx, id, codes)
    await followSetUp(ctx, caller)
  })
  await ctx.limiter.reset(limits.secondFactorPerAccount, id)
  return codes
}

/**
 * Puts an offered secret into force beside the authenticators that the account has, and does as `setUpAuthenticator` does
 * but for the recovery codes, which stay. Throws as that does, `second_factor_enabled` where the account has as many as it
 * may have or this one already, `factor_name_taken`, and `second_factor_not_pending` where it has none.
 */
export async function addAuthenticator(ctx: Context, caller: Caller, taken: TakenOffer): Promise<void> {
  requireRecentProof(ctx, caller)
  const { id: accountId } = caller.account
  await checkFurther(ctx, accountId, taken)
  const { name, step } = await checkOffer(ctx, caller, taken)
  const id = ctx.newId()
  const secret = sealedFor(ctx, authenticatorContext(id), taken.offer)
  await asCaller(ctx, caller, async (ctx) => {
    await checkFurther(ctx, accountId, taken)
    const { authenticators } = ctx.store
    await authenticators.addConfirmed([{ id, account_id: accountId, name, ...secret }], ctx.now())
    await authenticators.useStep(id, step)
    await followSetUp(ctx, caller)
  })
  await ctx.limiter.reset(limits.secondFactorPerAccount, accountId)
}

/**
 * Removes one of the caller's authenticators, and with the last one the recovery codes; ends the other sessions of the
 * account and notifies its owner. Throws `recent_sign_in_needed`, `second_factor_not_pending` when the account has none with
 * that id, and `access_invalid` when the caller's session has ended meanwhile.
 */
export function removeAuthenticator(
  ctx: Context,
  caller: Caller,
  factorId: string,
): Promise<{ removed: Factor; othersLeft: boolean }> {
  requireRecentProof(ctx, caller)
  return removeHeld(ctx, caller, factorId)
}

/** Throws where it cannot be one more of those that the account has. */
async function checkFurther(ctx: Context, accountId: string, { offer, name }: TakenOffer): Promise<void> {
  const inForce = await inForceBy(ctx, accountId)
  if (inForce.length === 0) throw new AuthError('second_factor_not_pending')
  const hasIt = inForce.some((held) => secretOf(ctx, held) === offer.secret)
  if (hasIt || inForce.length >= maxInForce) throw new AuthError('second_factor_enabled')
  const wanted = readFactorName(name)
  if (wanted !== undefined && inForce.some((other) => other.name === wanted))
    throw new AuthError('factor_name_taken')
}

/** The name as it is kept, and the time step of the code. */
async function checkOffer(
  ctx: Context,
  caller: Caller,
  { offer, code, name: typed }: TakenOffer,
): Promise<{ name: string; step: number }> {
  const { id } = caller.account
  if (!isOffered(ctx, caller, offer)) throw new AuthError('ticket_invalid')
  const name = typed.trim() === '' ? '' : readFactorName(typed)
  if (name === undefined) throw new AuthError('validation_failed')
  await ctx.limiter.consume(limits.secondFactorPerAccount, id)
  const step = stepOf(ctx, offer.secret, withoutBlanks(code))
  if (step === undefined) {
    await recordRefusal(ctx, 'second_factor.enabled', { accountId: id, detail: 'code' })
    throw new AuthError('second_factor_code_invalid')
  }
  // Each that is set up is a mail, and may be removed again, which is another.
  await ctx.limiter.consume(limits.enrolmentsPerAccount, id)
  return { name, step }
}

function sealedFor(ctx: Context, purpose: string, { secret }: OfferedSecret) {
  const { sealed, keyId } = ctx.secrets.seal(secret, purpose, ctx.randomBytes(nonceBytes))
  return { secret_sealed: sealed, sealed_under: keyId }
}

/** Part of the transaction that puts it into force. Whatever else was begun goes, as nobody need have begun it here. */
async function followSetUp(ctx: Context, caller: Caller): Promise<void> {
  const { id: accountId } = caller.account
  await ctx.store.authenticators.removePending(accountId, Number.MAX_SAFE_INTEGER)
  await ctx.store.sessions.noteShown(caller.session.id, { second_factor_at: ctx.now() })
  await recordEvent(ctx, 'second_factor.enabled', { accountId, sessionId: caller.session.id })
  await followChange(ctx, caller, 'second-factor-set-mail')
}
