import type { AccountRow, SessionRow } from '../../store/schema.ts'
import type { SessionOfAccount } from '../../store/tables/callers.ts'
import type { NewSession } from '../../store/tables/sessions/sessions.ts'
import { recordEvent } from '../audit/audit.ts'
import { type AnyContext, type Context, stopClock, transaction } from '../context.ts'
import { AuthError, isRefusal } from '../errors.ts'
import { noteSession } from '../limits/note-refusal.ts'
import { hurryTellingEnds } from '../openid/tell-ends.ts'
import { isProvenNow, methodsOf, type Proof } from './proof-of-person.ts'
import { provenByAccess } from './tokens.ts'

/** Who sends a request, proven by an access token. */
export type Caller = SessionOfAccount

const userAgentLength = 512

/**
 * Inserts a session, of which `openSession` makes a sign-in; the oldest ends when the door allows no more. `instead` takes
 * the place of what it would have.
 */
export async function createSession(
  ctx: Context,
  accountId: string,
  proof: Proof,
  instead: Partial<NewSession> = {},
): Promise<SessionRow> {
  const now = ctx.now()
  const { dialect, idleLifetime, absoluteLifetime, maxSessions } = ctx.door
  const { ip, userAgent, device } = ctx.origin
  const absoluteExpiresAt = now + absoluteLifetime * 1000
  const session = await ctx.store.sessions.create({
    id: ctx.newId(),
    account_id: accountId,
    client_id: ctx.client.id,
    dialect,
    generation: 1,
    rotated_at: now,
    created_at: now,
    last_used_at: now,
    idle_expires_at: Math.min(now + idleLifetime * 1000, absoluteExpiresAt),
    absolute_expires_at: absoluteExpiresAt,
    user_agent: userAgent?.slice(0, userAgentLength) ?? null,
    device: device ? JSON.stringify(device) : null,
    ip,
    second_factor_at: proof.second?.at ?? null,
    proven_at: isProvenNow(proof) ? now : null,
    methods: JSON.stringify(methodsOf(proof)),
    master_key_id: ctx.secrets.primaryId,
    claims: proof.permit.claims ? JSON.stringify(proof.permit.claims) : null,
    ...instead,
  })
  await ctx.store.sessions.endBeyond(session, maxSessions, now)
  return session
}

/** Who an access token belongs to. Throws `access_invalid` for one that is missing, expired or of an ended session. */
export async function authenticate(ctx: Context, token: string | undefined): Promise<Caller> {
  const claims = await provenByAccess(ctx, token)
  if (!claims || claims.expiresAt <= ctx.now())
    throw new AuthError('access_invalid', { access: token === undefined ? 'missing' : 'invalid' })
  const caller = await ctx.store.callers.live(claims.sessionId, ctx.door.dialect, ctx.now())
  if (!caller || caller.account.disabled_at !== null) {
    noteSession(ctx, { detail: 'session_ended', sessionId: claims.sessionId })
    throw new AuthError('access_invalid', { access: 'ended' })
  }
  return caller
}

/**
 * Runs `work` in a transaction that holds the account's row as it is given, so that no reset, take-over or ban comes in
 * between. Throws `access_invalid` when the caller's session has ended meanwhile.
 */
export function asCaller<T>(
  ctx: Context,
  { account, session }: Caller,
  work: (ctx: Context, account: AccountRow) => Promise<T>,
): Promise<T> {
  return transaction(stopClock(ctx), async (ctx) => {
    const locked = await ctx.store.accounts.lock(account.id)
    const live = await ctx.store.sessions.liveById(session.id, ctx.door.dialect, ctx.now())
    if (locked?.disabled_at !== null || !live) throw new AuthError('access_invalid', { access: 'ended' })
    return work(ctx, locked)
  })
}

/**
 * What a caller is allowed to change of their account, judged already and still to be written, as part of `asCaller`; what
 * it returns is the account as it is then.
 */
export type PreparedChange = (ctx: Context, account: AccountRow) => Promise<AccountRow>

/** Ends every session of the caller at this door. Throws `access_invalid` when its own has ended meanwhile. */
export function signOutEverywhere(ctx: Context, caller: Caller): Promise<void> {
  return endAtDoor(ctx, caller, { detail: 'all' })
}

/** Ends every session of the caller at this door but its own. Throws `access_invalid` when that has ended meanwhile. */
export function signOutOthers(ctx: Context, caller: Caller): Promise<void> {
  return endAtDoor(ctx, caller, { keep: caller.session.id, detail: 'others' })
}

function endAtDoor(
  ctx: Context,
  caller: Caller,
  { keep, detail }: { keep?: string; detail: string },
): Promise<void> {
  const { dialect } = ctx.door
  const [accountId, sessionId] = [caller.account.id, caller.session.id]
  return asCaller(ctx, caller, async (ctx) => {
    await ctx.store.sessions.endAllThrough({ accountId, dialect, keep }, 'signed_out', ctx.now())
    hurryTellingEnds(ctx)
    await recordEvent(ctx, 'session.ended', { accountId, sessionId, detail })
  })
}

/** The newest 100 of the caller's live sessions at this door, newest first, and how many there are in all. */
export function listSessions(
  ctx: Context,
  { account }: Caller,
): Promise<{ sessions: SessionRow[]; total: number }> {
  return ctx.store.sessions.listLive({ accountId: account.id, dialect: ctx.door.dialect, now: ctx.now() })
}

/**
 * Ends one of the caller's sessions. Throws `session_not_found`, `session_foreign` for another account's, and
 * `access_invalid` when the caller's own has ended meanwhile.
 */
export async function deleteSession(ctx: Context, caller: Caller, sessionId: string): Promise<void> {
  try {
    await asCaller(ctx, caller, (ctx) => endOwn(ctx, caller, sessionId))
  } catch (error) {
    if (isRefusal(error, 'session_foreign')) noteForeign(ctx, caller)
    throw error
  }
}

async function endOwn(ctx: Context, { account }: Caller, sessionId: string): Promise<void> {
  const session = await ctx.store.sessions.liveById(sessionId, ctx.door.dialect, ctx.now())
  if (!session) throw new AuthError('session_not_found')
  if (session.account_id !== account.id) throw new AuthError('session_foreign')
  await endSession(ctx, session, 'deleted')
}

export function noteForeign(ctx: Context, { session }: Caller): void {
  noteSession(ctx, { detail: 'session_foreign', sessionId: session.id })
}

/** Ends a session. Returns whether this call ended it. */
export async function endSession(ctx: AnyContext, session: SessionRow, why: string): Promise<boolean> {
  const { id: sessionId, account_id: accountId } = session
  const ended = await ctx.store.sessions.end(session, why, ctx.now())
  if (ended) {
    await recordEvent(ctx, 'session.ended', { accountId, sessionId, detail: why })
    hurryTellingEnds(ctx)
  }
  return ended !== undefined
}
