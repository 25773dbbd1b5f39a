import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Context } from '../../core/context.ts'
import { AuthError } from '../../core/errors.ts'
import { limits } from '../../core/limits/limits.ts'
import { OperatorError } from '../../core/operators/operator-error.ts'
import { findOperatorCaller } from '../../core/operators/operators.ts'
import { hasRecentProof } from '../../core/self-service/recent-proof.ts'
import { originOf, readLanguage } from '../../http/origin.ts'
import { isFromAnotherSite } from '../../http/other-sites.ts'
import type { App } from '../../http/types.ts'
import { formsOf } from '../../pages/forms.ts'
import { askerOf, deskFor } from '../desk.ts'
import type { ConsoleParts } from './console-parts.ts'
import { operatorCookie } from './cookies.ts'
import { isPart, sendFailure } from './failures.ts'
import { textsFor } from './texts.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The operator must have shown within the last ten minutes who they are. */
    needsOperatorProof?: boolean
    /** The page asks for itself again, now and then: that is nobody's use of the session. */
    isPolled?: boolean
  }
}

/** The context of a request to the console, in the realm of the operators. */
export function atConsole({ ctx }: Pick<ConsoleParts, 'ctx'>, request: FastifyRequest): Context {
  return { ...ctx, origin: originOf(request) }
}

/** Refuses what a page of another site or host posts to the console, as the browser says, and who asks too often. */
export function guardConsole(scope: App, { ctx, sendPage }: ConsoleParts): void {
  scope.addHook('onRequest', async (request, reply) => {
    if (request.method !== 'GET' && isFromAnotherSite(request))
      return sendFailure(sendPage, request, reply, { status: 403, text: textsFor(request).failureOtherSite })
    if (!request.url.startsWith('/admin/assets/'))
      await ctx.limiter.consume(limits.adminPerIp, request.clientAddress)
  })
}

/**
 * Opens the routes of a scope to operators who are signed in, and to the forms that were made for their browser. Everybody
 * else is led to the sign-in, as a whole page where htmx asks; and where a route needs a proof, to the page that asks
 * for one. Each comes back to the page, not into what the form does.
 */
export function forOperators(scope: App, parts: ConsoleParts): void {
  scope.addHook('onRequest', async (request, reply) => {
    const ctx = atConsole(parts, request)
    const token = operatorCookie.read(request)
    const isUse = !(request.routeOptions.config.isPolled && isPart(request))
    const caller = await findOperatorCaller(ctx, token, { isUse })
    if (!caller || token === undefined) return leadTo('/admin/sign-in', request, reply)
    const asker = askerOf(caller.operator, hasRecentProof(ctx, caller))
    const realms = [...parts.means.realms.keys()].filter((name) => asker.may('accounts.read', name))
    const params = request.params as Record<string, string>
    // Nothing is called so, and PostgreSQL fails on it.
    if (Object.values(params).some((param) => param.includes('\0'))) throw new OperatorError('not_found')
    const { realm } = params
    // Before it is said whether there is such a realm.
    if (realm !== undefined && !asker.may('accounts.read', realm)) throw new OperatorError('not_allowed')
    request.accountLanguage = readLanguage(caller.account.language)
    request.visit = {
      ctx,
      caller,
      desk: deskFor(parts.means, asker, ctx.origin, realm),
      realm: realm ?? realms[0],
      ...formsOf(ctx, token),
    }
  })

  // Before the schema of the route, which knows nothing of the key.
  scope.addHook('preValidation', async (request, reply) => {
    const { visit } = request
    if (request.method !== 'GET' && !visit.owns(formKeyOf(request)))
      return sendFailure(parts.sendPage, request, reply, { status: 403, text: textsFor(request).formStale })
    if (request.routeOptions.config.needsOperatorProof && !visit.desk.asker.isProven)
      return leadTo('/admin/prove', request, reply)
  })
}

/** Leads a browser to a page of ours from where it comes back; htmx would put that page into the one that is open. */
function leadTo(path: string, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const to = `${path}?next=${encodeURIComponent(pageOf(request))}`
  return isPart(request) ? reply.code(401).header('hx-redirect', to).send() : reply.redirect(to, 303)
}

function formKeyOf({ body }: FastifyRequest): string {
  const form = (body as { form?: unknown } | undefined)?.form
  return typeof form === 'string' ? form : ''
}

/** The page that a request is for, or that its form is on. */
function pageOf({ method, url, routeOptions, headers }: FastifyRequest): string {
  if (method === 'GET') return readNext(url)
  const { page } = routeOptions.config
  if (page !== undefined) return page
  return readNext(headers['hx-current-url'] === undefined ? url : undefined)
}

/** A path of the console of at most 2,048 characters, for a browser to be sent to; its first page for anything else. */
export function readNext(next: string | undefined): string {
  const isOurs = next !== undefined && next.length <= 2048
  const isPage = isOurs && /^\/admin(?:\/[\w/.:-]*)?(?:\?[\w=&%.:+-]*)?$/.test(next)
  // A browser takes away what dots lead out of.
  return isPage && !/\/(?:\/|\.{1,2}(?:[/?]|$))/.test(next) ? next : '/admin'
}

/** Throws `route_not_found` for whoever is not at this machine or at one of the addresses that may come. */
export function refuseElsewhere(isAllowed: (request: FastifyRequest) => boolean, scope: App): void {
  scope.addHook('onRequest', async (request) => {
    if (!isAllowed(request)) throw new AuthError('route_not_found')
  })
}
