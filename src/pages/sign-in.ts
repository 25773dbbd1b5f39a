import { z } from 'zod'
import { readIdentifier } from '../core/accounts/identifiers.ts'
import { type ErrorCode, isRefusal } from '../core/errors.ts'
import { proveLogin, proveLoginByChallenge } from '../core/sign-in/hosted-logins.ts'
import type { App } from '../http/types.ts'
import { formTargetOf, type PageParts, readVisit, type Visit } from './login.ts'
import { type FormView, foreignForm, type Problem, problemOf, sendForm } from './problems.ts'
import type { PageName } from './samples.ts'

const text = z.string().catch('')
const SignInForm = z.object({ form: text, identifier: text, password: text })
const SecondFactorForm = z.object({ form: text, challenge: text, code: text })

const problems: Partial<Record<ErrorCode, Problem>> = {
  credentials_invalid: { status: 401, text: 'credentialsInvalid' },
  email_unverified: { status: 401, text: 'emailUnverified' },
  second_factor_code_invalid: { status: 401, text: 'codeInvalid' },
}
const missingFields: Problem = { status: 400, text: 'signInMissing' }
const missingCode: Problem = { status: 400, text: 'codeMissing' }
const challengeDead: Problem = { status: 401, text: 'challengeInvalid' }

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
  app.get('/ui/sign-in', async (request, reply) => {
    const visit = await readVisit(parts, request)
    return show.signIn({ request, reply, visit })
  })

  app.post('/ui/sign-in', { schema: { body: SignInForm } }, async (request, reply) => {
    const visit = await readVisit(parts, request)
    const { form, identifier, password } = request.body
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
  })
}

function secondFactorPage(app: App, parts: PageParts, show: Forms): void {
  const path = '/ui/sign-in/second-factor'
  // Whoever reloads the page of the second factor, or comes back to it, starts with the password again.
  app.get(path, (_request, reply) => reply.redirect('/ui/sign-in', 303))

  app.post(path, { schema: { body: SecondFactorForm } }, async (request, reply) => {
    const visit = await readVisit(parts, request)
    const { form, challenge, code } = request.body
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
  })
}

interface View extends FormView {
  visit: Visit
}

type Forms = ReturnType<typeof showForms>

function showForms({ sendPage }: PageParts) {
  const show = (template: PageName, view: View, data: object) => {
    const { login, formKey } = view.visit
    const fields = { form: formKey, brand: login.client.brand.name, ...data }
    return sendForm(sendPage, view, template, fields, formTargetOf(login))
  }
  return {
    signIn: (view: View & { identifier?: string }) => show('sign-in', view, { identifier: view.identifier }),
    secondFactor: (view: View & { challenge: string }) =>
      show('second-factor', view, { challenge: view.challenge }),
  }
}
