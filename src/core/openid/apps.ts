import type { SessionRow } from '../../store/schema.ts'
import { recordEvent } from '../audit/audit.ts'
import type { Context } from '../context.ts'
import { asCaller, type Caller, endSession } from '../sessions/sessions.ts'
import { removeArtifact } from './artifacts.ts'
import { type Allowed, readAllowed } from './consents.ts'
import { openidDoor } from './door.ts'

/** As many as an account has of these sessions unless its realm lets it have more. */
const maxListed = 100

/** An app that comes in by OpenID Connect, as somebody has it. */
export interface PersonsApp {
  clientId: string
  /** What the person has allowed it, and when; nothing where nobody was asked. */
  consent?: { allowed: Allowed[]; at: number }
  /** Its live sessions, the one used last first. */
  sessions: SessionRow[]
}

/** The apps that the caller has allowed something, or is signed in to; those used last first. */
export async function listApps(
  ctx: Pick<Context, 'store' | 'now'>,
  { account }: Caller,
): Promise<PersonsApp[]> {
  const ofApps = { accountId: account.id, dialect: openidDoor.dialect }
  const sessions = await ctx.store.sessions.liveThrough(ofApps, maxListed, ctx.now())
  const apps = new Map<string, PersonsApp>()
  const appOf = (clientId: string) => {
    const app = apps.get(clientId) ?? { clientId, sessions: [] }
    apps.set(clientId, app)
    return app
  }
  for (const session of sessions) appOf(session.client_id).sessions.push(session)
  for (const { client_id, scopes, granted_at: at } of await ctx.store.openidConsents.listOf(account.id))
    appOf(client_id).consent = { allowed: JSON.parse(scopes).map(readAllowed), at }
  return [...apps.values()]
}

/**
 * Takes from an app everything that the caller has allowed it: its sessions end, and with them its tokens; nor does it get
 * one for a code that is on its way. Nothing happens where it has nothing. Throws `access_invalid` when the caller's own
 * session has ended meanwhile.
 */
export function withdrawApp(ctx: Context, caller: Caller, clientId: string): Promise<void> {
  const { account, session } = caller
  return asCaller(ctx, caller, async (ctx) => {
    const consent = await ctx.store.openidConsents.remove({ account_id: account.id, client_id: clientId })
    // Of all apps, as nothing says of a code whose it is but what is sealed: they last a minute.
    await ctx.store.openidArtifacts.removeOf({ account_id: account.id }, ['AuthorizationCode', 'DeviceCode'])
    await endSessionsOfApp(ctx, account.id, clientId)
    if (!consent) return
    const client = { dialect: openidDoor.dialect, id: clientId }
    const entry = { accountId: account.id, sessionId: session.id, client }
    await recordEvent({ ...ctx, door: undefined, client: undefined }, 'consent.withdrawn', entry)
  })
}

async function endSessionsOfApp(ctx: Context, accountId: string, clientId: string): Promise<void> {
  const ofApp = { accountId, dialect: openidDoor.dialect, clientId }
  while (true) {
    const sessions = await ctx.store.sessions.liveThrough(ofApp, maxListed, ctx.now())
    for (const session of sessions) {
      await endSession(ctx, session, 'consent_withdrawn')
      if (session.grant_id !== null) await removeArtifact(ctx, 'Grant', session.grant_id)
    }
    if (sessions.length < maxListed) return
  }
}
