import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { AuthError } from '../../core/errors.ts'
import type { Interaction, OpenidInteractions } from '../../core/openid/interactions.ts'
import { startLogin } from '../../core/sign-in/hosted-logins.ts'
import { loginCookies } from '../../http/login-cookie.ts'
import { originOf, readLanguage } from '../../http/origin.ts'
import type { App } from '../../http/types.ts'
import { findPerson, type Person } from '../account/person.ts'
import { completeBrowserSignIn } from '../browser-sign-in.ts'
import { textField } from '../form-fields.ts'
import type { PageParts } from '../page-parts.ts'
import { type FormView, foreignForm } from '../problems.ts'
import { showConsent } from './consent.ts'
import { withProtocol } from './exchange.ts'

const InteractionPath = z.object({ uid: textField })
const CodeQuery = z.object({ code: textField })
const AnswerForm = z.object({ form: textField, answer: textField })

const maxHintLength = 254

/** A browser that an app has sent here, and what it is to be asked. */
interface Asked extends FormView {
  interaction: Interaction
}

/**
 * What a browser is asked that an app has sent here by OpenID Connect: to sign in, on the pages of every login, and to
 * allow what the app wants.
 */
export function authorizePages(app: App, parts: PageParts, openid: OpenidInteractions): void {
  const { read, begin } = steps(openid)

  app.get('/ui/authorize/:uid', { schema: { params: InteractionPath } }, async (request, reply) => {
    const interaction = await read(request, reply, request.params.uid)
    const person = await findAsked(parts, request, interaction)
    if (!person) return begin({ request, reply, interaction }, { isAnew: asksAnew(interaction) })
    return showConsent(parts, { request, reply }, interaction, person)
  })

  app.get(
    '/ui/authorize/:uid/continue',
    // Not for HEAD, as finishing a login uses it up.
    { schema: { params: InteractionPath, querystring: CodeQuery }, exposeHeadRoute: false },
    async (request, reply) => {
      const { uid } = request.params
      const interaction = await read(request, reply, uid)
      const ctx = openid.at(interaction.client, originOf(request))
      const answer = { request, reply, code: request.query.code }
      const signedIn = await completeBrowserSignIn(parts, ctx, answer, completionPath(uid))
      const isEnough = !interaction.needsSecondFactor || signedIn.session.second_factor_at !== null
      const next = await withProtocol(request, reply, (exchange) =>
        isEnough
          ? openid.finishLogin(exchange, signedIn)
          : openid.refuse(exchange, 'unmet_authentication_requirements'),
      )
      return reply.redirect(next, 303)
    },
  )

  app.post(
    '/ui/authorize/:uid',
    { schema: { params: InteractionPath, body: AnswerForm } },
    async (request, reply) => {
      const interaction = await read(request, reply, request.params.uid)
      const person = await findAsked(parts, request, interaction)
      // The session has ended, or somebody else has signed in to the browser, since the page was shown.
      if (!person) return begin({ request, reply, interaction }, { isAnew: asksAnew(interaction) })
      const { form, answer } = request.body
      if (!person.owns(form))
        return showConsent(parts, { request, reply, problem: foreignForm }, interaction, person)
      if (answer === 'another') return begin({ request, reply, interaction }, { isAnew: true })
      const next = await withProtocol(request, reply, (exchange) =>
        answer === 'allow'
          ? openid.allow(exchange, originOf(request))
          : openid.refuse(exchange, 'access_denied'),
      )
      return reply.redirect(next, 303)
    },
  )
}

/** What each of these pages begins with, and what leads away from it. */
function steps(openid: OpenidInteractions) {
  return {
    /** What the browser is asked. Throws `challenge_invalid` where it has no such interaction. */
    async read(request: FastifyRequest, reply: FastifyReply, uid: string): Promise<Interaction> {
      const interaction = await withProtocol(request, reply, (exchange) => openid.read(exchange))
      if (interaction.uid !== uid) throw new AuthError('challenge_invalid')
      request.accountLanguage ??= spokenBy(interaction)
      return interaction
    },

    /** Begins a login, and leads the browser to its sign-in, where nothing else is wanted but a sign-in anew. */
    async begin({ request, reply, interaction }: Asked, { isAnew }: { isAnew: boolean }) {
      const ctx = openid.at(interaction.client, originOf(request))
      const login = await startLogin(ctx, {
        redirectUri: interaction.redirectUri ?? ctx.publicUrl,
        completionPath: completionPath(interaction.uid),
        hasSecretPath: true,
        isAnew,
        needsSecondFactor: interaction.wantsSecondFactor,
        loginHint: hintOf(interaction),
        language: spokenBy(interaction),
      })
      loginCookies.keep(reply, login)
      return reply.redirect(`/ui/l/${login.id}/sign-in`, 303)
    },
  }
}

function completionPath(uid: string): string {
  return `/ui/authorize/${uid}/continue`
}

/** Who is asked to allow something: whoever is signed in to the browser, where the protocol means the same person. */
async function findAsked(
  parts: PageParts,
  request: FastifyRequest,
  { prompt, accountId }: Interaction,
): Promise<Person | undefined> {
  if (prompt !== 'consent') return undefined
  const person = await findPerson(parts, request)
  if (person?.caller.account.id !== accountId) return undefined
  return person
}

/** Whether the person is to sign in though the browser may be signed in: for any reason but that the protocol knows of nobody. */
function asksAnew({ prompt, reasons, wantsSignIn }: Interaction): boolean {
  if (prompt === 'select_account') return wantsSignIn
  return prompt === 'login' && reasons.some((reason) => reason !== 'no_session')
}

function hintOf({ loginHint }: Interaction): string | undefined {
  return loginHint !== undefined && loginHint.length <= maxHintLength ? loginHint : undefined
}

/** The first of the languages that the app asks for which these pages have. */
function spokenBy({ uiLocales = '' }: Interaction) {
  for (const tag of uiLocales.split(' ')) {
    const language = readLanguage(tag.split('-', 1)[0]?.toLowerCase())
    if (language) return language
  }
}
