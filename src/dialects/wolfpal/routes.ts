import { z } from 'zod'
import { confirmSignUp } from '../../core/accounts/confirmation.ts'
import { signUpSilently } from '../../core/accounts/sign-up.ts'
import { requestActivation } from '../../core/accounts/verification.ts'
import { AuthError } from '../../core/errors.ts'
import { requestPasswordReset, resetPassword } from '../../core/recovery/by-mail.ts'
import { refresh } from '../../core/sessions/refresh.ts'
import { deleteSession, listSessions, signOutEverywhere } from '../../core/sessions/sessions.ts'
import { signOut } from '../../core/sessions/sign-out.ts'
import { answerChallenge, signIn } from '../../core/sign-in/sign-in.ts'
import { bearerToken, requireCaller } from '../../http/bearer.ts'
import { isUuid } from '../../http/fields.ts'
import type { App } from '../../http/types.ts'
import { accountRoutes } from './account-routes.ts'
import * as fields from './fields.ts'
import { activationLink, resetLink } from './links.ts'
import { presentSession, presentTokens } from './present.ts'

const TokenPath = z.object({ token: z.string() })
const SessionPath = z.object({ id: z.string() })

/** contracts/wolfpal.md */
export function routes(app: App): void {
  for (const base of ['', '/api']) {
    signUpRoutes(app, base)
    signInRoutes(app, `${base}/auth`)
    recoveryRoutes(app, `${base}/user`)
    app.register(async (scope: App) => {
      requireCaller(scope)
      accountRoutes(scope, `${base}/account`)
      sessionRoutes(scope, `${base}/sessions`)
      // Where they were before, and where the original's front end still looks for them.
      sessionRoutes(scope, `${base}/account/sessions`)
    })
  }
}

function signUpRoutes(app: App, base: string): void {
  app.post(`${base}/auth/register`, { schema: { body: fields.Register } }, async (request, reply) => {
    const { ctx, body } = request
    await signUpSilently(ctx, { ...body, verificationLink: activationLink(ctx) })
    return reply.code(201).send({
      code: 'PENDING_CONFIRMATION',
      error: 'Please confirm your email address to complete the registration.',
    })
  })

  app.put(
    `${base}/user/activate-account/:token`,
    { schema: { params: TokenPath } },
    async ({ ctx, params }) => {
      await confirmSignUp(ctx, params.token)
      const message = `Good job! Your account is now activated and you can start using ${ctx.client.brand.name}.`
      return { code: 'ACTIVATED', message }
    },
  )

  app.post(
    `${base}/user/activate-account/resend`,
    { schema: { body: fields.Email } },
    async ({ ctx, body }) => {
      const { email } = body
      await requestActivation(ctx, { email, link: activationLink(ctx), brand: ctx.client.brand })
      return {
        code: 'PENDING_CONFIRMATION',
        message: 'Please check your email address to complete the registration.',
      }
    },
  )
}

function signInRoutes(app: App, base: string): void {
  app.post(`${base}/login`, { schema: { body: fields.Login } }, async ({ ctx, body }) => {
    const result = await signIn(ctx, body)
    if (result.isComplete) return { ...presentTokens(result.tokens), twoFactor: false }
    return {
      code: 'TWO_FACTOR_REQUIRED',
      error: 'Two Factor is required to complete login.',
      token: result.challenge,
      twoFactor: true,
    }
  })

  app.post(`${base}/two-factor`, { schema: { body: fields.TwoFactor } }, async ({ ctx, body }) => {
    const { tokens } = await answerChallenge(ctx, { challenge: body.token, code: body.code })
    return { ...presentTokens(tokens), twoFactor: true }
  })

  app.post(`${base}/refresh`, { schema: { body: fields.Refresh } }, async ({ ctx, body }) => {
    const { tokens } = await refresh(ctx, body.refresh_token)
    return presentTokens(tokens)
  })

  app.post(`${base}/logout`, { schema: { body: fields.Logout } }, async (request) => {
    const { refresh_token } = request.body
    await signOut(request.ctx, { access: bearerToken(request), refresh: [refresh_token] })
    return { code: 'LOGGED_OUT', error: 'You are now logged out.' }
  })
}

function recoveryRoutes(app: App, base: string): void {
  app.post(`${base}/forgot-password`, { schema: { body: fields.Email } }, async ({ ctx, body }) => {
    const { email } = body
    await requestPasswordReset(ctx, { email, link: resetLink(ctx), brand: ctx.client.brand })
    const instructions = 'with further instructions on how to reset your password'
    return {
      code: 'PENDING_CONFIRMATION',
      error: `An Email has been sent to ${email} ${instructions}. Please check your email account.`,
    }
  })

  app.post(
    `${base}/reset-password/:token`,
    { schema: { params: TokenPath, body: fields.NewPassword } },
    async ({ ctx, params, body }) => {
      await resetPassword(ctx, { token: params.token, password: body.password })
      return {
        code: 'UPDATED',
        error: 'Your password has been updated. Please try logging in with your new password.',
      }
    },
  )
}

function sessionRoutes(app: App, base: string): void {
  app.get(base, async (request) => {
    const { ctx, caller } = request
    const { sessions, total } = await listSessions(ctx, caller)
    const ownToken = (id: string) => (id === caller.session.id ? bearerToken(request) : undefined)
    return { sessions: sessions.map((session) => presentSession(session, ownToken(session.id))), total }
  })

  app.delete(base, async ({ ctx, caller }) => {
    await signOutEverywhere(ctx, caller)
    return { code: 'ALL_SESSIONS_REVOKED', error: 'All Sessions has been revoked.' }
  })

  app.delete(`${base}/:id`, { schema: { params: SessionPath } }, async ({ ctx, caller, params: { id } }) => {
    if (!isUuid(id)) throw new AuthError('session_not_found')
    await deleteSession(ctx, caller, id.toLowerCase())
    return { code: 'SESSION_REVOKED', error: 'Session has been revoked.' }
  })
}
