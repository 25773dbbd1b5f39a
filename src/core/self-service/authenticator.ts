import { readBase64url } from '../../lib/base64url.ts'
import { recordEvent, recordRefusal } from '../audit/audit.ts'
import type { Context } from '../context.ts'
import { AuthError } from '../errors.ts'
import { nonceBytes } from '../keys/master-key.ts'
import { limits } from '../limits/limits.ts'
import { asCaller, type Caller } from '../sessions/sessions.ts'
import { authenticator, makeSecret, stepOf, totpContext, withoutBlanks } from '../sign-in/authenticator.ts'
import { makeRecoveryCodes, replaceRecoveryCodes } from '../sign-in/recovery-codes.ts'
import { hasSecondFactor } from '../sign-in/second-factor.ts'
import { followChange } from '../sign-in/second-factor-changes.ts'
import { removeFactor } from '../sign-in/second-factor-enrolment.ts'
import { requireRecentProof } from './recent-proof.ts'

/** A secret for an authenticator that counts for nothing until a code of it comes back. */
export interface OfferedSecret {
  /** Base32. */
  secret: string
  /** That we have made the secret for this session, in base64url. */
  seal: string
}

/**
 * Makes a secret for the caller's authenticator. It is kept nowhere: whoever opens a page changes nothing, and nobody is
 * shown a secret that somebody else has begun with.
 */
export function offerSecret(ctx: Context, caller: Caller): OfferedSecret {
  const secret = makeSecret(ctx)
  return { secret, seal: ctx.secrets.mac('form', messageOf(caller, secret)).toString('base64url') }
}

/** `otpauth://…` of a secret that was offered, for a QR code. */
export function uriOf(ctx: Context, { account }: Caller, { secret }: OfferedSecret): string {
  const { id, username, email } = account
  return authenticator(secret, ctx.client.brand.name, username ?? email ?? id).toString()
}

/** Whether the secret was offered to this session. */
export function isOffered({ secrets }: Context, caller: Caller, { secret, seal }: OfferedSecret): boolean {
  const mac = readBase64url(seal)
  return mac !== undefined && secrets.verifyMac('form', messageOf(caller, secret), mac) !== undefined
}

/** Begins like no other message of a form: those begin with a nonce and a dot. */
function messageOf({ session }: Caller, secret: string): string {
  return `authenticator ${session.id} ${secret}`
}

/**
 * Puts an offered secret into force with a code of it, ends the other sessions of the account and notifies its owner.
 * Returns new recovery codes, shown this once. Throws `recent_sign_in_needed`, `ticket_invalid` for a secret that was not
 * offered to this session, `second_factor_enabled`, `second_factor_code_invalid`, `rate_limited`, and `access_invalid`
 * when the caller's session has ended meanwhile.
 */
export async function setUpAuthenticator(
  ctx: Context,
  caller: Caller,
  { offer, code }: { offer: OfferedSecret; code: string },
): Promise<string[]> {
  requireRecentProof(ctx, caller)
  const { id } = caller.account
  if (!isOffered(ctx, caller, offer)) throw new AuthError('ticket_invalid')
  if (await hasSecondFactor(ctx, id)) throw new AuthError('second_factor_enabled')
  await ctx.limiter.consume(limits.secondFactorPerAccount, id)
  const sealed = ctx.secrets.seal(offer.secret, totpContext(id), ctx.randomBytes(nonceBytes))
  const step = stepOf(ctx, offer.secret, withoutBlanks(code))
  if (step === undefined) {
    await recordRefusal(ctx, 'second_factor.enabled', { accountId: id, detail: 'code' })
    throw new AuthError('second_factor_code_invalid')
  }
  // Each that is set up is a mail, and may be removed again, which is another.
  await ctx.limiter.consume(limits.enrolmentsPerAccount, id)
  const codes = makeRecoveryCodes(ctx)
  await asCaller(ctx, caller, async (ctx) => {
    const now = ctx.now()
    const pending = await ctx.store.totp.enrol(id, sealed, now)
    const secretSealed = pending?.secret_sealed ?? ''
    const confirmed = await ctx.store.totp.confirm(id, { secretSealed, step }, now)
    if (!confirmed) throw new AuthError('second_factor_enabled')
    await replaceRecoveryCodes(ctx, id, codes)
    await ctx.store.sessions.noteShown(caller.session.id, { second_factor_at: now })
    await recordEvent(ctx, 'second_factor.enabled', { accountId: id, sessionId: caller.session.id })
    await followChange(ctx, caller, 'second-factor-set-mail')
  })
  await ctx.limiter.reset(limits.secondFactorPerAccount, id)
  return codes
}

/**
 * Removes the second factor of the caller and its recovery codes, ends the other sessions of the account and notifies its
 * owner. Throws `recent_sign_in_needed`, `second_factor_not_pending` where there is none, and `access_invalid` when the
 * caller's session has ended meanwhile.
 */
export async function removeAuthenticator(ctx: Context, caller: Caller): Promise<void> {
  requireRecentProof(ctx, caller)
  const { id } = caller.account
  await asCaller(ctx, caller, async (ctx) => {
    if (!(await hasSecondFactor(ctx, id))) throw new AuthError('second_factor_not_pending')
    await removeFactor(ctx, id)
    await recordEvent(ctx, 'second_factor.disabled', { accountId: id, sessionId: caller.session.id })
    await followChange(ctx, caller, 'second-factor-removed-mail')
  })
}
