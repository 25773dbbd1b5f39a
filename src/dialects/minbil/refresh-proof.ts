import type { Context } from '../../core/context.ts'
import {
  type Refreshed,
  refreshByOldToken,
  refreshProven,
  refuseRefresh,
} from '../../core/sessions/refresh.ts'
import { learnAccessToken, readRefreshToken, sessionOfRetired } from '../../core/sessions/tokens.ts'

/**
 * Refreshes with whatever the client sends, as contracts/minbil.md orders it: a refresh token in the body, as the
 * Bearer value or in the cookie, else the unexpired access token that the document's samples send. All that is sent
 * must belong to one session. Throws `refresh_invalid`, `rate_limited`.
 */
export async function refreshWithAny(
  ctx: Context,
  sent: { body?: string; bearer?: string; cookie?: string },
): Promise<Refreshed> {
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
function refreshByOld(
  ctx: Context,
  { body, bearer, cookie }: { body?: string; bearer?: string; cookie?: string },
): Promise<Refreshed> {
  const token = body ?? cookie ?? bearer
  const isClear = body === undefined || cookie === undefined || body === cookie
  return token !== undefined && isClear ? refreshByOldToken(ctx, token) : refuseRefresh(ctx)
}

function areOne(sessions: (string | undefined)[]): boolean {
  return sessions.every((session) => session !== undefined && session === sessions[0])
}
