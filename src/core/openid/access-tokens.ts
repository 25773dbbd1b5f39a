import type { SessionRow } from '../../store/schema.ts'
import type { RealmContext } from '../context.ts'
import { nonceBytes, UnsealError } from '../keys/master-key.ts'
import { openidDoor } from './door.ts'

type Sealer = Pick<RealmContext, 'secrets' | 'randomBytes' | 'realm' | 'store' | 'now'>

/** An access token that nobody but this server can read: it holds what it says, and the session that it hangs on. */
export function sealAccessToken(ctx: Sealer, sessionId: string, payload: object): string {
  const text = JSON.stringify({ session: sessionId, ...payload })
  return ctx.secrets.seal(text, contextOf(ctx), ctx.randomBytes(nonceBytes)).sealed
}

/** What an access token says, while its session lives; `undefined` for any other token. Expiry is left to the caller. */
export async function readAccessToken(
  ctx: Sealer,
  token: string,
): Promise<{ session: SessionRow; payload: Record<string, unknown> } | undefined> {
  const opened = unseal(ctx, token)
  if (!opened) return undefined
  const { session: id, ...payload } = opened
  const session = await ctx.store.sessions.liveById(id, openidDoor.dialect, ctx.now())
  return session && { session, payload }
}

function unseal(ctx: Sealer, token: string): ({ session: string } & Record<string, unknown>) | undefined {
  // Of all that may be shown as a token, what is certainly none is not worth an attempt.
  if (!/^[\w-]{60,8192}$/.test(token)) return undefined
  try {
    return JSON.parse(ctx.secrets.unseal(token, contextOf(ctx)))
  } catch (error) {
    if (error instanceof UnsealError) return undefined
    throw error
  }
}

function contextOf({ realm }: Sealer): string {
  return `openid access token ${realm.name}`
}
