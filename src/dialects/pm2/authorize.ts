import { readIdentifier } from '../../core/accounts/identifiers.ts'
import { redirectTarget } from '../../core/clients/clients.ts'
import { AuthError } from '../../core/errors.ts'
import {
  completeLogin,
  findLogin,
  proveLogin,
  proveLoginByChallenge,
  startLogin,
} from '../../core/sign-in/hosted-logins.ts'
import type { Pages } from '../../http/dialect.ts'
import { loginCookies } from '../../http/login-cookie.ts'
import type { App } from '../../http/types.ts'
import { atClient } from './clients.ts'
import * as fields from './fields.ts'
import { refusals, refuse } from './refusals.ts'

/** The sign-in for browsers, on our own pages, and for command-line clients, which have the person type here. */
export function authorizeRoutes(app: App, base: string, { sendFailure }: Pages): void {
  const completionPath = `${base}/authorize/done`

  app.get(
    `${base}/authorize`,
    { schema: { querystring: fields.Authorize }, errorHandler: sendFailure },
    async (request, reply) => {
      const { client_id, redirect_uri } = request.query
      const ctx = atClient(request.ctx, client_id)
      if (!ctx) throw new AuthError('redirect_not_allowed')
      const redirectUri = redirectTarget(ctx.client, redirect_uri)
      const login = await startLogin(ctx, { redirectUri, completionPath })
      loginCookies.keep(reply, login)
      return reply.redirect(`/ui/l/${login.id}/sign-in`)
    },
  )

  app.post(`${base}/login`, { schema: { body: fields.Login } }, async (request, reply) => {
    const { ctx, body } = request
    const { password, username = body.email, otp: code = body.code } = body
    const [newest] = loginCookies.read(request)
    const login = await findLogin(ctx, newest)
    if (login?.dialect !== ctx.door.dialect) throw new AuthError('challenge_invalid')
    if (username === undefined) throw missingUsername()

    const proven = await proveLogin(ctx, login, { ...readIdentifier(username), password })
    if (!proven.isComplete && code === undefined) return refuse(reply, refusals.secondFactorNeeded)
    const { path } = proven.isComplete
      ? proven
      : await proveLoginByChallenge(ctx, login, { challenge: proven.challenge, code: code ?? '' })
    return reply.header('x-redirect', path).send({ msg: 'Signed in. Go on at x-redirect.' })
  })

  app.get(
    completionPath,
    // Not for HEAD, as finishing a login uses it up.
    { schema: { querystring: fields.Completion }, errorHandler: sendFailure, exposeHeadRoute: false },
    async (request, reply) => {
      const kept = loginCookies.read(request)
      const { login, tokens } = await completeLogin(request.ctx, { kept, code: request.query.code })
      loginCookies.drop(reply, login.id)
      return reply.redirect(
        `${login.redirectUri}?access_token=${tokens.refreshToken}&token_type=refresh_token`,
      )
    },
  )
}

function missingUsername(): AuthError {
  return new AuthError('validation_failed', {
    issues: [{ field: 'username', message: 'username is required.' }],
  })
}
