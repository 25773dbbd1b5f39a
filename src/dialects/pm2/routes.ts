import { isEmailValidAt, noteLinkOpened, requestActivation } from '../../core/accounts/verification.ts'
import { findClient } from '../../core/clients/clients.ts'
import { isRefusal } from '../../core/errors.ts'
import { clientOfMail } from '../../core/mailed-sign-in/find.ts'
import {
  requestPasswordReset,
  requestPasswordResetOpenly,
  resetPassword,
} from '../../core/recovery/by-mail.ts'
import { refresh, refuseRefresh } from '../../core/sessions/refresh.ts'
import { revoke } from '../../core/sessions/sign-out.ts'
import { bearerToken, requireCaller } from '../../http/bearer.ts'
import type { Pages } from '../../http/dialect.ts'
import type { App } from '../../http/types.ts'
import { authorizeRoutes } from './authorize.ts'
import { atClient, atTokenClient, frontEndOf } from './clients.ts'
import * as fields from './fields.ts'
import type { Settings } from './manifest.ts'
import { presentTokens, presentUser } from './present.ts'
import { refusals, refuse } from './refusals.ts'
import { registerRoutes, validationLink } from './register.ts'

const base = '/api/oauth'

/** contracts/pm2.md */
export function routes(app: App, settings: Settings, pages: Pages): void {
  tokenRoutes(app)
  registerRoutes(app, `${base}/register`, settings)
  authorizeRoutes(app, base, pages)
  validationRoutes(app)
  recoveryRoutes(app, settings)

  app.register(async (scope: App) => {
    scope.addHook('onRequest', async (request) => {
      request.ctx = await atTokenClient(request.ctx, bearerToken(request))
    })
    scope.post(`${base}/revoke`, { schema: { body: fields.Revocation } }, async (request) => {
      const { ctx, body } = request
      const { client_id: id, refresh_token: refresh } = body
      const client = id === undefined ? ctx.client : findClient(ctx, ctx.door.dialect, id)
      await revoke(ctx, { access: bearerToken(request), refresh, client })
      return { msg: 'The token has been revoked.' }
    })
    scope.register(async (scope: App) => {
      requireCaller(scope)
      callerRoutes(scope)
    })
  })
}

function tokenRoutes(app: App): void {
  app.post(`${base}/token`, { schema: { body: fields.Token } }, async (request, reply) => {
    const { client_id, refresh_token, grant_type = 'refresh_token' } = request.body
    if (grant_type !== 'refresh_token') return refuse(reply, refusals.grantUnsupported)
    const ctx = atClient(request.ctx, client_id)
    const { tokens } = ctx ? await refresh(ctx, refresh_token) : await refuseRefresh(request.ctx)
    return presentTokens(tokens)
  })
}

function callerRoutes(app: App): void {
  app.post(`${base}/send_email_link`, async ({ ctx, caller: { account } }) => {
    const { email } = account
    if (email === null || isEmailValidAt(account, ctx.door.dialect))
      return { msg: 'There is nothing left to validate.' }
    await requestActivation(ctx, { email, link: validationLink(ctx), brand: ctx.client.brand })
    return { msg: 'The mail has been sent.' }
  })

  // Buckets are no concern of ours, but a client counts itself signed in by asking for them.
  app.get('/api/bucket', async () => [])
  app.get('/api/users/isLogged', async ({ caller }) => presentUser(caller.account))
}

function validationRoutes(app: App): void {
  app.get(
    `${base}/valid_email/:token`,
    { schema: { params: fields.TokenPath } },
    async ({ ctx, params }, reply) => {
      const { token } = params
      try {
        await noteLinkOpened(ctx, token)
      } catch (error) {
        if (isRefusal(error, 'ticket_invalid')) return refuse(reply, refusals.linkInvalid)
        throw error
      }
      const client = (await clientOfMail(ctx, 'sign_up', token)) ?? ctx.client
      return reply.redirect(frontEndOf(client, ctx.publicUrl), 301)
    },
  )
}

function recoveryRoutes(app: App, { enumeration = 'documented' }: Settings): void {
  app.post(`${base}/reset_password`, { schema: { body: fields.Email } }, async ({ ctx, body }, reply) => {
    const link = `${ctx.publicUrl}${base}/reset_password/{token}`
    const request = enumeration === 'hidden' ? requestPasswordReset : requestPasswordResetOpenly
    const id = await request(ctx, { email: body.email, link, brand: ctx.client.brand })
    if (id === undefined) return refuse(reply, refusals.emailUnknown)
    return { msg: 'The mail has been sent.' }
  })

  const resetPath = `${base}/reset_password/:token`
  app.get(resetPath, { schema: { params: fields.TokenPath } }, async ({ params }, reply) =>
    reply.redirect(`/ui/reset-password?token=${encodeURIComponent(params.token)}`),
  )

  app.post(
    resetPath,
    { schema: { params: fields.TokenPath, body: fields.NewPassword } },
    async ({ ctx, params: { token }, body: { password } }) => {
      // The link does not say which client had it sent, and needs not.
      const client = (await clientOfMail(ctx, 'recovery', token)) ?? ctx.client
      await resetPassword({ ...ctx, client }, { token, password })
      return { msg: 'The password has been set.' }
    },
  )
}
