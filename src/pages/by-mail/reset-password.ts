import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { Client } from '../../core/clients/client.ts'
import { findClient } from '../../core/clients/clients.ts'
import type { AnyContext } from '../../core/context.ts'
import { isRefusal } from '../../core/errors.ts'
import { withPagePolicy } from '../../core/passwords/policy.ts'
import { ownerOfReset, resetPassword } from '../../core/recovery/by-mail.ts'
import { findTicket } from '../../core/recovery/tickets.ts'
import type { App } from '../../http/types.ts'
import { textField } from '../form-fields.ts'
import { backToApp, type NextStep, onToSignIn, toAccount } from '../next-step.ts'
import type { PageParts } from '../page-parts.ts'
import { passwordProblem } from '../password-problems.ts'
import { type FormView, sendForm } from '../problems.ts'
import { findVisit } from '../sign-in/visit.ts'
import { atPage, TokenQuery } from './mailed-link.ts'

/** A link for a new password, and the door at which it was asked for. */
interface OpenedReset {
  token: string
  atDoor: AnyContext
  /** Where it was asked for, as far as that is known. */
  client: Client | undefined
}

const ResetForm = z.object({ token: textField, password: textField })

/**
 * The page that a mail leads to for a new password, where an app has none of its own. Opening it changes nothing, as mail
 * scanners open every link; its form does.
 */
export function resetPasswordPages(app: App, parts: PageParts): void {
  const { ctx, contextsByDialect, sendPage } = parts
  /** The rule for passwords is that of the door at which the link was asked for, made strict. */
  const readReset = async (request: FastifyRequest, token: string): Promise<OpenedReset> => {
    const ticket = await findTicket(ctx, 'reset-password', token)
    const dialect = ticket?.dialect ?? ''
    const { realm } = withPagePolicy(contextsByDialect.get(dialect) ?? ctx)
    const atDoor = { ...atPage(ctx, request), realm }
    return { token, atDoor, client: findClient(ctx, dialect, ticket?.client_id ?? '') }
  }

  /** Has the name that signs in, so that password managers know whose password it is. Throws as `ownerOfReset` does. */
  const show = async (view: FormView, { token, atDoor, client }: OpenedReset) => {
    const { email, username, phone } = await ownerOfReset(atDoor, { token })
    const { minLength, isStrict } = atDoor.realm.password
    const fields = { token, username: email ?? username ?? phone, minLength, isStrict }
    // The link is what opens the page, and a form has no query.
    const back = `/ui/reset-password?token=${encodeURIComponent(token)}`
    return sendForm(sendPage, view, 'reset-password', fields, { back, brand: client?.brand })
  }

  /** On with the sign-in that is waiting in this browser, else to the app that the link was asked for at. */
  const nextOf = async (request: FastifyRequest, { client }: OpenedReset): Promise<NextStep | undefined> => {
    const visit = await findVisit(parts, request)
    if (visit) return onToSignIn(request, visit)
    return backToApp(request, client) ?? toAccount(request, 'signInButton')
  }

  app.get('/ui/reset-password', { schema: { querystring: TokenQuery } }, async (request, reply) =>
    show({ request, reply }, await readReset(request, request.query.token)),
  )

  app.post('/ui/reset-password', { schema: { body: ResetForm } }, async (request, reply) => {
    const { token, password } = request.body
    const reset = await readReset(request, token)
    try {
      await resetPassword(reset.atDoor, { token, password })
    } catch (error) {
      if (!isRefusal(error, 'password_rejected')) throw error
      return show({ request, reply, problem: passwordProblem(error, reset.atDoor.realm.password) }, reset)
    }
    const next = await nextOf(request, reset)
    // The link is used up, so nothing opens this page again.
    const settings = { back: '', brand: reset.client?.brand }
    return sendPage(request, reply, 200, 'reset-password-done', { next }, settings)
  })
}
