import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { readEmail } from '../core/accounts/emails.ts'
import type { Brand } from '../core/clients/client.ts'
import { realmBrand } from '../core/clients/clients.ts'
import type { RequestContext } from '../core/context.ts'
import { requestPasswordReset } from '../core/recovery/by-mail.ts'
import { secretCookie } from '../http/cookies.ts'
import type { App } from '../http/types.ts'
import { type FormKeys, formsOf } from './forms.ts'
import { findVisit, type PageParts } from './login.ts'
import { atPage } from './mailed-link.ts'
import { type FormView, foreignForm, type Problem, problemOf, sendForm } from './problems.ts'

const text = z.string().catch('')
const ForgotForm = z.object({ form: text, email: text })

const emailInvalid: Problem = { status: 400, text: 'emailInvalid' }

/** Who asks for a link: a browser in the middle of a login, or one that comes by itself. */
interface Asker extends FormKeys {
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
export function forgotPasswordPages(app: App, parts: PageParts): void {
  const { ctx, sendPage } = parts

  const readAsker = async (request: FastifyRequest, reply: FastifyReply): Promise<Asker> => {
    const visit = await findVisit(parts, request)
    if (visit) return { ...visit, brand: visit.login.client.brand, isLogin: true }
    const known = formCookie.read(request)
    const secret = known || ctx.randomBytes(32).toString('base64url')
    if (!known) formCookie.keep(reply, secret)
    return { ...formsOf(ctx, secret), ctx: atPage(ctx, request), brand: realmBrand(ctx), isLogin: false }
  }
  const show = (view: FormView, { formKey, isLogin, brand }: Asker, email?: string) =>
    sendForm(sendPage, view, 'forgot-password', { form: formKey(), email, isLogin }, { brand })

  // https://w3c.github.io/webappsec-change-password-url/
  app.get('/.well-known/change-password', (_request, reply) => reply.redirect('/ui/forgot-password'))

  app.get('/ui/forgot-password', async (request, reply) =>
    show({ request, reply }, await readAsker(request, reply)),
  )

  app.post('/ui/forgot-password', { schema: { body: ForgotForm } }, async (request, reply) => {
    const asker = await readAsker(request, reply)
    const { brand, isLogin } = asker
    const { form, email } = request.body
    const refuse = (problem: Problem) => show({ request, reply, problem }, asker, email)
    if (!asker.owns(form)) return refuse(foreignForm)
    if (readEmail(email) === undefined) return refuse(emailInvalid)
    const link = `${ctx.publicUrl}/ui/reset-password?token={token}`
    try {
      await requestPasswordReset(asker.ctx, { email, link, brand })
    } catch (error) {
      return refuse(problemOf({}, error, reply))
    }
    return sendPage(request, reply, 200, 'forgot-password-done', { isLogin }, { brand })
  })
}
