import type { AccountRow, SessionRow } from '../../store/schema.ts'
import { recordEvent } from '../audit/audit.ts'
import { type Context, type RealmContext, stopClock, transaction } from '../context.ts'
import { AuthError } from '../errors.ts'
import { permitApp } from '../hooks/before-sign-in.ts'
import type { Permit } from '../hooks/permit.ts'
import { accountDoor } from '../self-service/account-door.ts'
import { type Caller, createSession, endSession } from '../sessions/sessions.ts'
import type { OpenidSessionFacts } from './session-facts.ts'
import { openidSettingsOf } from './settings.ts'

/** What an app is given a session for. */
export interface AppAuthorization {
  accountId: string
  grantId: string
  facts: OpenidSessionFacts
  /** The session of the browser that it was authorized in; none, where that was another browser. */
  browserSessionId?: string
  /** Whether it goes on when the browser is signed out (`offline_access`, OpenID Connect Core §11). */
  isOffline: boolean
  /** Whether the app gets a refresh token. */
  isRefreshable: boolean
}

/**
 * Opens the session of an app, at its door, on which every token of the authorization hangs. Throws `access_invalid` when
 * the account or the session of the browser has ended meanwhile, and what a hook refuses with.
 */
export async function openAppSession(ctx: Context, authorization: AppAuthorization): Promise<SessionRow> {
  const permit = await permitSession(ctx, authorization)
  return transaction(stopClock(ctx), async (ctx) => {
    const account = await ctx.store.accounts.lock(authorization.accountId)
    if (account?.disabled_at !== null) throw new AuthError('access_invalid')
    const browser = await findBrowser(ctx, authorization)
    const session = await createSession(...atBrowser(ctx, account, { ...authorization, permit }, browser))
    await recordEvent(ctx, 'sign_in', { accountId: account.id, sessionId: session.id, detail: 'openid' })
    return session
  })
}

async function permitSession(ctx: Context, { accountId, browserSessionId, facts }: AppAuthorization) {
  const account = await ctx.store.accounts.byId(accountId)
  if (account?.disabled_at !== null) throw new AuthError('access_invalid')
  const browser = browserSessionId === undefined ? undefined : await ctx.store.sessions.byId(browserSessionId)
  return permitApp(ctx, account, { methods: facts.amr, browser })
}

async function findBrowser(
  ctx: Context,
  { browserSessionId, accountId, isOffline }: AppAuthorization,
): Promise<SessionRow | undefined> {
  if (browserSessionId === undefined) return undefined
  const { sessions } = ctx.store
  const { dialect } = accountDoor
  const session = isOffline
    ? await sessions.byId(browserSessionId)
    : await sessions.holdLive(browserSessionId, dialect, ctx.now())
  if (session?.account_id === accountId && session.dialect === dialect) return session
  throw new AuthError('access_invalid')
}

/** What is shown of the session is the person's browser, not the server of the app that fetches its tokens. */
function atBrowser(
  ctx: Context,
  account: AccountRow,
  { grantId, facts, isOffline, isRefreshable, permit }: AppAuthorization & { permit: Permit },
  browser: SessionRow | undefined,
): Parameters<typeof createSession> {
  const end = browser && !isOffline ? browser.absolute_expires_at : undefined
  const isTold = openidSettingsOf(ctx.client).backchannelLogoutUri !== undefined
  return [
    ctx,
    account.id,
    { first: 'browser_session', permit },
    {
      parent_id: browser && !isOffline ? browser.id : null,
      grant_id: grantId,
      openid: JSON.stringify(facts),
      tell_end: isTold ? 1 : null,
      methods: JSON.stringify(facts.amr ?? []),
      ...(browser && {
        second_factor_at: browser.second_factor_at,
        user_agent: browser.user_agent,
        device: browser.device,
        ip: browser.ip,
      }),
      ...lifetimeOf(ctx, end, isRefreshable),
    },
  ]
}

/** A session without a refresh token is not used again by its app: it lasts as long as it may. */
function lifetimeOf({ door, now }: Context, end: number | undefined, isRefreshable: boolean) {
  const absoluteExpiresAt = Math.min(end ?? Number.POSITIVE_INFINITY, now() + door.absoluteLifetime * 1000)
  const idleExpiresAt = now() + door.idleLifetime * 1000
  return {
    absolute_expires_at: absoluteExpiresAt,
    idle_expires_at: isRefreshable ? Math.min(idleExpiresAt, absoluteExpiresAt) : absoluteExpiresAt,
  }
}

/** Ends what an app has in a browser: the sessions that hang on the browser's. */
export async function signOutApp(ctx: RealmContext, { session }: Caller, clientId: string): Promise<void> {
  for (const own of await ctx.store.sessions.liveBelow(session.id))
    if (own.client_id === clientId) await endSession(ctx, own, 'signed_out')
}
