import type { Client } from '../clients/client.ts'
import type { Context } from '../context.ts'
import { AuthError } from '../errors.ts'
import { giveUpOldRefresh } from '../switching/tokens/refresh.ts'
import type { SessionProof } from './proofs.ts'
import { asCaller, type Caller, endSession, noteForeign } from './sessions.ts'
import { provenByAccess, readRefreshToken } from './tokens.ts'

/** What a client shows that signs out; any of it may be missing, or worth nothing. */
export interface Shown {
  access?: string
  refresh?: (string | undefined)[]
}

/**
 * Ends every session that a client proves: by an access token, which may have expired, so that whoever comes back after
 * an hour can leave, too, and by refresh tokens. Throws `access_invalid` when none of them is live.
 */
export async function signOut(ctx: Context, { access, refresh = [] }: Shown): Promise<void> {
  const shown = await Promise.all(refresh.map((token) => readShown(ctx, token)))
  const proofs = [await provenByAccess(ctx, access), ...shown.map(({ proof }) => proof)]
  const sessions = await liveSessions(ctx, proofs)
  if (sessions.length === 0 && !shown.some(({ isGivenUp }) => isGivenUp))
    throw new AuthError('access_invalid')
  for (const session of sessions) await endSession(ctx, session, 'signed_out')
}

/** What a refresh token proves. One of the server that was here before is worth nothing from then on. */
async function readShown(
  ctx: Context,
  token: string | undefined,
): Promise<{ proof?: SessionProof; isGivenUp?: boolean }> {
  if (token === undefined) return {}
  const proof = readRefreshToken(ctx, token)
  return proof ? { proof } : giveUpOldRefresh(ctx, token)
}

/** Who signs out. An access token that has expired (`isLate`) is good for its own session alone. */
export interface Leaver extends Caller {
  isLate: boolean
}

/** Who an access token belongs to, expired or not. Throws `access_invalid` for any other one, and for an ended session. */
export async function authenticateLeaver(ctx: Context, token: string | undefined): Promise<Leaver> {
  const claims = await provenByAccess(ctx, token)
  if (!claims) throw new AuthError('access_invalid', { access: token === undefined ? 'missing' : 'invalid' })
  const caller = await ctx.store.callers.live(claims.sessionId, ctx.door.dialect, ctx.now())
  if (!caller || caller.account.disabled_at !== null)
    throw new AuthError('access_invalid', { access: 'ended' })
  return { ...caller, isLate: claims.expiresAt <= ctx.now() }
}

/** Ends the leaver's own session, if it has not ended meanwhile. */
export async function signOutSelf(ctx: Context, { session }: Leaver): Promise<void> {
  await endSession(ctx, session, 'signed_out')
}

/**
 * Ends those of these sessions that are the leaver's, and passes over the rest in silence. Throws `access_invalid` when
 * the leaver's session has ended meanwhile, or the token has expired and its session is not among them.
 */
export async function signOutOf(ctx: Context, leaver: Leaver, sessionIds: string[]): Promise<void> {
  const { account, session: own, isLate } = leaver
  const found = await asCaller(ctx, leaver, async (ctx) => {
    const found = await ctx.store.sessions.liveAmong([...new Set(sessionIds)], ctx.door.dialect, ctx.now())
    const theirs = found.filter(({ id, account_id }) => (isLate ? id === own.id : account_id === account.id))
    if (isLate && theirs.length === 0) throw new AuthError('access_invalid')
    for (const session of theirs) await endSession(ctx, session, 'signed_out')
    return found
  })
  if (found.some(({ account_id }) => account_id !== account.id)) noteForeign(ctx, leaver)
}

/** What is to be revoked; any of it may be missing, or worth nothing. */
export interface Revoked {
  access?: string | undefined
  refresh?: string | undefined
  /** Whose the refresh token is. */
  client: Client | undefined
}

/**
 * Ends the session of an access token that has not expired, and that of a refresh token. Throws `access_invalid` where
 * there is neither, and `session_not_found` when there is nothing left to end: of several callers one ends it.
 */
export async function revoke(ctx: Context, { access, refresh = '', client }: Revoked): Promise<void> {
  const claims = await provenByAccess(ctx, access)
  const ofRefresh = client && readRefreshToken({ ...ctx, client }, refresh)
  const proofs = [claims && claims.expiresAt > ctx.now() ? claims : undefined, ofRefresh]
  if (proofs.every((proof) => proof === undefined)) throw new AuthError('access_invalid')
  let ended = 0
  for (const session of await liveSessions(ctx, proofs)) {
    if (await endSession(ctx, session, 'revoked')) ended++
  }
  if (ended === 0) throw new AuthError('session_not_found')
}

/** The live sessions of this door that are proven, each once. */
async function liveSessions(ctx: Context, proofs: (SessionProof | undefined)[]) {
  const ids = new Set(proofs.flatMap((proof) => proof?.sessionId ?? []))
  const found = await Promise.all(
    [...ids].map((id) => ctx.store.sessions.liveById(id, ctx.door.dialect, ctx.now())),
  )
  return found.filter((session) => session !== undefined)
}
