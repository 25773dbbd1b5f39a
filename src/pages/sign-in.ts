import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { readIdentifier } from '../core/accounts/identifiers.ts'
import type { RealmContext } from '../core/context.ts'
import { type ErrorCode, isRefusal } from '../core/errors.ts'
import { proveLogin, proveLoginByChallenge } from '../core/sign-in/hosted-logins.ts'
import type { Pages } from '../http/dialect.ts'
import type { App } from '../http/types.ts'
import { type ContextsByDialect, formTargetOf, readVisit, type Visit } from './login.ts'
import { type Problem, problemOf } from './problems.ts'
import { type SendPage, textsFor } from './render.ts'
import type { PageName } from './samples.ts'

export interface LoginPagesOptions extends Pages {
  ctx: RealmContext
  contextsByDialect: ContextsByDialect
  sendPage: SendPage
}

const text = z.string().catch('')
const SignInForm = z.object({ form: text, identifier: text, password: text })
const SecondFactorForm = z.object({ form: text, challenge: text, code: text })

const problems: Partial<Record<ErrorCode, Problem>> = {
  credentials_invalid: { status: 401, text: 'credentialsInvalid' },
  email_unverified: { status: 401, text: 'emailUnverified' },
  second_factor_code_invalid: { status: 401, text: 'codeInvalid' },
  rate_limited: { status: 429, text: 'failureRateLimited' },
}
const foreignForm: Problem = { status: 403, text: 'formStale' }
const missingFields: Problem = { status: 400, text: 'signInMissing' }
const missingCode: Problem = { status: 400, text: 'codeMissing' }
const challengeDead: Problem = { status: 401, text: 'challengeInvalid' }

/**
 * The sign-in of a login that an app has sent a browser here for: password, then a code where the account wants one,
 * then back to the dialect that began it. All of it works without a script.
 */
export async function signInPages(app: App, options: LoginPagesOptions): Promise<void> {
  await app.register(async (scope: App) => {
    scope.setErrorHandler(options.sendFailure)
    const show = showForms(options)
    passwordPage(scope, options, show)
    secondFactorPage(scope, options, show)
  })
}

function passwordPage(app: App, { ctx, contextsByDialect }: LoginPagesOptions, show: Forms): void {
  app.get('/ui/sign-in', async (request, reply) => {
    const visit = await readVisit(ctx, contextsByDialect, request)
    return show.signIn({ request, reply, visit })
  })

  app.post('/ui/sign-in', { schema: { body: SignInForm } }, async (request, reply) => {
    const visit = await readVisit(ctx, contextsByDialect, request)
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

function secondFactorPage(app: App, { ctx, contextsByDialect }: LoginPagesOptions, show: Forms): void {
  const path = '/ui/sign-in/second-factor'
  // Whoever reloads the page of the second factor, or comes back to it, starts with the password again.
  app.get(path, (_request, reply) => reply.redirect('/ui/sign-in', 303))

  app.post(path, { schema: { body: SecondFactorForm } }, async (request, reply) => {
    const visit = await readVisit(ctx, contextsByDialect, request)
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

interface View {
  request: FastifyRequest
  reply: FastifyReply
  visit: Visit
  problem?: Problem
}

type Forms = ReturnType<typeof showForms>

function showForms({ sendPage }: LoginPagesOptions) {
  const show = (template: PageName, { request, reply, visit, problem }: View, data: object) => {
    const { login, formKey } = visit
    const common = { form: formKey, brand: login.client.brand.name }
    const said = problem && textsFor(request)[problem.text]
    const fields = { ...common, ...data, problem: said }
    return sendPage(request, reply, problem?.status ?? 200, template, fields, formTargetOf(login))
  }
  return {
    signIn: (view: View & { identifier?: string }) => show('sign-in', view, { identifier: view.identifier }),
    secondFactor: (view: View & { challenge: string }) =>
      show('second-factor', view, { challenge: view.challenge }),
  }
}
