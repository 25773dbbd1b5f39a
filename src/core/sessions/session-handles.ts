import { readBase64url } from '../../lib/base64url.ts'
import { uuidBytes, uuidOf } from '../../lib/uuid-bytes.ts'
import type { Context } from '../context.ts'
import { AuthError } from '../errors.ts'
import { limits } from '../limits/limits.ts'
import { personClaims } from './person-claims.ts'
import type { Refreshed } from './refresh.ts'
import { issueTokens } from './tokens.ts'

const idBytes = 16
const macBytes = 32

/** Whether a text has the form of a handle: 64 letters, digits, `-` and `_`. */
export function isHandleShaped(text: string): boolean {
  return /^[\w-]{64}$/.test(text)
}

/**
 * What stands for a session in the hands of its own client: base64url(session id ‖ HMAC-SHA256 over realm, dialect and
 * id). Nobody can make one of an id, and it is kept nowhere. It is a secret as the refresh token is: whoever has it gets
 * the session's tokens, for as long as the session lives.
 */
export function sessionHandle(ctx: Context, sessionId: string): string {
  const id = uuidBytes(sessionId)
  return Buffer.concat([id, ctx.secrets.mac('session-handle', macInput(ctx, id))]).toString('base64url')
}

/** The id of the session that a handle of this door stands for, live or not; `undefined` for any other text. */
export function readSessionHandle(ctx: Context, text: string): string | undefined {
  const bytes = isHandleShaped(text) ? readBase64url(text) : undefined
  if (bytes?.length !== idBytes + macBytes) return undefined
  const id = bytes.subarray(0, idBytes)
  if (!ctx.secrets.verifyMac('session-handle', macInput(ctx, id), bytes.subarray(idBytes))) return undefined
  return uuidOf(id)
}

/**
 * The tokens of the live session that a handle stands for: a fresh access token, and the current refresh token. Nothing is
 * rotated or extended, so repeating it is no theft. It also hands its owner the newest token where a thief has refreshed,
 * so such a theft does not show. Throws `session_not_found` for any other text, and `rate_limited` for too many of those.
 */
export async function openByHandle(ctx: Context, handle: string): Promise<Refreshed> {
  const sessionId = readSessionHandle(ctx, handle)
  const found = sessionId && (await ctx.store.callers.live(sessionId, ctx.door.dialect, ctx.now()))
  if (!found || found.account.disabled_at !== null) {
    await ctx.limiter.consume(limits.invalidRefreshesPerIp, ctx.origin.ip)
    throw new AuthError('session_not_found')
  }
  const { session, account } = found
  const { claims } = await personClaims(ctx, session, account)
  return { session, tokens: issueTokens(ctx, session, claims) }
}

function macInput({ realm, door }: Context, id: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`${realm.name}\0${door.dialect}\0`), id])
}
