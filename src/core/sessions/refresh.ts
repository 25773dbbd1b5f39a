import type { AccountRow, SessionRow } from '../../store/schema.ts'
import type { RefreshStep } from '../../store/tables/sessions/refreshes.ts'
import { DatabaseUnavailable } from '../../store/unavailable.ts'
import { noticeOf } from '../accounts/notify-owner.ts'
import { recordEvent, recordRefusal } from '../audit/audit.ts'
import { type Context, transaction } from '../context.ts'
import { AuthError } from '../errors.ts'
import type { RefreshOutcome } from '../events.ts'
import type { Factor } from '../factors/held.ts'
import { addJob } from '../jobs.ts'
import { limits } from '../limits/limits.ts'
import { exchangeOldRefresh } from '../switching/tokens/refresh.ts'
import { namesPerson, personClaims } from './person-claims.ts'
import type { SessionProof } from './proofs.ts'
import { issueTokens, readRefreshToken, type Tokens } from './tokens.ts'

export interface Refreshed {
  session: SessionRow
  /** Whose session it is, where the door's access tokens speak of the person. */
  account?: AccountRow
  /** Those of the account, where the door's access tokens say whether one is still to be shown. */
  factors?: Factor[]
  tokens: Tokens
}

/** How long a replaced refresh token may be replayed where the door's rotation is `grace`, or it forgives older tokens. */
const graceWindowMs = 10_000
/** How long an answer may take without being late. */
const maxAnswerMs = 1_000

/**
 * New tokens for a refresh token. Throws `refresh_invalid` for one that is forged, foreign, expired or ended, and
 * `rate_limited` for too many of those. A token that was replaced and is not excused by the door's rotation ends its
 * session, as whoever sends it may have stolen it (RFC 9700 §4.14.2).
 */
export async function refresh(ctx: Context, token: string): Promise<Refreshed> {
  const proof = readRefreshToken(ctx, token)
  return proof ? refreshProven(ctx, proof) : refreshByOldToken(ctx, token)
}

/** New tokens for a refresh token of the server that was here before, while it is good. Throws as `refresh` does. */
export async function refreshByOldToken(ctx: Context, token: string): Promise<Refreshed> {
  const exchange = await exchangeOldRefresh(ctx, token)
  if (!exchange) return refuseRefresh(ctx)
  const refreshed = 'opened' in exchange ? exchange.opened : await refreshProven(ctx, exchange.proof)
  // Where tokens never change, clients keep the one that they have.
  if (ctx.door.rotation !== 'static') return refreshed
  return { ...refreshed, tokens: { ...refreshed.tokens, refreshToken: token } }
}

/** New tokens for a session and generation that the caller has proven otherwise. Throws as `refresh` does. */
export async function refreshProven(ctx: Context, proof: SessionProof): Promise<Refreshed> {
  const session = await refreshSession(ctx, proof)
  if (!namesPerson(ctx.door)) return { session, tokens: issueTokens(ctx, session, {}) }
  const account = await ctx.store.accounts.byId(session.account_id)
  if (!account) return refuseProven(ctx, proof, 'ended')
  const { claims, factors } = await personClaims(ctx, session, account)
  return { session, account, factors, tokens: issueTokens(ctx, session, claims) }
}

/** The session as it stands after its generation was used, from which tokens are made. Throws as `refresh` does. */
export async function refreshSession(ctx: Context, proof: SessionProof): Promise<SessionRow> {
  const now = ctx.now()
  const used = (await useGeneration(ctx, proof, now)) ?? (await handleReplay(ctx, proof, now))
  return typeof used === 'string' ? refuseProven(ctx, proof, used) : used
}

/**
 * Puts back the token of a session that was refreshed for an answer which was not given: it is the newest one again. Where
 * somebody has been given the successor in the same moment, the session goes on from that.
 */
export function putBack(ctx: Context, { id, generation, rotated_at: now }: SessionRow): Promise<void> {
  const { dialect } = ctx.door
  return ctx.store.sessions.undoRotation(id, { dialect, generation: generation - 1, now, idleExpiresAt: now })
}

/** Uses the current generation; of any number of callers one succeeds, unless the token is one that never changes. */
async function useGeneration(
  ctx: Context,
  { sessionId, generation, masterKeyId: shown }: SessionProof,
  now: number,
): Promise<SessionRow | undefined> {
  const { dialect, idleLifetime, rotation } = ctx.door
  // Where the token that was shown may come again, the session hangs on the master key of that.
  const masterKeyId = rotation === 'grace' ? ctx.secrets.primaryId : shown
  const step = { dialect, generation, now, idleExpiresAt: now + idleLifetime * 1000, masterKeyId }
  const session = await strategies[rotation](ctx, sessionId, step)
  if (session) report(ctx, rotation === 'static' ? 'prolonged' : 'rotated')
  return session
}

/** Why a refresh token that was ours is not taken. */
type RefreshRefusal = 'ended' | 'reused'

type Strategy = (ctx: Context, sessionId: string, step: RefreshStep) => Promise<SessionRow | undefined>

