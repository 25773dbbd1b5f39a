import type { AccountRow, SessionRow } from '../../store/schema.ts'
import { recordEvent } from '../audit/audit.ts'
import { type AnyContext, type RealmContext, stopClock, transaction } from '../context.ts'
import { hurryTellingEnds } from '../openid/tell-ends.ts'
import { endSession } from './sessions.ts'

/** Whether a session has neither ended nor expired. */
export function isLive(session: SessionRow, now: number): boolean {
  return session.ended_at === null && session.idle_expires_at > now
}

/** How many live sessions an account has through all doors. */
export function countLiveSessions(ctx: RealmContext, { id }: AccountRow): Promise<number> {
  return ctx.store.sessions.countLiveOf({ accountId: id, now: ctx.now() })
}

const pageSize = 500

/** An account's sessions through all doors, ended ones too, newest first, read in pages as they are asked for. */
export async function* sessionsOf(ctx: RealmContext, account: AccountRow): AsyncGenerator<SessionRow> {
  let last: SessionRow | undefined
  while (true) {
    const page = await ctx.store.sessions.listBehind(account.id, last, pageSize)
    yield* page
    last = page.at(-1)
    if (!last || page.length < pageSize) return
  }
}

/** The session that an account has opened last, through whichever door, whether it has ended or not. */
export async function newestSession(ctx: RealmContext, account: AccountRow): Promise<SessionRow | undefined> {
  const [newest] = await ctx.store.sessions.listBehind(account.id, undefined, 1)
  return newest
}

/** Ends one session of the account on an operator's word. Returns `false` when it has no such session that is live. */
export function endSessionOf(ctx: AnyContext, account: AccountRow, sessionId: string): Promise<boolean> {
  return transaction(stopClock(ctx), async (ctx) => {
    const session = await ctx.store.sessions.byId(sessionId)
    if (session?.account_id !== account.id || !isLive(session, ctx.now())) return false
    return endSession(ctx, session, 'ended_by_operator')
  })
}

/** Ends a session on an operator's word, whoever has it. Returns `false` when there is none that is live. */
export function endSessionByHand(ctx: AnyContext, sessionId: string): Promise<boolean> {
  return transaction(stopClock(ctx), async (ctx) => {
    const session = await ctx.store.sessions.byId(sessionId)
    if (!session || !isLive(session, ctx.now())) return false
    return endSession(ctx, session, 'ended_by_operator')
  })
}

/** Ends every session of the account, through all doors, on an operator's word. */
export function endSessionsOf(ctx: AnyContext, account: AccountRow): Promise<void> {
  return transaction(stopClock(ctx), async (ctx) => {
    await ctx.store.accounts.lock(account.id)
    await ctx.store.sessions.endAll(account.id, 'ended_by_operator', ctx.now())
    hurryTellingEnds(ctx)
    await recordEvent(ctx, 'session.ended', { accountId: account.id, detail: 'all' })
  })
}
