import type { Provider } from 'oidc-provider'
import { limits } from '../core/limits/limits.ts'
import { signOutApp } from '../core/openid/app-sessions.ts'
import { findArtifact, putArtifact } from '../core/openid/artifacts.ts'
import { accountDoor, atAccountDoor } from '../core/self-service/account-door.ts'
import { endBrowserSession } from '../core/self-service/browser-sessions.ts'
import type { Caller } from '../core/sessions/sessions.ts'
import { cookieValues, withCookie } from '../http/cookies.ts'
import { sessionCookie } from '../http/session-cookie.ts'
import { signedIn } from './adapters/sessions.ts'
import { paths } from './paths.ts'
import type { Middleware, Protocol } from './protocol.ts'
import { type ProtocolRequest, requestOf } from './requests.ts'

/** Where the library asks who is signed in; of a logout it asks only those of whom it knows. */
const beginnings = new Set<string | undefined>([
  paths.authorization,
  paths.code_verification,
  paths.end_session,
])

/** Keeps the library's session of a browser beside ours: begun with the first authorization, ended with a logout. */
export function besideOurs(protocol: Protocol, provider: Provider): Middleware {
  return async (ctx, next) => {
    const request = requestOf(ctx.req)
    // As the route has it: a slash may follow the path.
    const path = request?.request.routeOptions.url
    if (request && beginnings.has(path)) await begin(protocol, provider, request)
    if (
      request &&
      isAnswerOfDevicePage(ctx.method, path) &&
      !(await hasLibrarySession(protocol, provider, request))
    ) {
      ctx.redirect(paths.code_verification)
      ctx.status = 303
      return
    }
    await next()
    if (request && path === `${paths.end_session}/confirm`) await end(protocol, request, ctx as never)
  }
}

/** What follows a page for the code of a device: whose session is over begins there again, where the library would fail. */
function isAnswerOfDevicePage(method: string, path: string | undefined): boolean {
  return path === (method === 'POST' ? paths.code_verification : `${paths.code_verification}/:uid`)
}

async function hasLibrarySession(
  { ctx }: Protocol,
  provider: Provider,
  { request, browser }: ProtocolRequest,
): Promise<boolean> {
  const [known] = cookieValues(request, provider.cookieName('session'))
  const found = known === undefined ? undefined : await findArtifact(ctx, 'Session', known)
  if (!found) return false
  return found.payload.accountId === undefined || (await browser())?.session.id === found.row.session_id
}

/** Whoever is signed in to the browser, at whichever page, is known to the library too. */
async function begin(protocol: Protocol, provider: Provider, request: ProtocolRequest): Promise<void> {
  const browser = await request.browser()
  if (!browser) return
  const name = provider.cookieName('session')
  const [known] = cookieValues(request.request, name)
  const found = known === undefined ? undefined : await findArtifact(protocol.ctx, 'Session', known)
  if (found?.row.session_id === browser.session.id && found.payload.accountId !== undefined) return
  await protocol.ctx.limiter.consume(limits.authorizationsPerIp, request.origin.ip)
  const id = await createLibrarySession(protocol, browser)
  // Where the library reads it.
  request.request.raw.headers.cookie = withCookie(request.request, name, id)
}

async function createLibrarySession(protocol: Protocol, browser: Caller): Promise<string> {
  const { ctx } = protocol
  const [id, uid] = [32, 32].map((size) => ctx.randomBytes(size).toString('base64url')) as [string, string]
  const iat = Math.floor(protocol.machineNow() / 1000)
  const lifetime = accountDoor.absoluteLifetime
  await putArtifact(ctx, {
    kind: 'Session',
    value: id,
    uid,
    accountId: browser.account.id,
    sessionId: browser.session.id,
    payload: { jti: id, uid, kind: 'Session', iat, exp: iat + lifetime, ...signedIn(protocol, browser) },
    expiresAt: ctx.now() + lifetime * 1000,
  })
  return id
}

/** What of the library's request the end of a session is read from. */
interface LogoutContext {
  oidc?: { session?: { destroyed?: boolean }; client?: { clientId: string } }
  status: number
  res: { appendHeader(name: string, value: string): unknown }
}

/**
 * What the person has answered: a logout of the browser ends its session, and with it those of the apps in it; a logout of
 * the app alone ends what that app has in the browser.
 */
async function end(
  protocol: Protocol,
  request: ProtocolRequest,
  { oidc, status, res }: LogoutContext,
): Promise<void> {
  const browser = await request.browser()
  if (!browser || status !== 303) return
  if (oidc?.session?.destroyed) {
    await endBrowserSession({ ...atAccountDoor(protocol.ctx), origin: request.origin }, browser)
    res.appendHeader('set-cookie', sessionCookie.dropped)
  } else if (oidc?.client) await signOutApp(protocol.ctx, browser, oidc.client.clientId)
}
