import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { AnyContext } from '../core/context.ts'
import { isRefusal } from '../core/errors.ts'
import { ownerOfReset, resetPassword } from '../core/recovery/by-mail.ts'
import { findTicket } from '../core/recovery/tickets.ts'
import type { App } from '../http/types.ts'
import { type PageParts, withPageRules } from './login.ts'
import { atPage, TokenQuery } from './mailed-link.ts'
import { type FormView, passwordProblem, sendForm } from './problems.ts'

const ResetForm = z.object({ token: z.string().catch(''), password: z.string().catch('') })

/**
 * The pages that mails lead to when an app has none of its own. Opening one changes nothing, as mail scanners open
 * every link; its form does.
 */
export function hostedPages(app: App, { ctx, contextsByDialect, sendPage }: PageParts): void {
  /** The rule for passwords is that of the door at which the link was asked for, made strict. */
  const atReset = async (request: FastifyRequest, token: string): Promise<AnyContext> => {
    const ticket = await findTicket(ctx, 'reset-password', token)
    const { realm } = withPageRules(contextsByDialect.get(ticket?.dialect ?? '') ?? ctx)
    return { ...atPage(ctx, request), realm }
  }

  /** Has the name that signs in, so that password managers know whose password it is. Throws as `ownerOfReset` does. */
  const show = async (view: FormView, atDoor: AnyContext, token: string) => {
    const { email, username, phone } = await ownerOfReset(atDoor, { token })
    const { minLength } = atDoor.realm.password
    return sendForm(sendPage, view, 'reset-password', {
      token,
      username: email ?? username ?? phone,
      minLength,
    })
  }

  app.get('/ui/reset-password', { schema: { querystring: TokenQuery } }, async (request, reply) => {
    const { token } = request.query
    return show({ request, reply }, await atReset(request, token), token)
  })

  app.post('/ui/reset-password', { schema: { body: ResetForm } }, async (request, reply) => {
    const { token, password } = request.body
    const atDoor = await atReset(request, token)
    try {
      await resetPassword(atDoor, { token, password })
    } catch (error) {
      if (!isRefusal(error, 'password_rejected')) throw error
      return show({ request, reply, problem: passwordProblem(error) }, atDoor, token)
    }
    return sendPage(request, reply, 200, 'reset-password-done')
  })
}
