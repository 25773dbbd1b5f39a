import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { readIdentifier } from '../../core/accounts/identifiers.ts'
import { AuthError, type ErrorCode } from '../../core/errors.ts'
import { proveLogin } from '../../core/sign-in/hosted-logins.ts'
import { trustedCookie } from '../../http/trusted-cookie.ts'
import type { App } from '../../http/types.ts'
import { optionalText, textField } from '../form-fields.ts'
import type { PageParts } from '../page-parts.ts'
import { foreignForm, type Problem, problemOf } from '../problems.ts'
import { findChoice } from './choose-account.ts'
import { type LoginForms, loginForms, visitOfForm } from './login-forms.ts'
import { secondFactorPages } from './second-factor.ts'
import { findVisit, LoginPath, readVisit, type Visit } from './visit.ts'

const SignInForm = z.object({ form: textField, identifier: textField, password: textField })
/** There when somebody who is signed in wants to sign in as somebody else. */
const SignInQuery = z.object({ another: optionalText })

type SignInBody = z.output<typeof SignInForm>

const problems: Partial<Record<ErrorCode, Problem>> = {
  credentials_invalid: { status: 401, text: 'credentialsInvalid' },
  email_unverified: { status: 401, text: 'emailUnverified' },
}
const missingFields: Problem = { status: 400, text: 'signInMissing' }

/**
 * The sign-in of a login that an app has sent a browser here for: password, then a code where the account wants one,
 * then back to the dialect that began it. All of it works without a script.
 */
export function signInPages(app: App, parts: PageParts): void {
  const show = loginForms(parts)
  passwordPage(app, parts, show)
  secondFactorPages(app, parts, show)
}

function passwordPage(app: App, parts: PageParts, show: LoginForms): void {
  // Whoever comes by itself goes on with what was begun last.
  app.get('/ui/sign-in', async (request, reply) => {
    const visit = await findVisit(parts, request)
    if (!visit) throw new AuthError('challenge_invalid')
    return reply.redirect(`${visit.path}/sign-in`, 303)
  })

  app.get(
    '/ui/l/:login/sign-in',
    { schema: { params: LoginPath, querystring: SignInQuery } },
    async (request, reply) => {
      const visit = await readVisit(parts, request, request.params.login)
      const mayChoose = request.query.another === undefined && (await findChoice(parts, request, visit))
      if (mayChoose) return reply.redirect(`${visit.path}/choose-account`, 303)
      return show.signIn({ request, reply, visit, identifier: visit.login.loginHint })
    },
  )

  const submit = async (visit: Visit, request: FastifyRequest, reply: FastifyReply, body: SignInBody) => {
    const { form, identifier, password } = body
    const refuse = (problem: Problem) => show.signIn({ request, reply, visit, identifier, problem })
    if (!visit.owns(form)) return refuse(foreignForm)
    if (!identifier.trim() || !password) return refuse(missingFields)
    try {
      const trustedSecrets = trustedCookie.read(request)
      const credentials = { ...readIdentifier(identifier), password, trustedSecrets }
      const result = await proveLogin(visit.ctx, visit.login, credentials)
      if (result.isComplete) return reply.redirect(result.path, 303)
      return show.secondFactor({ request, reply, visit, challenge: result.challenge })
    } catch (error) {
      return refuse(problemOf(problems, error, reply))
    }
  }

  app.post(
    '/ui/l/:login/sign-in',
    { schema: { params: LoginPath, body: SignInForm } },
    async (request, reply) =>
      submit(await readVisit(parts, request, request.params.login), request, reply, request.body),
  )

  // Templates of operators post here: the key of the form says which login it is of.
  app.post('/ui/sign-in', { schema: { body: SignInForm } }, async (request, reply) =>
    submit(await visitOfForm(parts, request, request.body.form), request, reply, request.body),
  )
}
