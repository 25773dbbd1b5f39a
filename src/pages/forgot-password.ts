import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { readEmail } from '../core/accounts/emails.ts'
import type { Brand } from '../core/clients/client.ts'
import { realmBrand } from '../core/clients/clients.ts'
import type { RequestContext } from '../core/context.ts'
import { isRefusal } from '../core/errors.ts'
import { requestPasswordReset } from '../core/recovery/by-mail.ts'
import { secretCookie } from '../http/cookies.ts'
import type { App } from '../http/types.ts'
import { findVisit, formsOf, type Visit } from './login.ts'
import { atPage } from './mailed-link.ts'
import { type Texts, textsFor } from './render.ts'
import type { LoginPagesOptions } from './sign-in.ts'

const text = z.string().catch('')
const ForgotForm = z.object({ form: text, email: text })

/** Who asks for a link: a browser in the middle of a login, or one that comes by itself. */
interface Asker extends Pick<Visit, 'formKey' | 'owns'> {
  ctx: RequestContext
  brand: Brand
  isLogin: boolean
}

/** The secret of the forms that were made for a browser. */
const formCookie = secretCookie('__Host-manydoors-form')

/**
 * Has a reset link sent, for those who cannot sign in and for those whose password manager leads here. Nobody learns
 * whether there is an account.
 */
export async function forgotPasswordPages(app: App, options: LoginPagesOptions): Promise<void> {
  const { ctx, contextsByDialect, sendPage, sendFailure } = options

  const readAsker = async (request: FastifyRequest, reply: FastifyReply): Promise<Asker> => {
    const visit = await findVisit(ctx, contextsByDialect, request)
    if (visit) return { ...visit, brand: visit.login.client.brand, isLogin: true }
    const known = formCookie.read(request)
    const secret = known || ctx.randomBytes(32).toString('base64url')
    if (!known) formCookie.keep(reply, secret)
    return { ...formsOf(ctx, secret), ctx: atPage(ctx, request), brand: realmBrand(ctx), isLogin: false }
  }

  await app.register(async (scope: App) => {
    scope.setErrorHandler(sendFailure)

    // https://w3c.github.io/webappsec-change-password-url/
    scope.get('/.well-known/change-password', (_request, reply) => reply.redirect('/ui/forgot-password'))

    scope.get('/ui/forgot-password', async (request, reply) => {
      const { formKey: form, isLogin } = await readAsker(request, reply)
      return sendPage(request, reply, 200, 'forgot-password', { form, isLogin })
    })

    scope.post('/ui/forgot-password', { schema: { body: ForgotForm } }, async (request, reply) => {
      const asker = await readAsker(request, reply)
      const { brand, isLogin } = asker
      const { form, email } = request.body
      const refuse = (status: number, problem: keyof Texts) => {
        const data = { form: asker.formKey, email, problem: textsFor(request)[problem], isLogin }
        return sendPage(request, reply, status, 'forgot-password', data)
      }
      if (!asker.owns(form)) return refuse(403, 'formStale')
      if (readEmail(email) === undefined) return refuse(400, 'emailInvalid')
      const link = `${ctx.publicUrl}/ui/reset-password?token={token}`
      try {
        await requestPasswordReset(asker.ctx, { email, link, brand })
      } catch (error) {
        if (!isRefusal(error, 'rate_limited')) throw error
        request.refusal = error
        reply.header('retry-after', String(error.details.retryAfter ?? 1))
        return refuse(429, 'failureRateLimited')
      }
      return sendPage(request, reply, 200, 'forgot-password-done', { isLogin })
    })
  })
}
