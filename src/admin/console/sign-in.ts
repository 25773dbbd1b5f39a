import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { operatorLogin, optionsForOperator, signInOperator } from '../../core/operators/sign-in.ts'
import { endBrowserSession } from '../../core/self-service/browser-sessions.ts'
import type { App } from '../../http/types.ts'
import { optionalText, textField } from '../../pages/form-fields.ts'
import { formsOf } from '../../pages/forms.ts'
import type { ConsoleParts } from './console-parts.ts'
import { operatorCookie, operatorLoginCookie } from './cookies.ts'
import { sendFailure } from './failures.ts'
import { type Told, troubleOf } from './problems.ts'
import { atConsole, readNext } from './session.ts'
import { textsFor } from './texts.ts'

const NextQuery = z.object({ next: optionalText })
const SignInForm = z.object({ form: textField, next: textField, passkey: textField })

/** Lets operators in, by their passkeys alone. */
export function signInPages(scope: App, parts: ConsoleParts): void {
  const show = async (request: FastifyRequest, reply: FastifyReply, next: string, trouble?: Told) => {
    const ctx = atConsole(parts, request)
    const login = await operatorLogin(ctx, trouble ? undefined : operatorLoginCookie.read(request))
    operatorLoginCookie.keep(reply, login)
    const options = optionsForOperator(ctx, login)
    return parts.sendPage(request, reply, trouble?.status ?? 200, 'sign-in', {
      form: formsOf(ctx, login).formKey(),
      next,
      passkey: options && JSON.stringify({ kind: 'sign-in', options, offers: trouble === undefined }),
      problem: trouble?.text,
    })
  }

  scope.get('/admin/sign-in', { schema: { querystring: NextQuery } }, (request, reply) =>
    show(request, reply, readNext(request.query.next)),
  )

  scope.post(
    '/admin/sign-in',
    { schema: { body: SignInForm }, config: { page: '/admin/sign-in' } },
    async (request, reply) => {
      const { form, next, passkey } = request.body
      const ctx = atConsole(parts, request)
      const login = operatorLoginCookie.read(request)
      if (login === undefined || !formsOf(ctx, login).owns(form))
        return sendFailure(parts.sendPage, request, reply, { status: 403, text: textsFor(request).formStale })
      try {
        operatorCookie.keep(reply, await signInOperator(ctx, { login, answer: passkey }))
        operatorLoginCookie.drop(reply)
        return reply.redirect(readNext(next), 303)
      } catch (error) {
        return show(request, reply, readNext(next), troubleOf(request, error))
      }
    },
  )
}

/** Signs an operator out of this browser. */
export function signOutRoute(scope: App): void {
  scope.post('/admin/sign-out', { config: { page: '/admin' } }, async (request, reply) => {
    const { ctx, caller } = request.visit
    await endBrowserSession(ctx, caller)
    operatorCookie.drop(reply)
    return reply.redirect('/admin/sign-in', 303)
  })
}
