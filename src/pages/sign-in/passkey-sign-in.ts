import { z } from 'zod'
import { AuthError, type ErrorCode, isRefusal } from '../../core/errors.ts'
import { proveLoginByPasskey, proveLoginBySecondPasskey } from '../../core/sign-in/hosted-logins.ts'
import type { App } from '../../http/types.ts'
import { textField } from '../form-fields.ts'
import type { PageParts } from '../page-parts.ts'
import { foreignForm, type Problem, problemOf } from '../problems.ts'
import { challengeDead, loginForms } from './login-forms.ts'
import { LoginPath, readVisit } from './visit.ts'

const PasskeyForm = z.object({ form: textField, passkey: textField })
const SecondPasskeyForm = z.object({ form: textField, challenge: textField, passkey: textField })

const problems: Partial<Record<ErrorCode, Problem>> = {
  passkey_invalid: { status: 401, text: 'passkeyRefused' },
  email_unverified: { status: 401, text: 'emailUnverified' },
}

/** Passkeys at the sign-in of a login: in place of name and password, and in place of the code after these. */
export function passkeySignIn(app: App, parts: PageParts): void {
  const show = loginForms(parts)

  app.get('/ui/l/:login/passkey', { schema: { params: LoginPath } }, (request, reply) =>
    reply.redirect(`/ui/l/${request.params.login}/sign-in`, 303),
  )

  app.post(
    '/ui/l/:login/passkey',
    { schema: { params: LoginPath, body: PasskeyForm } },
    async (request, reply) => {
      const visit = await readVisit(parts, request, request.params.login)
      const { form, passkey: answer } = request.body
      if (!visit.owns(form)) return show.signIn({ request, reply, visit, problem: foreignForm })
      try {
        const { secret } = visit.kept
        const { path } = await proveLoginByPasskey(visit.ctx, visit.login, { secret, answer })
        return reply.redirect(path, 303)
      } catch (error) {
        const problem = problemOf(problems, error, reply)
        const unknown = error instanceof AuthError ? error.details.unknownPasskey : undefined
        return show.signIn({ request, reply, visit, problem, unknown })
      }
    },
  )

  app.get('/ui/l/:login/second-factor/passkey', { schema: { params: LoginPath } }, (request, reply) =>
    reply.redirect(`/ui/l/${request.params.login}/sign-in`, 303),
  )

  app.post(
    '/ui/l/:login/second-factor/passkey',
    { schema: { params: LoginPath, body: SecondPasskeyForm } },
    async (request, reply) => {
      const visit = await readVisit(parts, request, request.params.login)
      const { form, challenge, passkey: answer } = request.body
      if (!visit.owns(form)) return show.signIn({ request, reply, visit, problem: foreignForm })
      try {
        const { path } = await proveLoginBySecondPasskey(visit.ctx, visit.login, { challenge, answer })
        return reply.redirect(path, 303)
      } catch (error) {
        if (isRefusal(error, 'challenge_invalid'))
          return show.signIn({ request, reply, visit, problem: challengeDead })
        const problem = problemOf(problems, error, reply)
        return show.secondFactor({ request, reply, visit, challenge, problem })
      }
    },
  )
}
