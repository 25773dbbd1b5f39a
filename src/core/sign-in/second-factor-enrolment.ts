import type { TotpRow } from '../../store/schema.ts'
import { recordEvent, recordRefusal } from '../audit/audit.ts'
import type { AuditEvent } from '../audit/audit-event.ts'
import type { Context, RealmContext } from '../context.ts'
import { AuthError } from '../errors.ts'
import { nonceBytes } from '../keys/master-key.ts'
import { limits } from '../limits/limits.ts'
import { asCaller, type Caller } from '../sessions/sessions.ts'
import { authenticator, makeSecret, stepOf, totpContext, withoutBlanks } from './authenticator.ts'
import { makeRecoveryCodes, replaceRecoveryCodes } from './recovery-codes.ts'
import { hasSecondFactor, useCode } from './second-factor.ts'
import { followChange } from './second-factor-changes.ts'

/** How long a sign-in counts as recent. */
const recentSignInMs = 10 * 60_000

export interface Enrolment {
  /** Base32. */
  secret: string
  /** `otpauth://…`, for a QR code. */
  uri: string
  recoveryCodes: string[]
}

/**
 * Throws `recent_sign_in_needed` where the door asks for one and the caller has shown too long ago who they are: a session
 * that another session has opened, or a token of an old server, has shown nothing.
 */
function checkRecentSignIn(ctx: Context, { session }: Caller): void {
  const isOld = session.proven_at === null || ctx.now() - session.proven_at > recentSignInMs
  if (isOld && ctx.door.secondFactorNeedsRecentSignIn) throw new AuthError('recent_sign_in_needed')
}

/**
 * Makes an authenticator secret and recovery codes, shown this once. They count for nothing until a code confirms
 * them. Throws `second_factor_enabled` while the account has a confirmed one, `recent_sign_in_needed`, `rate_limited`,
 * and `access_invalid` when the caller's session has ended meanwhile.
 */
export async function enrolSecondFactor(ctx: Context, caller: Caller): Promise<Enrolment> {
  checkRecentSignIn(ctx, caller)
  const { id, email, username } = caller.account
  await ctx.limiter.consume(limits.enrolmentsPerAccount, id)
  const secret = makeSecret(ctx)
  const recoveryCodes = makeRecoveryCodes(ctx)
  const sealed = ctx.secrets.seal(secret, totpContext(id), ctx.randomBytes(nonceBytes))
  await asCaller(ctx, caller, async (ctx) => {
    const pending = await ctx.store.totp.enrol(id, sealed, ctx.now())
    if (!pending) throw new AuthError('second_factor_enabled')
    await replaceRecoveryCodes(ctx, id, recoveryCodes)
    await recordEvent(ctx, 'second_factor.enrolled', { accountId: id })
  })
  const uri = authenticator(secret, ctx.client.brand.name, username ?? email ?? id).toString()
  return { secret, uri, recoveryCodes }
}

/**
 * Puts a pending secret into force with a code of it, ends the other sessions of the account and notifies its owner; the
 * caller's session has shown it. Throws `second_factor_not_pending`, `second_factor_code_invalid`,
 * `recent_sign_in_needed`, `rate_limited`, and `access_invalid` when the caller's session has ended meanwhile.
 */
export async function confirmSecondFactor(ctx: Context, caller: Caller, code: string): Promise<void> {
  checkRecentSignIn(ctx, caller)
  const { id } = caller.account
  const totp = await ctx.store.totp.byAccount(id)
  if (!totp || totp.confirmed_at !== null) throw new AuthError('second_factor_not_pending')
  await ctx.limiter.consume(limits.secondFactorPerAccount, id)
  const step = stepOf(ctx, secretOf(ctx, totp), withoutBlanks(code))
  if (step === undefined) return refuseCode(ctx, 'second_factor.enabled', id)
  await asCaller(ctx, caller, async (ctx) => {
    const confirmed = await confirmSecret(ctx, totp, step)
    if (!confirmed) throw new AuthError('second_factor_not_pending')
    await ctx.store.sessions.noteShown(caller.session.id, { second_factor_at: ctx.now() })
    await recordEvent(ctx, 'second_factor.enabled', { accountId: id })
    await followChange(ctx, caller, 'second-factor-set-mail')
  })
  await ctx.limiter.reset(limits.secondFactorPerAccount, id)
}

/** Puts that pending secret into force, also when it was resealed meanwhile; `undefined` when it is another now. */
async function confirmSecret(ctx: Context, read: TotpRow, step: number): Promise<TotpRow | undefined> {
  const { account_id: id, secret_sealed: secretSealed } = read
  const confirmed = await ctx.store.totp.confirm(id, { secretSealed, step }, ctx.now())
  if (confirmed) return confirmed
  const found = await ctx.store.totp.byAccount(id)
  if (!found || found.secret_sealed === secretSealed || secretOf(ctx, found) !== secretOf(ctx, read))
    return undefined
  return ctx.store.totp.confirm(id, { secretSealed: found.secret_sealed, step }, ctx.now())
}

function secretOf({ secrets }: Context, { account_id: id, secret_sealed: sealed }: TotpRow): string {
  return secrets.unseal(sealed, totpContext(id))
}

/**
 * Removes the second factor, voids pending sign-ins, ends the other sessions of the account and notifies its owner.
 * Throws `second_factor_not_pending` where there is none, and as `confirmSecondFactor` does.
 */
export async function disableSecondFactor(ctx: Context, caller: Caller, code: string): Promise<void> {
  checkRecentSignIn(ctx, caller)
  const { id } = caller.account
  if (!(await hasSecondFactor(ctx, id))) throw new AuthError('second_factor_not_pending')
  if (!(await useCode(ctx, id, code))) return refuseCode(ctx, 'second_factor.disabled', id)
  await asCaller(ctx, caller, async (ctx) => {
    await removeFactor(ctx, id)
    await recordEvent(ctx, 'second_factor.disabled', { accountId: id })
    await followChange(ctx, caller, 'second-factor-removed-mail')
  })
}

/** Leaves an account without a second factor, pending or in force. Part of a transaction that holds its row. */
export async function removeFactor({ store }: RealmContext, accountId: string): Promise<void> {
  await store.totp.remove(accountId)
  await store.authenticators.removeAll(accountId)
  await store.recoveryCodes.removeAll(accountId)
}

async function refuseCode(ctx: Context, event: AuditEvent, accountId: string): Promise<never> {
  await recordRefusal(ctx, event, { accountId, detail: 'code' })
  throw new AuthError('second_factor_code_invalid')
}
