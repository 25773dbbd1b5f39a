import type { FastifyRequest } from 'fastify'
import type { Context, RealmContext } from '../core/context.ts'
import { AuthError } from '../core/errors.ts'
import { findLogin, type Login } from '../core/sign-in/hosted-logins.ts'
import type { MountedDialect } from '../http/dialect.ts'
import { loginCookie } from '../http/login-cookie.ts'
import { originOf } from '../http/origin.ts'
import { readBase64url } from '../lib/base64url.ts'

/** The contexts of all dialects, by their names. */
export type ContextsByDialect = ReadonlyMap<string, MountedDialect['ctx']>

/** A browser in the middle of a login. */
export interface Visit {
  login: Login
  /** At the door of the login, from its client. */
  ctx: Context
  /** What every form of this login carries: no other site can know it (OWASP, HMAC-based CSRF token). */
  formKey: string
  /** Whether a form was made for this login. */
  owns(formKey: string): boolean
}

/** The login that the browser has begun. Throws `challenge_invalid` when it has none, or none any more. */
export async function readVisit(
  ctx: RealmContext,
  contextsByDialect: ContextsByDialect,
  request: FastifyRequest,
): Promise<Visit> {
  const visit = await findVisit(ctx, contextsByDialect, request)
  if (!visit) throw new AuthError('challenge_invalid')
  return visit
}

/** The login that the browser has begun; `undefined` when it has none, or none any more. */
export async function findVisit(
  ctx: RealmContext,
  contextsByDialect: ContextsByDialect,
  request: FastifyRequest,
): Promise<Visit | undefined> {
  const secret = loginCookie.read(request)
  const login = await findLogin(ctx, secret)
  const door = login && contextsByDialect.get(login.dialect)
  if (!login || !door || secret === undefined) return undefined
  return {
    login,
    ctx: { ...door, client: login.client, origin: originOf(request) },
    ...formsOf(ctx, secret),
  }
}

/** What tells the forms that were made for a browser from all others: it keeps the secret in a cookie. */
export function formsOf({ secrets }: RealmContext, secret: string): Pick<Visit, 'formKey' | 'owns'> {
  return {
    formKey: secrets.mac('form', secret).toString('base64url'),
    owns: (formKey) => {
      const mac = readBase64url(formKey)
      return mac !== undefined && secrets.verifyMac('form', secret, mac) !== undefined
    },
  }
}

/**
 * Where the forms of a login end, as a source for `form-action`: browsers hold the redirects that follow a form
 * against it. That policy has no way to write an IPv6 address, so there it is the scheme.
 */
export function formTargetOf({ redirectUri }: Login): string {
  const { origin, protocol, hostname } = new URL(redirectUri)
  return origin === 'null' || hostname.startsWith('[') ? protocol : origin
}
