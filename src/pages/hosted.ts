import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { AnyContext, RealmContext } from '../core/context.ts'
import { AuthError, type ErrorCode } from '../core/errors.ts'
import { isResetOpen, resetPassword } from '../core/recovery.ts'
import { isVerificationOpen, verifyEmail } from '../core/verification.ts'
import type { App } from '../http/app.ts'
import { sendPage, stylesheet } from './render.ts'

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
export async function hostedPages(app: App, ctx: RealmContext): Promise<void> {
  await app.register(async (scope: App) => {
    scope.setErrorHandler((error, request, reply) => sendFailure(ctx, error, request, reply))
    scope.get('/ui/style.css', async (_request, reply) =>
      reply.header('cache-control', 'public, max-age=3600').type('text/css; charset=utf-8').send(stylesheet),
    )

    scope.get('/ui/reset-password', { schema: { querystring: TokenQuery } }, async (request, reply) => {
      const { token } = request.query
      if (!(await isResetOpen(ctx, token))) return sendPage(reply, 404, 'link-invalid')
      return sendPage(reply, 200, 'reset-password', { token, minLength: ctx.realm.password.minLength })
    })

    scope.post('/ui/reset-password', { schema: { body: ResetForm } }, async (request, reply) => {
      const { token, password } = request.body
      try {
        await resetPassword(atPage(ctx, request), { token, password })
      } catch (error) {
        if (!isError(error, 'password_rejected')) throw error
        const [issue] = error.details.issues ?? []
        const { minLength } = ctx.realm.password
        return sendPage(reply, 400, 'reset-password', { token, minLength, problem: issue?.message })
      }
      return sendPage(reply, 200, 'reset-password-done')
    })

    for (const path of ['/ui/verify-email', '/ui/verify-email-success']) {
      scope.get(path, { schema: { querystring: TokenQuery } }, async (request, reply) => {
        const { token } = request.query
        if (!(await isVerificationOpen(ctx, token))) return sendPage(reply, 404, 'link-invalid')
        return sendPage(reply, 200, 'verify-email', { token })
      })
    }

    scope.post('/ui/verify-email', { schema: { body: VerifyForm } }, async (request, reply) => {
      try {
        await verifyEmail(atPage(ctx, request), { code: request.body.token })
      } catch (error) {
        if (!isError(error, 'email_already_verified')) throw error
      }
      return sendPage(reply, 200, 'verify-email-done')
    })
  })
}

function atPage(ctx: RealmContext, request: FastifyRequest): AnyContext {
  return {
    ...ctx,
    origin: { ip: request.ip, userAgent: request.headers['user-agent'], requestId: request.id },
  }
}

const failures: Partial<Record<ErrorCode, { status: number; text: string }>> = {
  rate_limited: { status: 429, text: 'Too many attempts. Wait a while and try again.' },
  overloaded: { status: 503, text: 'The server is busy. Try again in a moment.' },
  unavailable: { status: 503, text: 'The service is not available right now. Try again in a moment.' },
}

async function sendFailure(ctx: RealmContext, error: unknown, request: FastifyRequest, reply: FastifyReply) {
  if (isError(error, 'ticket_invalid')) return sendPage(reply, 404, 'link-invalid')
  const code = error instanceof AuthError ? error.code : 'internal'
  if (code === 'internal') ctx.log.error({ err: error, requestId: request.id }, 'page failed')
  const { status, text } = failures[code] ?? { status: 500, text: 'Something went wrong.' }
  if (error instanceof AuthError && error.details.retryAfter)
    reply.header('retry-after', String(error.details.retryAfter))
  return sendPage(reply, status, 'failure', { text })
}

function isError(error: unknown, code: ErrorCode): error is AuthError {
  return error instanceof AuthError && error.code === code
}
