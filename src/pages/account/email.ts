import { z } from 'zod'
import { foldEmail, readEmail } from '../../core/accounts/emails.ts'
import { AuthError, type ErrorCode } from '../../core/errors.ts'
import {
  confirmEmailChange,
  findEmailChange,
  forgetEmailChange,
  pendingEmail,
  requestEmailChange,
  resendEmailChange,
} from '../../core/self-service/email-change.ts'
import { maskEmail } from '../../core/text/masked-names.ts'
import type { App } from '../../http/types.ts'
import { changeCookie } from '../by-mail/confirm-change.ts'
import { textField } from '../form-fields.ts'
import { type FormView, type Problem, problemOf } from '../problems.ts'
import { goOn, type SendAccount } from './send.ts'

const EmailForm = z.object({ email: textField })

const page = '/ui/account/email'
const confirmPage = `${page}/confirm`

const invalid: Problem = { status: 400, text: 'emailInvalid' }
const isYours: Problem = { status: 400, text: 'emailIsYours' }
const problems: Partial<Record<ErrorCode, Problem>> = {
  email_taken: { status: 409, text: 'emailTaken' },
}

/** How people give their account another e-mail address: by a link that is sent to the new one. */
export function emailRoutes(scope: App, send: SendAccount): void {
  const show = async (view: FormView, typed?: string) => {
    const { ctx, caller } = view.request.person
    const { email, email_verified_at: provenAt } = caller.account
    const pending = await pendingEmail(ctx, caller)
    return send(view, 'profile', 'account-email', {
      email: email ?? undefined,
      isProven: provenAt !== null,
      pending: pending && maskEmail(pending),
      typed,
    })
  }

  scope.get(page, { config: { needsProof: true, page } }, (request, reply) => show({ request, reply }))

  scope.post(
    page,
    { config: { needsProof: true, page }, schema: { body: EmailForm } },
    async (request, reply) => {
      const { ctx, caller } = request.person
      const { email: typed } = request.body
      if (readEmail(typed) === undefined) return show({ request, reply, problem: invalid }, typed)
      const { account } = caller
      const email = foldEmail(typed)
      if (email === account.email && account.email_verified_at !== null)
        return show({ request, reply, problem: isYours }, typed)
      try {
        await requestEmailChange(ctx, caller, email)
      } catch (error) {
        return show({ request, reply, problem: problemOf({}, error, reply) }, typed)
      }
      return goOn(request, reply, page)
    },
  )

  scope.post(`${page}/resend`, { config: { page } }, async (request, reply) => {
    const { ctx, caller } = request.person
    try {
      await resendEmailChange(ctx, caller)
    } catch (error) {
      return show({ request, reply, problem: problemOf({}, error, reply) })
    }
    return goOn(request, reply, page, { text: 'sentAgain' })
  })

  scope.post(`${page}/forget`, { config: { page } }, async (request, reply) => {
    const { ctx, caller } = request.person
    await forgetEmailChange(ctx, caller)
    return goOn(request, reply, page, { text: 'changeForgotten' })
  })
}

/** Where the link of that mail ends, once its reader is signed in. Opening the page changes nothing; its form does. */
export function emailConfirmRoutes(scope: App, send: SendAccount): void {
  const show = async (view: FormView, token: string) => {
    const { ctx, caller } = view.request.person
    const change = await findEmailChange(ctx, token)
    if (!change) throw new AuthError('ticket_invalid')
    const isForeign = change.accountId !== caller.account.id
    // Whoever is signed in to another account learns nothing of this one.
    const email = isForeign ? undefined : change.email
    return send(view, 'profile', 'account-email-confirm', { isForeign, email })
  }

  scope.get(confirmPage, (request, reply) => show({ request, reply }, changeCookie.read(request) ?? ''))

  scope.post(confirmPage, { config: { page: confirmPage } }, async (request, reply) => {
    const { ctx, caller } = request.person
    const token = changeCookie.read(request) ?? ''
    try {
      await confirmEmailChange(ctx, caller, token)
    } catch (error) {
      return show({ request, reply, problem: problemOf(problems, error, reply) }, token)
    }
    changeCookie.drop(reply)
    return goOn(request, reply, '/ui/account', { text: 'emailChanged' })
  })
}
