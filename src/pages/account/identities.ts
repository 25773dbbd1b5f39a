import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { AuthError, type ErrorCode } from '../../core/errors.ts'
import { identify, startAttempt } from '../../core/identities/attempts.ts'
import { connectIdentity, disconnectIdentity } from '../../core/identities/own-identities.ts'
import type { IdentityProvider } from '../../core/identities/provider.ts'
import { providerOf } from '../../core/identities/providers.ts'
import { readLanguage } from '../../http/origin.ts'
import type { App } from '../../http/types.ts'
import type { PageParts } from '../page-parts.ts'
import { type FormView, type Problem, problemOf } from '../problems.ts'
import { goOnTo } from '../sign-in/go-on.ts'
import { providerProblems } from '../sign-in/provider-problems.ts'
import type { Notice } from './notice.ts'
import { findPerson } from './person.ts'
import { showSecurity } from './security.ts'
import { goOn, type SendAccount } from './send.ts'

const ProviderPath = z.object({ provider: z.string() })
const securityPage = '/ui/account/security'

function problemsAt(provider: IdentityProvider): Partial<Record<ErrorCode, Problem>> {
  const values = { provider: provider.name }
  return {
    ...providerProblems(provider),
    identity_taken: { status: 409, text: 'identityTaken', values },
    last_sign_in_method: { status: 409, text: 'lastWay' },
    route_not_found: { status: 404, text: 'identityGone', values },
  }
}

/** Connects accounts elsewhere to the one of whoever is signed in, and disconnects them. */
export function identityRoutes(scope: App, { sendPage }: PageParts, send: SendAccount): void {
  const config = { needsProof: true, page: securityPage }
  const showProblem = (view: FormView, provider: IdentityProvider, error: unknown) => {
    const problem = problemOf(problemsAt(provider), error, view.reply)
    return showSecurity(send, { ...view, problem }, { about: 'identities' })
  }

  scope.post(
    '/ui/account/identities/:provider/connect',
    { schema: { params: ProviderPath }, config },
    async (request, reply) => {
      const { ctx, caller } = request.person
      const provider = providerOf(ctx, request.params.provider)
      const { id: session, account_id: accountId } = caller.session
      try {
        const attempt = { providerId: provider.id, purpose: { session }, binding: session, accountId }
        const url = await startAttempt(ctx, attempt)
        return goOnTo(sendPage, { request, reply }, { provider, url })
      } catch (error) {
        return showProblem({ request, reply }, provider, error)
      }
    },
  )

  scope.post(
    '/ui/account/identities/:provider/disconnect',
    { schema: { params: ProviderPath }, config },
    async (request, reply) => {
      const { ctx, caller } = request.person
      const provider = providerOf(ctx, request.params.provider)
      try {
        await disconnectIdentity(ctx, caller, provider.id)
      } catch (error) {
        return showProblem({ request, reply }, provider, error)
      }
      return goOn(request, reply, securityPage, noticeAt(provider, 'identityDisconnected'))
    },
  )
}

/**
 * Takes the answer of a provider for an account: it counts in the session alone that has asked for it, so that nobody's
 * account gets what somebody else has begun. Leads to the page of security, which says what came of it.
 */
export async function finishConnecting(
  parts: PageParts,
  { request, reply }: { request: FastifyRequest; reply: FastifyReply },
  answer: { providerId: string; state: string; query: string; session: string },
): Promise<FastifyReply> {
  const person = await findPerson(parts, request)
  if (person?.caller.session.id !== answer.session) throw new AuthError('challenge_invalid')
  request.person = person
  request.accountLanguage = readLanguage(person.caller.account.language)
  const { ctx, caller } = person
  const provider = providerOf(ctx, answer.providerId)
  try {
    const identified = await identify(ctx, { ...answer, binding: answer.session })
    const isNew = await connectIdentity(ctx, caller, identified)
    const text = isNew ? 'identityConnected' : 'identityConnectedBefore'
    return goOn(request, reply, securityPage, noticeAt(provider, text))
  } catch (error) {
    const { text, values } = problemOf(problemsAt(provider), error, reply)
    return goOn(request, reply, securityPage, { text, ...(values && { values }) })
  }
}

function noticeAt({ name }: IdentityProvider, text: Notice['text']): Notice {
  return { text, values: { provider: name } }
}
