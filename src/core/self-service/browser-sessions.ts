import type { Context } from '../context.ts'
import { type Caller, endSession } from '../sessions/sessions.ts'
import { readRefreshToken } from '../sessions/tokens.ts'

/** How often the use of a session is written down at most. */
const noteUseEveryMs = 60_000

/**
 * Who is signed in to the browser that keeps `token`; `undefined` for nobody, or nobody any more. What a page asks by itself
 * is no use of the session (`isUse`), so that one that is left open does not keep it. At the account door.
 */
export async function findBrowserSession(
  ctx: Context,
  token: string | undefined,
  { isUse = true }: { isUse?: boolean } = {},
): Promise<Caller | undefined> {
  const proof = token === undefined ? undefined : readRefreshToken(ctx, token)
  if (!proof) return undefined
  const now = ctx.now()
  const caller = await ctx.store.callers.live(proof.sessionId, ctx.door.dialect, now)
  if (!caller || caller.account.disabled_at !== null || caller.session.generation !== proof.generation)
    return undefined
  if (!isUse || now - caller.session.last_used_at < noteUseEveryMs) return caller
  const { dialect, idleLifetime } = ctx.door
  const { sessionId, generation, masterKeyId } = proof
  const idleExpiresAt = now + idleLifetime * 1000
  const session = await ctx.store.sessions.extend(sessionId, {
    dialect,
    generation,
    now,
    idleExpiresAt,
    masterKeyId,
  })
  return session && { ...caller, session }
}

/** Signs the browser out. Nothing else of the account changes. */
export async function endBrowserSession(ctx: Context, { session }: Caller): Promise<void> {
  await endSession(ctx, session, 'signed_out')
}
