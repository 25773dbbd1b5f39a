import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Context } from '../core/context.ts'
import { type BrowserSignIn, signInBrowser } from '../core/self-service/browser-sign-in.ts'
import { loginCookies } from '../http/login-cookie.ts'
import { sessionCookie } from '../http/session-cookie.ts'
import { findPerson } from './account/person.ts'
import type { PageParts } from './page-parts.ts'

/**
 * Signs a browser in that comes back from a login with its one-time code, to the path that the login is to be finished at.
 * `ctx` is at the login's door. Throws as `signInBrowser` does.
 */
export async function completeBrowserSignIn(
  parts: PageParts,
  ctx: Context,
  { request, reply, code }: { request: FastifyRequest; reply: FastifyReply; code: string },
  completionPath: string,
): Promise<BrowserSignIn> {
  const person = await findPerson(parts, request)
  const kept = loginCookies.read(request)
  const signedIn = await signInBrowser(ctx, { kept, code, before: person?.caller, completionPath })
  loginCookies.drop(reply, signedIn.login.id)
  sessionCookie.keep(reply, signedIn.secret)
  return signedIn
}
