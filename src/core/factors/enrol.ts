import { recordEvent } from '../audit/audit.ts'
import type { Context } from '../context.ts'
import { AuthError } from '../errors.ts'
import { nonceBytes } from '../keys/master-key.ts'
import { limits } from '../limits/limits.ts'
import { asCaller, type Caller } from '../sessions/sessions.ts'
import { authenticator, makeSecret } from '../sign-in/authenticator.ts'
import { requireShownFactor } from '../sign-in/second-factor.ts'
import { authenticatorContext, heldBy } from './held.ts'

/** How many an account may have in force: a code is guessed among all of them. */
export const maxInForce = 5
/** And how many with those that are pending. */
const maxHeld = 10
/** How long one is pending before the next one that is begun takes its place. */
const pendingMs = 5 * 60_000

export interface EnrolledFactor {
  id: string
  /** Base32. */
  secret: string
  /** `otpauth://…`, for a QR code. */
  uri: string
}

/**
 * Begins an authenticator under a name that is free in the account; shown this once. It counts for nothing until a code
 * confirms it (`verifyFactor`). `issuer` is what the person's app shows, else the client's name. Throws
 * `second_factor_needed` for a session that has not shown what is in force, `factor_name_taken`, `second_factor_enabled`
 * when the account has as many as it may have, `rate_limited`, and `access_invalid` when the session has ended meanwhile.
 */
export async function enrolFactor(
  ctx: Context,
  caller: Caller,
  { name, issuer = ctx.client.brand.name }: { name: string; issuer?: string },
): Promise<EnrolledFactor> {
  const { id: accountId, email, username } = caller.account
  await requireShownFactor(ctx, caller)
  await ctx.limiter.consume(limits.enrolmentsPerAccount, accountId)
  const id = ctx.newId()
  const secret = makeSecret(ctx)
  const { sealed, keyId } = ctx.secrets.seal(secret, authenticatorContext(id), ctx.randomBytes(nonceBytes))
  await asCaller(ctx, caller, async (ctx) => {
    const now = ctx.now()
    await ctx.store.authenticators.removePending(accountId, now - pendingMs)
    const held = await heldBy(ctx, accountId)
    if (held.some((other) => other.name === name)) throw new AuthError('factor_name_taken')
    const inForce = held.filter(({ confirmedAt }) => confirmedAt !== null)
    if (held.length >= maxHeld || inForce.length >= maxInForce) throw new AuthError('second_factor_enabled')
    const row = { id, account_id: accountId, name, secret_sealed: sealed, sealed_under: keyId }
    await ctx.store.authenticators.add(row, now)
    await recordEvent(ctx, 'second_factor.enrolled', { accountId })
  })
  return { id, secret, uri: authenticator(secret, issuer, email ?? username ?? accountId).toString() }
}
