import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { ErrorCode } from '../../core/errors.ts'
import { identify, readPurpose, startAttempt } from '../../core/identities/attempts.ts'
import type { IdentityProvider } from '../../core/identities/provider.ts'
import { providerOf } from '../../core/identities/providers.ts'
import { proveLoginByIdentity } from '../../core/sign-in/identity-logins.ts'
import { originOf } from '../../http/origin.ts'
import { trustedCookie } from '../../http/trusted-cookie.ts'
import type { App } from '../../http/types.ts'
import { finishConnecting } from '../account/identities.ts'
import { textField } from '../form-fields.ts'
import type { PageParts } from '../page-parts.ts'
import { foreignForm, type Problem, problemOf } from '../problems.ts'
import { goOnTo } from './go-on.ts'
import { type LoginForms, loginForms } from './login-forms.ts'
import { providerProblems } from './provider-problems.ts'
import { LoginPath, maySignUp, readVisit, type Visit } from './visit.ts'

const provider = z.string()
const ProviderPath = z.object({ provider })
const StartPath = LoginPath.extend({ provider })
const StartForm = z.object({ form: textField })
const Answer = z.object({ state: textField })

const callbackPath = '/ui/with/:provider/callback'

/** What went wrong with a sign-in with a provider, beside the form that offers other ways. */
function problemsAt(provider: IdentityProvider): Partial<Record<ErrorCode, Problem>> {
  return { ...providerProblems(provider), email_unverified: { status: 401, text: 'emailUnverified' } }
}

/** Sends browsers to the providers of the realm, and takes their answers: for a login, or for the account page. */
export function providerPages(app: App, parts: PageParts): void {
  const show = loginForms(parts)
  startRoutes(app, parts, show)

  app.get(
    callbackPath,
    // Not for HEAD, as an answer counts once.
    {
      schema: { params: ProviderPath, querystring: Answer },
      exposeHeadRoute: false,
      // Its own address holds what the provider has said, which is to stand on no page.
      config: { page: '/ui/sign-in' },
    },
    async (request, reply) => {
      const answer = {
        providerId: request.params.provider,
        state: request.query.state,
        query: request.url.split('?')[1] ?? '',
      }
      const purpose = await readPurpose({ ...parts.ctx, origin: originOf(request) }, answer)
      if ('session' in purpose) return finishConnecting(parts, { request, reply }, { ...answer, ...purpose })
      const visit = await readVisit(parts, request, purpose.login)
      return finishLogin(parts, show, { request, reply, visit }, answer)
    },
  )
}

/**
 * Answers that a provider has the browser post (`form_post`) come without cookies, as they come from another site. They are
 * led on to where the others come in; nothing is done with them here.
 */
export function postedAnswers(app: App): void {
  const PostedAnswer = z.looseObject({})
  app.post(callbackPath, { schema: { params: ProviderPath, body: PostedAnswer } }, async (request, reply) => {
    const fields = ['state', 'code', 'iss', 'error'].flatMap((name): [string, string][] => {
      const value = request.body[name]
      return typeof value === 'string' ? [[name, value]] : []
    })
    const path = `/ui/with/${encodeURIComponent(request.params.provider)}/callback`
    return reply.redirect(`${path}?${new URLSearchParams(fields)}`, 303)
  })
}

function startRoutes(app: App, parts: PageParts, show: LoginForms): void {
  const path = '/ui/l/:login/with/:provider'
  app.get(path, { schema: { params: StartPath } }, (request, reply) =>
    reply.redirect(`/ui/l/${request.params.login}/sign-in`, 303),
  )

  app.post(path, { schema: { params: StartPath, body: StartForm } }, async (request, reply) => {
    const visit = await readVisit(parts, request, request.params.login)
    const { ctx, login, kept } = visit
    const provider = providerOf(ctx, request.params.provider)
    if (!visit.owns(request.body.form)) return show.signIn({ request, reply, visit, problem: foreignForm })
    try {
      const attempt = { providerId: provider.id, purpose: { login: login.id }, binding: kept.secret }
      const url = await startAttempt(ctx, attempt)
      return goOnTo(parts.sendPage, { request, reply }, { provider, url, brand: login.client.brand })
    } catch (error) {
      const problem = problemOf(problemsAt(provider), error, reply)
      return show.signIn({ request, reply, visit, problem })
    }
  })
}

interface VisitView {
  request: FastifyRequest
  reply: FastifyReply
  visit: Visit
}

async function finishLogin(
  parts: PageParts,
  show: LoginForms,
  view: VisitView,
  answer: { providerId: string; state: string; query: string },
): Promise<FastifyReply> {
  const { request, reply, visit } = view
  const { ctx, login, kept } = visit
  const provider = providerOf(ctx, answer.providerId)
  try {
    const identified = await identify(ctx, { ...answer, binding: kept.secret })
    const result = await proveLoginByIdentity(ctx, login, {
      ...identified,
      trustedSecrets: trustedCookie.read(request),
      signUps: maySignUp(parts, login) ? 'open' : 'closed',
    })
    if (!('unknown' in result)) {
      if (result.isComplete) return reply.redirect(result.path, 303)
      return show.secondFactor({ ...view, challenge: result.challenge })
    }
    if (result.unknown === 'sign_up') return reply.redirect(`${visit.path}/sign-up-with`, 303)
    // Not to whoever is signed in to the browser: the account is to be proven.
    if (result.unknown === 'sign_in') return reply.redirect(`${visit.path}/sign-in?another`, 303)
    const problem: Problem = { status: 401, text: 'withUnknown', values: { provider: provider.name } }
    return show.signIn({ ...view, problem })
  } catch (error) {
    return show.signIn({ ...view, problem: problemOf(problemsAt(provider), error, reply) })
  }
}
