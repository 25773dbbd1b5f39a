import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { operatorLogin, recoverOperator } from '../../core/operators/sign-in.ts'
import type { App } from '../../http/types.ts'
import { textField } from '../../pages/form-fields.ts'
import { formsOf } from '../../pages/forms.ts'
import type { ConsoleParts } from './console-parts.ts'
import { operatorLoginCookie } from './cookies.ts'
import { sendFailure } from './failures.ts'
import { type Told, troubleOf } from './problems.ts'
import { atConsole } from './session.ts'
import { textsFor } from './texts.ts'

const path = '/admin/recover'
const RecoverForm = z.object({ form: textField, email: textField, code: textField })

/** The way back of an operator who has lost their passkeys: a recovery code opens the page that makes a new one. */
export function recoverPages(scope: App, parts: ConsoleParts): void {
  const show = async (
    request: FastifyRequest,
    reply: FastifyReply,
    { email, trouble }: { email: string; trouble?: Told },
  ) => {
    const ctx = atConsole(parts, request)
    const login = await operatorLogin(ctx, operatorLoginCookie.read(request))
    operatorLoginCookie.keep(reply, login)
    const form = formsOf(ctx, login).formKey()
    return parts.sendPage(request, reply, trouble?.status ?? 200, 'recover', {
      form,
      email,
      problem: trouble?.text,
    })
  }

  scope.get(path, (request, reply) => show(request, reply, { email: '' }))

  scope.post(path, { schema: { body: RecoverForm }, config: { page: path } }, async (request, reply) => {
    const { form, email, code } = request.body
    const ctx = atConsole(parts, request)
    const login = operatorLoginCookie.read(request)
    if (login === undefined || !formsOf(ctx, login).owns(form))
      return sendFailure(parts.sendPage, request, reply, { status: 403, text: textsFor(request).formStale })
    try {
      const token = await recoverOperator(ctx, { email, code })
      return reply.redirect(`/admin/invitation/${token}`, 303)
    } catch (error) {
      return show(request, reply, { email, trouble: troubleOf(request, error) })
    }
  })
}
