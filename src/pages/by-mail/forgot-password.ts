import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { readEmail } from '../../core/accounts/emails.ts'
import type { Brand } from '../../core/clients/client.ts'
import { realmBrand } from '../../core/clients/clients.ts'
import type { RealmContext, RequestContext } from '../../core/context.ts'
import { requestPasswordReset } from '../../core/recovery/by-mail.ts'
import { secretCookie } from '../../http/cookies.ts'
import type { App } from '../../http/types.ts'
import { textField } from '../form-fields.ts'
import { type FormKeys, formsOf } from '../forms.ts'
import type { PageParts } from '../page-parts.ts'
import { type FormView, foreignForm, type Problem, sendForm } from '../problems.ts'
import { findVisit, findVisitOf, findVisitOfForm, LoginPath, type Visit } from '../sign-in/visit.ts'
import { type MailState, mailProblem, presentAwaited } from './check-your-mail.ts'
import { atPage } from './mailed-link.ts'

const ForgotForm = z.object({ form: textField, email: textField, again: textField })

type ForgotBody = z.output<typeof ForgotForm>

const emailInvalid: Problem = { status: 400, text: 'emailInvalid' }

/** Who asks for a link: a browser in the middle of a login, or one that comes by itself. */
interface Asker extends FormKeys {
  ctx: RequestContext
  brand: Brand
  isLogin: boolean
  /** Begins the paths of the page. */
  path: string
}

/** The secret of the forms that were made for a browser. */
const formCookie = secretCookie('__Host-manydoors-form')

/**
 * Has a reset link sent, for those who cannot sign in and for those whose password manager leads here. Nobody learns
 * whether there is an account.
 */
export function forgotPasswordPages(app: App, parts: PageParts): void {
  const { show, submit } = answersOf(parts)
  const alone = (request: FastifyRequest, reply: FastifyReply) => aloneAt(parts.ctx, request, reply)

  // https://w3c.github.io/webappsec-change-password-url/
  app.get('/.well-known/change-password', (_request, reply) => reply.redirect('/ui/forgot-password'))

  // Of those who come by themselves, and of the login that was begun last.
  app.get('/ui/forgot-password', async (request, reply) => {
    const visit = await findVisit(parts, request)
    if (visit) return reply.redirect(`${visit.path}/forgot-password`, 303)
    return show({ request, reply }, alone(request, reply))
  })

  // The key of the form says whether it is of a login, and of which.
  app.post('/ui/forgot-password', { schema: { body: ForgotForm } }, async (request, reply) => {
    const ofForm = await findVisitOfForm(parts, request, request.body.form)
    const isAlone = ofForm === undefined && formCookie.read(request) !== undefined
    const visit = isAlone ? undefined : (ofForm ?? (await findVisit(parts, request)))
    return submit({ request, reply }, visit ? inLogin(visit) : alone(request, reply), request.body)
  })

  app.get('/ui/l/:login/forgot-password', { schema: { params: LoginPath } }, async (request, reply) => {
    const visit = await findVisitOf(parts, request, request.params.login)
    // It needs no login, so one that is over stops nobody.
    if (!visit) return reply.redirect('/ui/forgot-password', 303)
    return show({ request, reply }, inLogin(visit))
  })

  app.post(
    '/ui/l/:login/forgot-password',
    { schema: { params: LoginPath, body: ForgotForm } },
    async (request, reply) => {
      const visit = await findVisitOf(parts, request, request.params.login)
      return submit({ request, reply }, visit ? inLogin(visit) : alone(request, reply), request.body)
    },
  )
}

function inLogin(visit: Visit): Asker {
  return { ...visit, brand: visit.login.client.brand, isLogin: true }
}

/** Whoever comes by themselves gets a secret for their forms. */
function aloneAt(ctx: RealmContext, request: FastifyRequest, reply: FastifyReply): Asker {
  const known = formCookie.read(request)
  const secret = known || ctx.randomBytes(32).toString('base64url')
  if (!known) formCookie.keep(reply, secret)
  const brand = realmBrand(ctx)
  return { ...formsOf(ctx, secret), ctx: atPage(ctx, request), brand, isLogin: false, path: '/ui' }
}

function answersOf({ ctx, sendPage }: PageParts) {
  const link = `${ctx.publicUrl}/ui/reset-password?token={token}`

  const show = (view: FormView, { formKey, isLogin, brand, path }: Asker, email?: string) =>
    sendForm(sendPage, view, 'forgot-password', { form: formKey(), email, isLogin, path }, { brand })

  const showMail = (view: FormView, { formKey, isLogin, brand, path }: Asker, mail: MailState) => {
    const fields = { ...presentAwaited(view, { ...mail, form: formKey(), path }), isLogin }
    return sendForm(sendPage, view, 'forgot-password-done', fields, { brand })
  }

  const submit = async (view: FormView, asker: Asker, { form, email, again }: ForgotBody) => {
    const refuse = (problem: Problem) => show({ ...view, problem }, asker, email)
    if (!asker.owns(form)) return refuse(foreignForm)
    if (readEmail(email) === undefined) return refuse(emailInvalid)
    try {
      await requestPasswordReset(asker.ctx, { email, link, brand: asker.brand })
    } catch (error) {
      const { problem, minutes } = mailProblem(error, view.reply)
      return showMail({ ...view, problem }, asker, { email, minutes })
    }
    return showMail(view, asker, { email, isSentAgain: again !== '' })
  }
  return { show, submit }
}
