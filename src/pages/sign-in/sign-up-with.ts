import { z } from 'zod'
import type { ErrorCode } from '../../core/errors.ts'
import { findPending, type PendingIdentity } from '../../core/identities/pending.ts'
import { signUpInLogin } from '../../core/sign-in/identity-logins.ts'
import type { App } from '../../http/types.ts'
import { textField } from '../form-fields.ts'
import type { PageParts } from '../page-parts.ts'
import { type FormView, foreignForm, type Problem, problemOf, sendForm } from '../problems.ts'
import { challengeDead, loginForms } from './login-forms.ts'
import { formTargetOf, LoginPath, maySignUp, readVisit, type Visit } from './visit.ts'

const SignUpForm = z.object({ form: textField })

const problems: Partial<Record<ErrorCode, Problem>> = {
  challenge_invalid: challengeDead,
  email_taken: { status: 409, text: 'withSignUpTaken' },
  identity_taken: challengeDead,
}

/** Opens an account for whoever a provider has identified in a login, once they have seen what it is made of. */
export function signUpWithPages(app: App, parts: PageParts): void {
  const forms = loginForms(parts)
  const path = '/ui/l/:login/sign-up-with'

  const show = (view: FormView, visit: Visit, { provider, email, name }: PendingIdentity) => {
    const { brand } = visit.login.client
    const key = { form: visit.formKey(), path: visit.path }
    const fields = { ...key, brand: brand.name, provider: provider.name, email, name }
    return sendForm(parts.sendPage, view, 'sign-up-with', fields, {
      brand,
      formTarget: formTargetOf(visit.login),
    })
  }
  const findNewcomer = async ({ ctx, login }: Visit) => {
    const pending = await findPending(ctx, login.id)
    return pending?.accountId === null ? pending : undefined
  }

  app.get(path, { schema: { params: LoginPath } }, async (request, reply) => {
    const visit = await readVisit(parts, request, request.params.login)
    const pending = await findNewcomer(visit)
    if (!pending) return reply.redirect(`${visit.path}/sign-in`, 303)
    return show({ request, reply }, visit, pending)
  })

  app.post(path, { schema: { params: LoginPath, body: SignUpForm } }, async (request, reply) => {
    const visit = await readVisit(parts, request, request.params.login)
    const pending = await findNewcomer(visit)
    if (!pending) return forms.signIn({ request, reply, visit, problem: challengeDead })
    if (!visit.owns(request.body.form)) return show({ request, reply, problem: foreignForm }, visit, pending)
    try {
      const signUps = maySignUp(parts, visit.login) ? 'open' : 'closed'
      const { path } = await signUpInLogin(visit.ctx, visit.login, signUps)
      return reply.redirect(path, 303)
    } catch (error) {
      return forms.signIn({ request, reply, visit, problem: problemOf(problems, error, reply) })
    }
  })
}
