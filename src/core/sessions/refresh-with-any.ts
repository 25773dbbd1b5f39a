import type { Context } from '../context.ts'
import { type Refreshed, refreshByOldToken, refreshProven, refuseRefresh } from './refresh.ts'
import { learnAccessToken, readRefreshToken, sessionOfRetired } from './tokens.ts'

/** Where a client may send what it refreshes with; any of it may be missing. */
export interface SentTokens {
  body?: string | undefined
  bearer?: string | undefined
  cookie?: string | undefined
}

/**
 * New tokens for whatever a client sends, where its wire has it send several: a refresh token in the body, as the Bearer
 * value or in a cookie, else an access token that has not expired as the Bearer value. All that is sent must belong to one
 * session. Throws as `refresh` does.
 */
export async function refreshWithAny(ctx: Context, sent: SentTokens): Promise<Refreshed> {
  const tokens = [sent.body, sent.bearer, sent.cookie].filter((token) => token !== undefined)
  const refreshProofs = tokens.map((token) => readRefreshToken(ctx, token))
  const access = sent.bearer === undefined ? undefined : await learnAccessToken(ctx, sent.bearer)
  const ofBearer = access?.sessionId ?? sessionOfRetired(ctx, sent.bearer ?? '')
  const sessions = tokens.map(
    (token, index) => refreshProofs[index]?.sessionId ?? (token === sent.bearer ? ofBearer : undefined),
  )
  if (sessions.every((session) => session === undefined)) return refreshByOld(ctx, sent)
  if (!areOne(sessions)) return refuseRefresh(ctx)

  const isAccessGood = access !== undefined && access.expiresAt > ctx.now()
  const proof = refreshProofs.find((proof) => proof !== undefined) ?? (isAccessGood ? access : undefined)
  return proof ? refreshProven(ctx, proof) : refuseRefresh(ctx)
}

/** By a token of the server that was here before, whose access token may be sent along. */
function refreshByOld(ctx: Context, { body, bearer, cookie }: SentTokens): Promise<Refreshed> {
  const token = body ?? cookie ?? bearer
  const isClear = body === undefined || cookie === undefined || body === cookie
  return token !== undefined && isClear ? refreshByOldToken(ctx, token) : refuseRefresh(ctx)
}

function areOne(sessions: (string | undefined)[]): boolean {
  return sessions.every((session) => session !== undefined && session === sessions[0])
}
