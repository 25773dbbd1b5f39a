import type { FastifyRequest } from 'fastify'
import type { Context } from '../../core/context.ts'
import { accountDoor } from '../../core/self-service/account-door.ts'
import { findBrowserSession } from '../../core/self-service/browser-sessions.ts'
import { hasRecentProof } from '../../core/self-service/recent-proof.ts'
import type { Caller } from '../../core/sessions/sessions.ts'
import { originOf, readLanguage } from '../../http/origin.ts'
import { sessionCookie } from '../../http/session-cookie.ts'
import type { App } from '../../http/types.ts'
import type { AccountRow } from '../../store/schema.ts'
import { sendFailure } from '../failure.ts'
import { type FormKeys, formsOf } from '../forms.ts'
import { onceMore } from '../next-step.ts'
import type { PageParts } from '../page-parts.ts'
import { textsFor } from '../texts.ts'

/** Somebody at their account page. */
export interface Person extends FormKeys {
  /** At the account door. */
  ctx: Context
  caller: Caller
}

/** What an account is called where somebody is told which one is meant. */
export function nameOf({ email, username, phone }: AccountRow): string | undefined {
  return email ?? username ?? phone ?? undefined
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Who is signed in to the browser; on account pages alone. */
    person: Person
  }
  interface FastifyContextConfig {
    /** The person must have shown within the last ten minutes who they are. */
    needsProof?: boolean
    /** The page that the form of this route is on, to come back to when the form cannot be taken. */
    page?: string
  }
}

/** The context of a request at the account door. */
export function atAccount({ contextsByDialect }: PageParts, request: FastifyRequest): Context {
  const door = contextsByDialect.get(accountDoor.dialect)
  if (!door) throw new Error('nobody signs in to browsers of the realm')
  return { ...door, origin: originOf(request) }
}

/**
 * Who is signed in to the browser that sends a request; `undefined` for nobody, and for everybody where the realm has
 * neither account page nor OpenID Connect, as nobody could sign out there.
 */
export async function findPerson(parts: PageParts, request: FastifyRequest): Promise<Person | undefined> {
  if (!parts.contextsByDialect.has(accountDoor.dialect)) return undefined
  const token = sessionCookie.read(request)
  const ctx = atAccount(parts, request)
  const caller = await findBrowserSession(ctx, token)
  return caller && token !== undefined ? { ctx, caller, ...formsOf(ctx, token) } : undefined
}

/**
 * Opens the routes of a scope to whoever is signed in to the browser, and to the forms that were made for it. Everybody
 * else is led to the sign-in, and where a route `needsProof` to the page that asks for one; each comes back to the page,
 * not into what the form does.
 */
export function forSignedIn(scope: App, parts: PageParts): void {
  scope.addHook('onRequest', async (request, reply) => {
    const person = await findPerson(parts, request)
    if (!person) return reply.redirect(`/ui/account/sign-in?next=${encodeURIComponent(pageOf(request))}`, 303)
    request.person = person
    request.accountLanguage = readLanguage(person.caller.account.language)
  })

  // Before the schema of the route, which knows nothing of the key.
  scope.addHook('preValidation', async (request, reply) => {
    const { person } = request
    if (request.method === 'POST' && !person.owns(formKeyOf(request))) {
      const text = textsFor(request).formStale
      return sendFailure(parts.sendPage, request, reply, { status: 403, text, next: onceMore(request) })
    }
    const { needsProof } = request.routeOptions.config
    if (needsProof && !hasRecentProof(person.ctx, person.caller))
      return reply.redirect(`/ui/account/prove?next=${encodeURIComponent(pageOf(request))}`, 303)
  })
}

function formKeyOf({ body }: FastifyRequest): string {
  const form = (body as { form?: unknown } | undefined)?.form
  return typeof form === 'string' ? form : ''
}

function pageOf({ method, url, routeOptions }: FastifyRequest): string {
  return method === 'POST' ? (routeOptions.config.page ?? '/ui/account') : readNext(url)
}

/** In characters: an address that is longer is none that a page of ours leads to, and browsers are sent it in a header. */
const maxNextLength = 2048

/** A path below the account page of at most 2,048 characters, for a browser to be sent to; the account page itself for anything else. */
export function readNext(next: string | undefined): string {
  const isOurs = next !== undefined && next.length <= maxNextLength
  return isOurs && /^\/ui\/account(?:\/[\w/-]*)?(?:\?[\w=&%.-]*)?$/.test(next) ? next : '/ui/account'
}
