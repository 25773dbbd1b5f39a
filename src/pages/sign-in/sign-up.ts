import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import { readEmail } from '../../core/accounts/emails.ts'
import { signUpSilently } from '../../core/accounts/sign-up.ts'
import { requestActivation } from '../../core/accounts/verification.ts'
import { AuthError, isRefusal } from '../../core/errors.ts'
import { pagePolicy, withPagePolicy } from '../../core/passwords/policy.ts'
import type { App } from '../../http/types.ts'
import { type MailState, mailProblem, presentAwaited } from '../by-mail/check-your-mail.ts'
import { textField } from '../form-fields.ts'
import type { PageParts } from '../page-parts.ts'
import { passwordProblem } from '../password-problems.ts'
import { type FormView, foreignForm, type Problem, problemOf, sendForm } from '../problems.ts'
import { LoginPath, maySignUp, readVisit, type Visit } from './visit.ts'

const SignUpForm = z.object({ form: textField, email: textField, password: textField })
const AgainForm = z.object({ form: textField, email: textField })

const emailInvalid: Problem = { status: 400, text: 'emailInvalid' }
const passwordMissing: Problem = { status: 400, text: 'newPasswordMissing' }

/** What of a form a problem is about. */
type Field = 'email' | 'password'

/**
 * Opens an account in the middle of a login, for an e-mail address and a password, and sends a mail to confirm it. It
 * asks for no user name: whether that is free would tell in the end which addresses have accounts.
 */
export function signUpPages(app: App, parts: PageParts): void {
  const { ctx, sendPage } = parts
  const verificationLink = `${ctx.publicUrl}/ui/verify-email?token={token}`

  const readNewcomer = async (request: FastifyRequest, id: string): Promise<Visit> => {
    const visit = await readVisit(parts, request, id)
    if (!maySignUp(parts, visit.login)) throw new AuthError('route_not_found')
    return visit
  }
  const show = (view: FormView, visit: Visit, typed: { email?: string; field?: Field } = {}) => {
    const { brand } = visit.login.client
    const { minLength, isStrict } = pagePolicy(visit.ctx.realm)
    const key = { form: visit.formKey(), path: visit.path }
    const fields = { ...key, brand: brand.name, ...typed, minLength, isStrict }
    return sendForm(sendPage, view, 'sign-up', fields, { brand })
  }
  const showMail = (view: FormView, visit: Visit, mail: MailState) => {
    const { formKey, path, login } = visit
    const fields = presentAwaited(view, { ...mail, form: formKey(), path })
    return sendForm(sendPage, view, 'check-your-mail', fields, { brand: login.client.brand })
  }

  app.get('/ui/l/:login/sign-up', { schema: { params: LoginPath } }, async (request, reply) =>
    show({ request, reply }, await readNewcomer(request, request.params.login)),
  )

  app.post(
    '/ui/l/:login/sign-up',
    { schema: { params: LoginPath, body: SignUpForm } },
    async (request, reply) => {
      const visit = await readNewcomer(request, request.params.login)
      const { form, email, password } = request.body
      const refuse = (problem: Problem, field?: Field) =>
        show({ request, reply, problem }, visit, { email, field })
      if (!visit.owns(form)) return refuse(foreignForm)
      if (readEmail(email) === undefined) return refuse(emailInvalid, 'email')
      if (!password) return refuse(passwordMissing, 'password')
      try {
        await signUpSilently(withPagePolicy(visit.ctx), { email, password, verificationLink })
      } catch (error) {
        if (isRefusal(error, 'password_rejected'))
          return refuse(passwordProblem(error, pagePolicy(visit.ctx.realm)), 'password')
        return refuse(problemOf({}, error, reply))
      }
      return showMail({ request, reply }, visit, { email })
    },
  )

  // Whoever reloads the page of the mail, or comes back to it, goes on with the login.
  app.get('/ui/l/:login/check-your-mail', { schema: { params: LoginPath } }, (request, reply) =>
    reply.redirect(`/ui/l/${request.params.login}/sign-in`, 303),
  )

  app.post(
    '/ui/l/:login/check-your-mail',
    { schema: { params: LoginPath, body: AgainForm } },
    async (request, reply) => {
      const visit = await readNewcomer(request, request.params.login)
      const { form, email } = request.body
      if (!visit.owns(form)) return showMail({ request, reply, problem: foreignForm }, visit, { email })
      if (readEmail(email) === undefined)
        return show({ request, reply, problem: emailInvalid }, visit, { email, field: 'email' })
      const { brand } = visit.login.client
      try {
        await requestActivation(visit.ctx, { email, link: verificationLink, brand })
      } catch (error) {
        const { problem, minutes } = mailProblem(error, reply)
        return showMail({ request, reply, problem }, visit, { email, minutes })
      }
      return showMail({ request, reply }, visit, { email, isSentAgain: true })
    },
  )
}
