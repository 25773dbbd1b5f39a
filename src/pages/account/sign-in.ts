import { z } from 'zod'
import { endBrowserSession } from '../../core/self-service/browser-sessions.ts'
import { startLogin } from '../../core/sign-in/hosted-logins.ts'
import { loginCookies } from '../../http/login-cookie.ts'
import { sessionCookie } from '../../http/session-cookie.ts'
import type { App } from '../../http/types.ts'
import { completeBrowserSignIn } from '../browser-sign-in.ts'
import { optionalText, textField } from '../form-fields.ts'
import type { PageParts } from '../page-parts.ts'
import { nextAfterSignIn } from './passkey-offer.ts'
import { atAccount, readNext } from './person.ts'

const NextQuery = z.object({ next: optionalText })
const CodeQuery = z.object({ code: textField })

const completionPath = '/ui/account/signed-in'

/** How a browser comes to its session: by the hosted sign-in, as for every app. */
export function signInRoutes(app: App, parts: PageParts): void {
  app.get('/ui/account/sign-in', { schema: { querystring: NextQuery } }, async (request, reply) => {
    const ctx = atAccount(parts, request)
    const redirectUri = `${ctx.publicUrl}${readNext(request.query.next)}`
    const login = await startLogin(ctx, { redirectUri, completionPath })
    loginCookies.keep(reply, login)
    return reply.redirect(`/ui/l/${login.id}/sign-in`, 303)
  })

  app.get(
    completionPath,
    // Not for HEAD, as finishing a login uses it up.
    { schema: { querystring: CodeQuery }, exposeHeadRoute: false },
    async (request, reply) => {
      const ctx = atAccount(parts, request)
      const { code } = request.query
      const { login, ...signedIn } = await completeBrowserSignIn(
        parts,
        ctx,
        { request, reply, code },
        completionPath,
      )
      const next = login.redirectUri.slice(ctx.publicUrl.length)
      return reply.redirect(await nextAfterSignIn(ctx, request, signedIn, next), 303)
    },
  )
}

/** How a browser is signed out: whoever has its session. */
export function signOutRoutes(scope: App): void {
  scope.post('/ui/account/sign-out', async (request, reply) => {
    await endBrowserSession(request.person.ctx, request.person.caller)
    sessionCookie.drop(reply)
    return reply.redirect('/ui/signed-out', 303)
  })
}
