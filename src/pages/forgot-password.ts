import { z } from 'zod'
import { isRefusal } from '../core/errors.ts'
import { requestPasswordReset } from '../core/recovery.ts'
import type { App } from '../http/app.ts'
import { isEmail } from '../http/fields.ts'
import { readVisit } from './login.ts'
import { type Texts, textsFor } from './render.ts'
import type { LoginPagesOptions } from './sign-in.ts'

const text = z.string().catch('')
const ForgotForm = z.object({ form: text, email: text })

/** Has a reset link sent, for those who cannot sign in. Nobody learns here whether there is an account. */
export async function forgotPasswordPages(app: App, options: LoginPagesOptions): Promise<void> {
  const { ctx, doors, sendPage, sendFailure } = options

  await app.register(async (scope: App) => {
    scope.setErrorHandler(sendFailure)

    scope.get('/ui/forgot-password', async (request, reply) => {
      const { formKey: form } = await readVisit(ctx, doors, request)
      return sendPage(request, reply, 200, 'forgot-password', { form })
    })

    scope.post('/ui/forgot-password', { schema: { body: ForgotForm } }, async (request, reply) => {
      const visit = await readVisit(ctx, doors, request)
      const { form, email } = request.body
      const refuse = (status: number, problem: keyof Texts) => {
        const data = { form: visit.formKey, email, problem: textsFor(request)[problem] }
        return sendPage(request, reply, status, 'forgot-password', data)
      }
      if (!visit.owns(form)) return refuse(403, 'formStale')
      if (!isEmail(email)) return refuse(400, 'emailInvalid')
      const link = `${ctx.publicUrl}/ui/reset-password?token={token}`
      try {
        await requestPasswordReset(visit.ctx, { email, link, brand: visit.login.client.brand })
      } catch (error) {
        if (!isRefusal(error, 'rate_limited')) throw error
        request.refusal = error
        reply.header('retry-after', String(error.details.retryAfter ?? 1))
        return refuse(429, 'failureRateLimited')
      }
      return sendPage(request, reply, 200, 'forgot-password-done')
    })
  })
}
