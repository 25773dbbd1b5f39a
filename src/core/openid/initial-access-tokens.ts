import { recordEvent } from '../audit/audit.ts'
import { type AnyContext, stopClock, transaction } from '../context.ts'
import { addArtifact } from './artifacts.ts'

/** What the protocol library calls it. */
const kind = 'InitialAccessToken'

/**
 * Makes a token with which clients may register themselves until it expires (RFC 7591 §3), at epoch milliseconds. It is
 * found by its hash alone.
 */
export function makeInitialAccessToken(
  ctx: AnyContext,
  { lifetimeSeconds }: { lifetimeSeconds: number },
): Promise<{ token: string; expiresAt: number }> {
  const token = ctx.randomBytes(32).toString('base64url')
  return transaction(stopClock(ctx), async (ctx) => {
    const expiresAt = ctx.now() + lifetimeSeconds * 1000
    const [iat, exp] = [ctx.now(), expiresAt].map((time) => Math.floor(time / 1000))
    await addArtifact(ctx, { kind, value: token, payload: { kind, jti: token, iat, exp }, expiresAt })
    await recordEvent(ctx, 'client.token_made', { detail: `until ${new Date(expiresAt).toISOString()}` })
    return { token, expiresAt }
  })
}
