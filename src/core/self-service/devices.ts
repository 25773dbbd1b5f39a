import type { SessionRow } from '../../store/schema.ts'
import { recordEvent } from '../audit/audit.ts'
import type { Context } from '../context.ts'
import { AuthError } from '../errors.ts'
import { hurryTellingEnds } from '../openid/tell-ends.ts'
import { isLive } from '../sessions/account-sessions.ts'
import { asCaller, type Caller, endSession } from '../sessions/sessions.ts'

/** Rows of the list. */
const maxListed = 100

/** Where somebody is signed in. */
export interface Devices {
  /** The one of the browser that asks. */
  own: SessionRow
  /** Through whichever door, the one used last first. */
  others: SessionRow[]
  /** How many more there are than those. */
  more: number
}

/** The caller's live sessions through all doors: its own and the 99 others that were used last. */
export async function listDevices(ctx: Context, { account, session }: Caller): Promise<Devices> {
  const now = ctx.now()
  const others = await ctx.store.sessions.liveBeside(session, maxListed - 1, now)
  if (others.length < maxListed - 1) return { own: session, others, more: 0 }
  const total = await ctx.store.sessions.countLiveOf({ accountId: account.id, now })
  return { own: session, others, more: Math.max(0, total - maxListed) }
}

/**
 * Ends one of the caller's sessions, through whichever door it was opened: its tokens are refused at once. Returns it as
 * it was. Throws `session_not_found` for one that is not live or not the caller's, as nobody may learn which, and
 * `access_invalid` when the caller's own has ended meanwhile.
 */
export function endDevice(ctx: Context, caller: Caller, sessionId: string): Promise<SessionRow> {
  return asCaller(ctx, caller, async (ctx) => {
    const session = await ctx.store.sessions.byId(sessionId)
    if (session?.account_id !== caller.account.id || !isLive(session, ctx.now()))
      throw new AuthError('session_not_found')
    await endSession(ctx, session, 'signed_out_remotely')
    return session
  })
}

/**
 * Ends every session of the caller but the one that asks, at all doors, those that an old server has opened among them,
 * and the sign-ins that are about to become one. Throws `access_invalid` when the caller's own has ended meanwhile.
 */
export function endOtherDevices(ctx: Context, caller: Caller): Promise<void> {
  const { account, session } = caller
  return asCaller(ctx, caller, async (ctx) => {
    await ctx.store.sessions.endOthers(session, 'signed_out_remotely', ctx.now())
    hurryTellingEnds(ctx)
    await ctx.store.tickets.consumeAll(account.id, ['login-code', 'second-factor'], ctx.now())
    const entry = { accountId: account.id, sessionId: session.id, detail: 'others' }
    await recordEvent(ctx, 'session.ended', entry)
  })
}
