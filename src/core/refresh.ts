import type { SessionRow } from '../store/schema.ts'
import { recordEvent } from './audit.ts'
import { type Context, stopClock, transaction } from './context.ts'
import { AuthError } from './errors.ts'
import { addJob } from './jobs.ts'
import { limits } from './limits.ts'
import { issueTokens, readRefreshToken, type SessionProof, type Tokens } from './tokens.ts'

export interface Refreshed {
  session: SessionRow
  tokens: Tokens
}

/** How long a replaced refresh token may be repeated where the door's rotation is `grace`, in milliseconds. */
const graceWindow = 10_000

/**
 * New tokens for a refresh token. Throws `refresh_invalid` for one that is forged, foreign, expired or ended, and
 * `rate_limited` for too many of those. A token that was replaced and is not excused by the door's rotation ends its
 * session, as whoever sends it may have stolen it (RFC 9700 §4.14.2).
 */
export async function refresh(ctx: Context, token: string): Promise<Refreshed> {
  const proof = readRefreshToken(ctx, token)
  if (!proof) return refuseRefresh(ctx)
  return refreshProven(ctx, proof)
}

/** The same for a session and generation that the caller has proven otherwise. */
export function refreshProven(ctx: Context, proof: SessionProof): Promise<Refreshed> {
  return refreshAtOnce(stopClock(ctx), proof)
}

async function refreshAtOnce(ctx: Context, proof: SessionProof): Promise<Refreshed> {
  const session = (await turn(ctx, proof)) ?? (await repeat(ctx, proof))
  if (!session) return refuseProven(ctx, proof)
  const account = ctx.door.emailClaim ? await ctx.store.accounts.byId(session.account_id) : { email: null }
  if (!account) return refuseProven(ctx, proof)
  return { session, tokens: issueTokens(ctx, session, account) }
}

/** Uses the current generation; of any number of callers one succeeds, unless the token is one that never changes. */
function turn(ctx: Context, { sessionId, generation }: SessionProof): Promise<SessionRow | undefined> {
  const now = ctx.now()
  const { dialect, idleLifetime, rotation } = ctx.door
  const step = { dialect, generation, now, idleExpiresAt: now + idleLifetime * 1000 }
  return rotation === 'static'
    ? ctx.store.sessions.prolong(sessionId, step)
    : ctx.store.sessions.rotate(sessionId, step)
}

/** Answers a generation that was replaced: the successor again where that is excused, else the session ends. */
async function repeat(
  ctx: Context,
  { sessionId, generation }: SessionProof,
): Promise<SessionRow | undefined> {
  const session = await ctx.store.sessions.liveById(sessionId, ctx.door.dialect, ctx.now())
  if (!session || generation >= session.generation) return undefined
  if (generation === session.generation - 1 && isExcused(ctx, session)) return session
  await endStolen(ctx, session)
  return undefined
}

function isExcused(ctx: Context, session: SessionRow): boolean {
  if (ctx.door.rotation === 'untilConfirmed') return true
  return ctx.door.rotation === 'grace' && ctx.now() - session.rotated_at <= graceWindow
}

async function endStolen(ctx: Context, session: SessionRow): Promise<void> {
  await transaction(ctx, async (ctx) => {
    const ended = await ctx.store.sessions.end(session.id, 'refresh_token_reused', ctx.now())
    if (!ended) return
    const { account_id: accountId, id: sessionId } = session
    await recordEvent(ctx, 'session.reuse_detected', { outcome: 'refused', accountId, sessionId })
    await addJob(ctx, 'session-reuse-mail', { accountId, brand: ctx.client.brand })
  })
}

/** Throws `refresh_invalid` for a token that proves nothing, or `rate_limited` after too many of them. */
export async function refuseRefresh(ctx: Context): Promise<never> {
  await ctx.limiter.take(limits.refreshAddress, ctx.origin.ip)
  throw new AuthError('refresh_invalid')
}

async function refuseProven(ctx: Context, { sessionId, generation }: SessionProof): Promise<never> {
  await ctx.limiter.take(limits.refreshAddress, ctx.origin.ip)
  await recordEvent(ctx, 'session.refresh', {
    outcome: 'refused',
    sessionId,
    detail: `generation ${generation}`,
  })
  throw new AuthError('refresh_invalid')
}
