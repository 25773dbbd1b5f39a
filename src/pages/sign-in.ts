import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { readIdentifier } from '../core/accounts/identifiers.ts'
import { AuthError, type ErrorCode, isRefusal } from '../core/errors.ts'
import { proveLogin, proveLoginByChallenge } from '../core/sign-in/hosted-logins.ts'
import type { App } from '../http/types.ts'
import { findVisit, findVisitOfForm, formTargetOf, type PageParts, readVisit, type Visit } from './login.ts'
import { passkeyOfSecondFactor, passkeyOfSignIn } from './passkey-part.ts'
import { type FormView, foreignForm, type Problem, problemOf, sendForm } from './problems.ts'
import type { PageName } from './samples.ts'

const text = z.string().catch('')
const SignInForm = z.object({ form: text, identifier: text, password: text })
const SecondFactorForm = z.object({ form: text, challenge: text, code: text })
/** Names the login that a page is of. */
export const LoginPath = z.object({ login: z.string() })

type SignInBody = z.output<typeof SignInForm>
type CodeBody = z.output<typeof SecondFactorForm>

const problems: Partial<Record<ErrorCode, Problem>> = {
  credentials_invalid: { status: 401, text: 'credentialsInvalid' },
  email_unverified: { status: 401, text: 'emailUnverified' },
  second_factor_code_invalid: { status: 401, text: 'codeInvalid' },
}
const missingFields: Problem = { status: 400, text: 'signInMissing' }
const missingCode: Problem = { status: 400, text: 'codeMissing' }
/** The password is to be shown again. */
export const challengeDead: Problem = { status: 401, text: 'challengeInvalid' }

/**
 * The sign-in of a login that an app has sent a browser here for: password, then a code where the account wants one,
 * then back to the dialect that began it. All of it works without a script.
 */
export function signInPages(app: App, parts: PageParts): void {
  const show = showForms(parts)
  passwordPage(app, parts, show)
  secondFactorPage(app, parts, show)
}

function passwordPage(app: App, parts: PageParts, show: Forms): void {
  // Whoever comes by itself goes on with what was begun last.
  app.get('/ui/sign-in', async (request, reply) => {
    const visit = await findVisit(parts, request)
    if (!visit) throw new AuthError('challenge_invalid')
    return reply.redirect(`${visit.path}/sign-in`, 303)
  })

  app.get('/ui/l/:login/sign-in', { schema: { params: LoginPath } }, async (request, reply) => {
    const visit = await readVisit(parts, request, request.params.login)
    return show.signIn({ request, reply, visit })
  })

  const submit = async (visit: Visit, request: FastifyRequest, reply: FastifyReply, body: SignInBody) => {
    const { form, identifier, password } = body
    const refuse = (problem: Problem) => show.signIn({ request, reply, visit, identifier, problem })
    if (!visit.owns(form)) return refuse(foreignForm)
    if (!identifier.trim() || !password) return refuse(missingFields)
    try {
      const credentials = { ...readIdentifier(identifier), password }
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

function secondFactorPage(app: App, parts: PageParts, show: Forms): void {
  // Whoever reloads the page of the second factor, or comes back to it, starts with the password again.
  app.get('/ui/l/:login/second-factor', { schema: { params: LoginPath } }, (request, reply) =>
    reply.redirect(`/ui/l/${request.params.login}/sign-in`, 303),
  )
  app.get('/ui/sign-in/second-factor', (_request, reply) => reply.redirect('/ui/sign-in', 303))

  const submit = async (visit: Visit, request: FastifyRequest, reply: FastifyReply, body: CodeBody) => {
    const { form, challenge, code } = body
    const refuse = (problem: Problem) => show.secondFactor({ request, reply, visit, challenge, problem })
    if (!visit.owns(form)) return show.signIn({ request, reply, visit, problem: foreignForm })
    if (!code.trim()) return refuse(missingCode)
    try {
      const { path } = await proveLoginByChallenge(visit.ctx, visit.login, { challenge, code })
      return reply.redirect(path, 303)
    } catch (error) {
      if (isRefusal(error, 'challenge_invalid'))
        return show.signIn({ request, reply, visit, problem: challengeDead })
      return refuse(problemOf(problems, error, reply))
    }
  }

  app.post(
    '/ui/l/:login/second-factor',
    { schema: { params: LoginPath, body: SecondFactorForm } },
    async (request, reply) =>
      submit(await readVisit(parts, request, request.params.login), request, reply, request.body),
  )

  app.post('/ui/sign-in/second-factor', { schema: { body: SecondFactorForm } }, async (request, reply) =>
    submit(await visitOfForm(parts, request, request.body.form), request, reply, request.body),
  )
}

/** That of the form, or else the newest: its page says then that the form is of another. Throws `challenge_invalid`. */
async function visitOfForm(parts: PageParts, request: FastifyRequest, formKey: string): Promise<Visit> {
  const visit = (await findVisitOfForm(parts, request, formKey)) ?? (await findVisit(parts, request))
  if (!visit) throw new AuthError('challenge_invalid')
  return visit
}

interface View extends FormView {
  visit: Visit
}

type Forms = ReturnType<typeof showForms>

/** Shows the forms of a login, with passkeys where there can be any. */
export function showForms({ sendPage }: PageParts) {
  const show = (template: PageName, view: View, data: object) => {
    const { login, path, formKey } = view.visit
    const { brand } = login.client
    const fields = { form: formKey(), path, brand: brand.name, ...data }
    return sendForm(sendPage, view, template, fields, { brand, formTarget: formTargetOf(login) })
  }
  return {
    signIn: (view: View & { identifier?: string; unknown?: string }) => {
      const { visit, identifier, unknown, problem } = view
      const passkey = passkeyOfSignIn(visit, { isRefused: problem !== undefined, unknown })
      return show('sign-in', view, { identifier, passkey })
    },
    secondFactor: async (view: View & { challenge: string }) => {
      const { visit, challenge } = view
      return show('second-factor', view, {
        challenge,
        passkey: await passkeyOfSecondFactor(visit, challenge),
      })
    },
  }
}
