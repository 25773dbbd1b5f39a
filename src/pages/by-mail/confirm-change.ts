import { z } from 'zod'
import { refuseLink } from '../../core/accounts/verification.ts'
import type { ErrorCode } from '../../core/errors.ts'
import { findEmailChange } from '../../core/self-service/email-change.ts'
import { findUndo, undoChange } from '../../core/self-service/undo-change.ts'
import { secretCookie } from '../../http/cookies.ts'
import type { App } from '../../http/types.ts'
import { textField } from '../form-fields.ts'
import type { PageParts } from '../page-parts.ts'
import { type FormView, type Problem, problemOf, sendForm } from '../problems.ts'
import { atPage, TokenQuery } from './mailed-link.ts'

const UndoForm = z.object({ token: textField })

const problems: Partial<Record<ErrorCode, Problem>> = {
  email_taken: { status: 409, text: 'undoTaken' },
}

/** Of the link that a browser has opened: long enough to sign in. */
const cookieLifetimeSeconds = 15 * 60

/** What a browser keeps of a link that changes an address, while its reader signs in: no address of a page holds it then. */
export const changeCookie = secretCookie('__Host-manydoors-change', cookieLifetimeSeconds)

/**
 * What the mail to a new e-mail address leads to. Opening the link changes nothing, as mail scanners open every link: it
 * goes on to the account page.
 */
export function changePages(app: App, { ctx }: PageParts): void {
  app.get('/ui/confirm-change', { schema: { querystring: TokenQuery } }, async (request, reply) => {
    const { token } = request.query
    const page = atPage(ctx, request)
    if (!(await findEmailChange(page, token))) return refuseLink(page)
    changeCookie.keep(reply, token)
    return reply.redirect('/ui/account/email/confirm', 303)
  })
}

/**
 * What the mail about a changed e-mail address or phone number leads to. Opening the link changes nothing: its form undoes
 * the change, also where the realm has no account page any more.
 */
export function undoPages(app: App, { ctx, sendPage }: PageParts): void {
  const show = async (view: FormView, token: string) => {
    const page = atPage(ctx, view.request)
    const undo = await findUndo(page, token)
    if (!undo) return refuseLink(page)
    return sendForm(sendPage, view, 'undo-change', { token, email: undo.names.email })
  }

  app.get('/ui/undo-change', { schema: { querystring: TokenQuery } }, async (request, reply) =>
    show({ request, reply }, request.query.token),
  )

  app.post('/ui/undo-change', { schema: { body: UndoForm } }, async (request, reply) => {
    const { token } = request.body
    try {
      const secret = await undoChange(atPage(ctx, request), token)
      return reply.redirect(`/ui/reset-password?token=${secret}`, 303)
    } catch (error) {
      return show({ request, reply, problem: problemOf(problems, error, reply) }, token)
    }
  })
}