const extend: Strategy = (ctx, sessionId, step) => ctx.store.sessions.extend(sessionId, step)

const rotate: Strategy = (ctx, sessionId, step) => ctx.store.sessions.rotate(sessionId, step)

/**
 * What the database keeps waiting for must not make a thief of a client that asks again: the time to replay a token
 * begins with the answer, and where none can be given the token is put back.
 */
const rotateWithGrace: Strategy = async (ctx, sessionId, step) => {
  const { sessions } = ctx.store
  try {
    const session = await sessions.rotate(sessionId, step)
    const isLate = session && ctx.now() - step.now > maxAnswerMs
    if (!isLate) return session
    return (await sessions.renewGrace(sessionId, session.generation, ctx.now())) ?? session
  } catch (error) {
    if (error instanceof DatabaseUnavailable)
      ctx.inDoubtRefreshes.add(sessionId, () => sessions.undoRotation(sessionId, step))
    throw error
  }
}

const strategies: Record<Context['door']['rotation'], Strategy> = {
  static: extend,
  untilConfirmed: rotate,
  grace: rotateWithGrace,
}

function report(ctx: Context, outcome: RefreshOutcome): void {
  ctx.observe({ what: 'refresh', realm: ctx.realm.name, dialect: ctx.door.dialect, outcome })
}

/** Answers a generation that was replaced: the successor again where that is excused, else the session ends. */
async function handleReplay(
  ctx: Context,
  proof: SessionProof,
  now: number,
): Promise<SessionRow | RefreshRefusal> {
  const { sessionId, generation } = proof
  const session = await ctx.store.sessions.liveById(sessionId, ctx.door.dialect, now)
  if (!session) {
    report(ctx, 'ended')
    return 'ended'
  }
  if (generation >= session.generation) return fastForward(ctx, proof, session, now)
  if (isExcused(ctx, session, { generation, now })) {
    report(ctx, 'repeated')
    if (!ctx.inDoubtRefreshes.delete(sessionId)) return session
    return (await ctx.store.sessions.renewGrace(sessionId, session.generation, ctx.now())) ?? session
  }
  report(ctx, 'reused')
  await endStolen(ctx, session)
  return 'reused'
}

/**
 * Goes on from a generation that was given out and that the database does not know of: it was put back to an older
 * state, or has lost its last commits. Nobody is a thief for that.
 */
async function fastForward(
  ctx: Context,
  proof: SessionProof,
  { account_id: accountId, generation: known }: SessionRow,
  now: number,
): Promise<SessionRow | RefreshRefusal> {
  const { sessionId, generation } = proof
  // Of several callers one sets it forward, and the others find it done.
  if (await ctx.store.sessions.fastForward(sessionId, generation)) {
    const detail = `generation ${generation}, while ${known} was the newest known`
    await recordEvent(ctx, 'session.refresh', { accountId, sessionId, detail })
  }
  return (await useGeneration(ctx, proof, now)) ?? handleReplay(ctx, proof, now)
}

/** Whether a generation that was replaced is given its successor again. */
function isExcused(
  { door, inDoubtRefreshes }: Context,
  session: SessionRow,
  { generation, now }: { generation: number; now: number },
): boolean {
  const isPredecessor = generation === session.generation - 1
  const isRecent = now - session.rotated_at <= graceWindowMs
  if (door.rotation === 'untilConfirmed') return isPredecessor || (door.forgivesOlderTokens && isRecent)
  return door.rotation === 'grace' && isPredecessor && (isRecent || inDoubtRefreshes.has(session.id))
}

async function endStolen(ctx: Context, session: SessionRow): Promise<void> {
  await transaction(ctx, async (ctx) => {
    const ended = await ctx.store.sessions.end(session, 'refresh_token_reused', ctx.now())
    if (!ended) return
    const { account_id: accountId, id: sessionId } = session
    await recordRefusal(ctx, 'session.reuse_detected', { accountId, sessionId })
    await addJob(ctx, 'session-reuse-mail', noticeOf(ctx, accountId, ctx.client.brand))
  })
}

/** Throws `refresh_invalid` for a token that proves nothing, or `rate_limited` after too many of them. */
export async function refuseRefresh(ctx: Context): Promise<never> {
  report(ctx, 'invalid')
  await ctx.limiter.consume(limits.invalidRefreshesPerIp, ctx.origin.ip)
  throw new AuthError('refresh_invalid')
}

async function refuseProven(
  ctx: Context,
  { sessionId, generation }: SessionProof,
  why: RefreshRefusal,
): Promise<never> {
  await ctx.limiter.consume(limits.invalidRefreshesPerIp, ctx.origin.ip)
  const session = await ctx.store.sessions.byId(sessionId)
  const detail = `generation ${generation}`
  await recordRefusal(ctx, 'session.refresh', { accountId: session?.account_id, sessionId, detail })
  const hasExpired = why === 'ended' && session?.ended_at === null && session.idle_expires_at <= ctx.now()
  throw new AuthError('refresh_invalid', { refresh: hasExpired ? 'expired' : why })
}
