import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { Context } from '../../core/context.ts'
import { AuthError } from '../../core/errors.ts'
import { openidDoor } from '../../core/openid/door.ts'
import { findLogin, type KeptLogin, type Login } from '../../core/sign-in/hosted-logins.ts'
import { loginCookies } from '../../http/login-cookie.ts'
import { originOf } from '../../http/origin.ts'
import { type FormKeys, formsOf } from '../forms.ts'
import type { PageParts } from '../page-parts.ts'

type Doors = Pick<PageParts, 'ctx' | 'contextsByDialect'>

/** A browser in the middle of a login. */
export interface Visit extends FormKeys {
  login: Login
  /** What the browser keeps of it. */
  kept: KeptLogin
  /** Begins the paths of its pages. */
  path: string
  /** At the door of the login, from its client. */
  ctx: Context
}

/** The login of that id. Throws `challenge_invalid` when the browser has not begun it, or it is over. */
export async function readVisit(doors: Doors, request: FastifyRequest, id: string): Promise<Visit> {
  const visit = await findVisitOf(doors, request, id)
  if (!visit) throw new AuthError('challenge_invalid')
  return visit
}

/** The login of that id; `undefined` when the browser has not begun it, or it is over. */
export function findVisitOf(doors: Doors, request: FastifyRequest, id: string): Promise<Visit | undefined> {
  return visitOf(
    doors,
    request,
    loginCookies.read(request).find((kept) => kept.id === id),
  )
}

/** The newest login that the browser has begun; `undefined` when it has none, or none any more. */
export async function findVisit(doors: Doors, request: FastifyRequest): Promise<Visit | undefined> {
  for (const kept of loginCookies.read(request)) {
    const visit = await visitOf(doors, request, kept)
    if (visit) return visit
  }
}

/** The login that a form was made for, of those that the browser has begun. */
export async function findVisitOfForm(
  doors: Doors,
  request: FastifyRequest,
  formKey: string,
): Promise<Visit | undefined> {
  const kept = loginCookies.read(request).find(({ secret }) => formsOf(doors.ctx, secret).owns(formKey))
  return visitOf(doors, request, kept)
}

async function visitOf(
  { ctx, contextsByDialect }: Doors,
  request: FastifyRequest,
  kept: KeptLogin | undefined,
): Promise<Visit | undefined> {
  const login = await findLogin(ctx, kept)
  const door = login && contextsByDialect.get(login.dialect)
  if (!login || !door || !kept) return undefined
  request.accountLanguage ??= login.language
  return {
    login,
    kept,
    path: `/ui/l/${login.id}`,
    ctx: { ...door, client: login.client, origin: originOf(request) },
    ...formsOf(ctx, kept.secret),
  }
}

/** The path of a page of a login. Pages redirect to such paths, so nothing else than an id may get into them. */
export const LoginPath = z.object({ login: z.uuid() })

/** Whether the pages of a login let people sign up. */
export function maySignUp(
  { ctx, signUpDoors }: Pick<PageParts, 'ctx' | 'signUpDoors'>,
  { dialect }: Login,
): boolean {
  return ctx.realm.signUpPage && signUpDoors.has(dialect)
}

/**
 * Where the forms of a login end, as a source for `form-action`: browsers hold the redirects that follow a form against
 * it. That policy has no way to write an IPv6 address, so there it is the scheme. An app of OpenID Connect may lead its
 * browser on to another host of its own, which nobody registers: there any page over TLS may be the end.
 */
export function formTargetOf({ redirectUri, dialect }: Pick<Login, 'redirectUri' | 'dialect'>): string {
  const { origin, protocol, hostname } = new URL(redirectUri)
  const own = origin === 'null' || hostname.startsWith('[') ? protocol : origin
  return dialect === openidDoor.dialect ? `${own} https:` : own
}
