import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Provider } from 'oidc-provider'
import type { Context, RealmContext } from '../core/context.ts'
import { AuthError } from '../core/errors.ts'
import type { App } from '../http/types.ts'
import { discoveryPaths, paths } from './paths.ts'
import { rememberRequest } from './requests.ts'

interface Mounted {
  ctx: RealmContext & Pick<Context, 'door'>
  provider(): Promise<Provider>
}

/** What the library answers, by method. */
const served = {
  GET: [
    ...discoveryPaths,
    paths.authorization,
    `${paths.authorization}/:uid`,
    paths.userinfo,
    paths.end_session,
    `${paths.end_session}/success`,
    paths.code_verification,
    `${paths.code_verification}/:uid`,
    `${paths.registration}/:clientId`,
  ],
  POST: [
    paths.token,
    paths.userinfo,
    paths.introspection,
    paths.revocation,
    paths.pushed_authorization_request,
    paths.registration,
    `${paths.end_session}/confirm`,
    paths.device_authorization,
    paths.code_verification,
  ],
  PUT: [`${paths.registration}/:clientId`],
  DELETE: [`${paths.registration}/:clientId`],
  OPTIONS: [
    ...discoveryPaths,
    paths.token,
    paths.userinfo,
    paths.introspection,
    paths.revocation,
    paths.pushed_authorization_request,
    paths.device_authorization,
  ],
} as const

/** What browsers may post from pages of apps, and what they are led to get instead: our cookies come along only then. */
const postedByApps = [paths.authorization, paths.end_session]

/** Serves OpenID Connect at the realm's own root. */
export async function mountOpenid(app: App, mounted: Mounted): Promise<void> {
  const handler = answerWith(mounted)
  for (const path of postedByApps) app.post(path, leadToGet)
  await app.register(async (scope: App) => {
    // The library reads bodies by itself.
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', (_request, _body, done) => done(null))
    scope.addHook('onRoute', (route) => {
      route.config = { ...route.config, dialect: mounted.ctx.door.dialect }
    })
    for (const [method, urls] of Object.entries(served))
      for (const url of urls)
        scope.route({
          method,
          url,
          exposeHeadRoute: isDiscovery(url),
          handler,
        })
  })
}

/** OpenID Connect Core §3.1.2.1, RP-Initiated Logout §2: both methods are to be taken. */
async function leadToGet(request: FastifyRequest, reply: FastifyReply) {
  const { body } = request
  if (typeof body !== 'object' || body === null) throw new AuthError('bad_request')
  const query = new URLSearchParams()
  // What comes more than once still does: the library says whether it may.
  for (const [name, value] of Object.entries(body))
    for (const text of [value].flat()) if (typeof text === 'string') query.append(name, text)
  return reply.redirect(`${request.routeOptions.url}?${query}`, 303)
}

/** What says how to use the server, and may be asked for without its body (RFC 9110 §9.3.2). */
function isDiscovery(url: string): boolean {
  return discoveryPaths.some((path) => path === url)
}

/** Has the library answer, at the URL that the realm is known by, with the headers that every answer has. */
function answerWith({ ctx, provider }: Mounted) {
  const callbacks = new WeakMap<Provider, ReturnType<Provider['callback']>>()
  const place = placeOf(ctx)
  return async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    rememberRequest(ctx, request)
    const built = await provider()
    const callback = callbacks.get(built) ?? built.callback()
    callbacks.set(built, callback)
    reply.hijack()
    Object.assign(request.raw.headers, place)
    for (const [name, value] of Object.entries(reply.getHeaders()))
      if (value !== undefined) reply.raw.setHeader(name, value)
    reply.raw.setHeader('content-security-policy', formPolicy)
    await callback(request.raw, reply.raw)
  }
}

/**
 * For the page that posts an answer to an app, by a script whose hash the library adds. It ends at the app, whose address is
 * compared before.
 */
const formPolicy = "default-src 'none'; script-src 'self'; base-uri 'none'; frame-ancestors 'none'"

/** The library makes URLs of where a request came in: that is the public URL of the realm, whatever is in between. */
function placeOf({ publicUrl }: RealmContext) {
  const { protocol, host } = new URL(publicUrl)
  return { host, 'x-forwarded-host': host, 'x-forwarded-proto': protocol.slice(0, -1) }
}
