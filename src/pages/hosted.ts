import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { AnyContext, RealmContext } from '../core/context.ts'
import { AuthError, type ErrorCode } from '../core/errors.ts'
import { isResetOpen, resetPassword } from '../core/recovery.ts'
import { isVerificationOpen, verifyEmail } from '../core/verification.ts'
import type { App } from '../http/app.ts'
import { toAuthError } from '../http/dialect.ts'
import { type SendPage, stylesheet, type Texts, textsFor } from './render.ts'

/** `verificationCode` is what credebl's links call it. */
const TokenQuery = z
  .object({
    token: z.string().optional().catch(undefined),
    verificationCode: z.string().optional().catch(undefined),
  })
  .transform(({ token, verificationCode }) => ({ token: token ?? verificationCode ?? '' }))
const ResetForm = z.object({ token: z.string().catch(''), password: z.string().catch('') })
const VerifyForm = z.object({ token: z.string().catch('') })

/**
 * The pages that mails lead to when an app has none of its own. Opening one changes nothing, as mail scanners open
 * every link; its form does.
 */
export async function hostedPages(app: App, ctx: RealmContext, sendPage: SendPage): Promise<void> {
  const { minLength } = ctx.realm.password

  await app.register(async (scope: App) => {
    scope.setErrorHandler((error, request, reply) => sendFailure(ctx, sendPage, error, request, reply))
    scope.get('/ui/style.css', async (_request, reply) =>
      reply.header('cache-control', 'public, max-age=3600').type('text/css; charset=utf-8').send(stylesheet),
    )

    scope.get('/ui/reset-password', { schema: { querystring: TokenQuery } }, async (request, reply) => {
      const { token } = request.query
      if (!(await isResetOpen(ctx, token))) throw new AuthError('ticket_invalid')
      return sendPage(request, reply, 200, 'reset-password', { token, minLength })
    })

    scope.post('/ui/reset-password', { schema: { body: ResetForm } }, async (request, reply) => {
      const { token, password } = request.body
      try {
        await resetPassword(atPage(ctx, request), { token, password })
      } catch (error) {
        if (!isError(error, 'password_rejected')) throw error
        const texts = textsFor(request)
        const problem = [...password].length < minLength ? texts.passwordTooShort : texts.passwordUnusable
        return sendPage(request, reply, 400, 'reset-password', { token, minLength, problem })
      }
      return sendPage(request, reply, 200, 'reset-password-done')
    })

    for (const path of ['/ui/verify-email', '/ui/verify-email-success']) {
      scope.get(path, { schema: { querystring: TokenQuery } }, async (request, reply) => {
        const { token } = request.query
        if (!(await isVerificationOpen(ctx, token))) throw new AuthError('ticket_invalid')
        return sendPage(request, reply, 200, 'verify-email', { token })
      })
    }

    scope.post('/ui/verify-email', { schema: { body: VerifyForm } }, async (request, reply) => {
      try {
        await verifyEmail(atPage(ctx, request), { code: request.body.token })
      } catch (error) {
        if (!isError(error, 'email_already_verified')) throw error
      }
      return sendPage(request, reply, 200, 'verify-email-done')
    })
  })
}

function atPage(ctx: RealmContext, request: FastifyRequest): AnyContext {
  return {
    ...ctx,
    origin: { ip: request.ip, userAgent: request.headers['user-agent'], requestId: request.id },
  }
}

const failures: Partial<Record<ErrorCode, { status: number; text: keyof Texts }>> = {
  bad_request: { status: 400, text: 'failureBadRequest' },
  payload_too_large: { status: 413, text: 'failureBadRequest' },
  unsupported_media_type: { status: 415, text: 'failureBadRequest' },
  rate_limited: { status: 429, text: 'failureRateLimited' },
  overloaded: { status: 503, text: 'failureOverloaded' },
  unavailable: { status: 503, text: 'failureUnavailable' },
}

async function sendFailure(
  ctx: RealmContext,
  sendPage: SendPage,
  thrown: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { code, details } = toAuthError(thrown)
  if (code === 'ticket_invalid') return sendPage(request, reply, 404, 'link-invalid')
  const failure = failures[code]
  if (!failure || failure.status === 503) ctx.log.error({ err: thrown, requestId: request.id }, 'page failed')
  if (details.retryAfter !== undefined) reply.header('retry-after', String(details.retryAfter))
  const text = textsFor(request)[failure?.text ?? 'failureInternal']
  return sendPage(request, reply, failure?.status ?? 500, 'failure', { text })
}

function isError(error: unknown, code: ErrorCode): error is AuthError {
  return error instanceof AuthError && error.code === code
}
