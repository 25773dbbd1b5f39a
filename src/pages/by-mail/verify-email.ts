import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import {
  claimByLink,
  confirmSignUp,
  confirmWithPassword,
  type OpenLink,
  readLink,
} from '../../core/accounts/confirmation.ts'
import { brandAt, findClient, realmBrand } from '../../core/clients/clients.ts'
import type { ErrorCode } from '../../core/errors.ts'
import { accountDoor } from '../../core/self-service/account-door.ts'
import { timeText } from '../../core/text/time-text.ts'
import { languageOf } from '../../http/origin.ts'
import type { App } from '../../http/types.ts'
import { textField } from '../form-fields.ts'
import { backToApp, onToSignIn, toAccount } from '../next-step.ts'
import type { PageParts } from '../page-parts.ts'
import { type FormView, type Problem, problemOf, sendForm } from '../problems.ts'
import { findVisit } from '../sign-in/visit.ts'
import { atPage, TokenQuery } from './mailed-link.ts'

const VerifyForm = z.object({ token: textField, password: textField, action: textField })

const missingPassword: Problem = { status: 400, text: 'passwordMissing' }
const problems: Partial<Record<ErrorCode, Problem>> = {
  credentials_invalid: { status: 401, text: 'passwordWrong' },
}

/**
 * The page that a mail leads to which proves an e-mail address. Opening it changes nothing, as mail scanners open every
 * link; its forms do: one confirms, and one makes an account one's own that somebody else has opened.
 */
export function verifyEmailPages(app: App, parts: PageParts): void {
  const { ctx } = parts
  const { done, show } = showAnswers(parts)

  for (const path of ['/ui/verify-email', '/ui/verify-email-success']) {
    app.get(path, { schema: { querystring: TokenQuery } }, async (request, reply) => {
      const { token } = request.query
      const link = await readLink(atPage(ctx, request), token)
      return show({ request, reply, link, token })
    })
  }

  app.post('/ui/verify-email', { schema: { body: VerifyForm } }, async (request, reply) => {
    const { token, password, action } = request.body
    const page = atPage(ctx, request)
    const link = await readLink(page, token)
    if (link.confirms === 'done') return done(request, reply, link)
    if (action === 'claim') {
      const secret = await claimByLink(page, token)
      return reply.redirect(`/ui/reset-password?token=${secret}`, 303)
    }
    if (link.confirms === 'sign-up') await confirmSignUp(page, token)
    if (link.confirms === 'account') {
      const view = { request, reply, link, token }
      if (!password) return show({ ...view, problem: missingPassword })
      try {
        await confirmWithPassword(page, { code: token, password })
      } catch (error) {
        return show({ ...view, problem: problemOf(problems, error, reply) })
      }
    }
    return done(request, reply, link)
  })

  // For dialects whose own link has confirmed the address already.
  app.get('/ui/verify-email-done', (request, reply) => done(request, reply))
}

interface View extends FormView {
  link: OpenLink
  token: string
}

function showAnswers(parts: PageParts) {
  const { ctx, sendPage } = parts

  /** Leads on to the sign-in that the browser is in, else back to the app, else to the account page. */
  const done = async (request: FastifyRequest, reply: FastifyReply, link?: OpenLink) => {
    // Whoever has no account yet finishes signing up at the app, and cannot sign in.
    const isOwned = link?.confirms !== 'address'
    const visit = isOwned ? await findVisit(parts, request) : undefined
    const client = link && findClient(ctx, link.dialect ?? '', link.clientId ?? '')
    const elsewhere = isOwned ? toAccount(request, 'signInButton') : undefined
    const next = visit ? onToSignIn(request, visit) : (backToApp(request, client) ?? elsewhere)
    const settings = { back: '/ui/verify-email-done', brand: client?.brand }
    return sendPage(request, reply, 200, 'verify-email-done', { confirms: link?.confirms, next }, settings)
  }

  const show = (view: View) => {
    const { request, reply, link, token } = view
    if (link.confirms === 'done') return done(request, reply, link)
    const { confirms, email, account } = link
    const brand = link.dialect === accountDoor.dialect ? realmBrand(ctx) : brandAt(ctx, link)
    const back = `/ui/verify-email?token=${encodeURIComponent(token)}`
    const fields = {
      token,
      confirms,
      email,
      brand: brand.name,
      username: account?.username ?? undefined,
      time: account && timeText(account.created_at, languageOf(request)),
    }
    return sendForm(sendPage, view, 'verify-email', fields, { back, brand })
  }
  return { done, show }
}
