import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { AnyContext, RealmContext } from '../core/context.ts'
import { isRefusal, type PasswordRule } from '../core/errors.ts'
import { strictPolicy } from '../core/passwords/policy.ts'
import { ownerOfReset, resetPassword } from '../core/recovery/by-mail.ts'
import { findTicket } from '../core/recovery/tickets.ts'
import type { Pages } from '../http/dialect.ts'
import type { App } from '../http/types.ts'
import type { ContextsByDialect } from './login.ts'
import { atPage, TokenQuery } from './mailed-link.ts'
import { type SendPage, type Texts, textsFor } from './render.ts'

const ResetForm = z.object({ token: z.string().catch(''), password: z.string().catch('') })

const problems: Record<PasswordRule, keyof Texts> = {
  too_short: 'passwordTooShort',
  too_long: 'passwordUnusable',
  malformed: 'passwordUnusable',
  too_common: 'passwordTooCommon',
  too_personal: 'passwordTooPersonal',
}

export interface HostedPagesOptions extends Pages {
  contextsByDialect: ContextsByDialect
  stylesheet: string
  sendPage: SendPage
}

/**
 * The pages that mails lead to when an app has none of its own. Opening one changes nothing, as mail scanners open
 * every link; its form does.
 */
export async function hostedPages(
  app: App,
  ctx: RealmContext,
  { contextsByDialect, stylesheet, sendPage, sendFailure }: HostedPagesOptions,
): Promise<void> {
  /** The rule for passwords is that of the door at which the link was asked for, made strict. */
  const atReset = async (request: FastifyRequest, token: string): Promise<AnyContext> => {
    const ticket = await findTicket(ctx, 'reset-password', token)
    const { realm } = contextsByDialect.get(ticket?.dialect ?? '') ?? ctx
    const password = realm.strictPasswords === 'off' ? realm.password : strictPolicy(realm.password)
    return { ...atPage(ctx, request), realm: { ...realm, password } }
  }

  /** By the name that signs in, password managers know whose password it is. Throws as `ownerOfReset` does. */
  const viewOf = async (atDoor: AnyContext, token: string) => {
    const { email, username, phone } = await ownerOfReset(atDoor, { token })
    return { token, username: email ?? username ?? phone, minLength: atDoor.realm.password.minLength }
  }

  await app.register(async (scope: App) => {
    scope.setErrorHandler(sendFailure)
    scope.get('/ui/style.css', async (_request, reply) =>
      reply.header('cache-control', 'public, max-age=3600').type('text/css; charset=utf-8').send(stylesheet),
    )

    scope.get('/ui/reset-password', { schema: { querystring: TokenQuery } }, async (request, reply) => {
      const { token } = request.query
      const atDoor = await atReset(request, token)
      return sendPage(request, reply, 200, 'reset-password', await viewOf(atDoor, token))
    })

    scope.post('/ui/reset-password', { schema: { body: ResetForm } }, async (request, reply) => {
      const { token, password } = request.body
      const atDoor = await atReset(request, token)
      try {
        await resetPassword(atDoor, { token, password })
      } catch (error) {
        if (!isRefusal(error, 'password_rejected')) throw error
        const rule = error.details.issues?.[0]?.rule ?? 'malformed'
        const problem = textsFor(request)[problems[rule]]
        const view = await viewOf(atDoor, token)
        return sendPage(request, reply, 400, 'reset-password', { ...view, problem })
      }
      return sendPage(request, reply, 200, 'reset-password-done')
    })
  })
}
