import type { FastifyReply, FastifyRequest } from 'fastify'
import { identifierOf } from '../../core/accounts/identifiers.ts'
import { AuthError } from '../../core/errors.ts'
import { changePassword } from '../../core/passwords/change.ts'
import { hasSecondFactor } from '../../core/sign-in/second-factor.ts'
import {
  confirmSecondFactor,
  disableSecondFactor,
  enrolSecondFactor,
} from '../../core/sign-in/second-factor-enrolment.ts'
import type { App } from '../../http/types.ts'
import { renderAccountError } from './errors.ts'
import * as fields from './fields.ts'
import { presentEnrolment, presentUser } from './present.ts'

/** What callers do with their own account. */
export function accountRoutes(app: App, base: string): void {
  app.get(base, async ({ ctx, caller: { account } }) => ({
    user: presentUser(account, await hasSecondFactor(ctx, account.id)),
  }))

  app.put(
    `${base}/change-password`,
    { schema: { body: fields.PasswordChange }, errorHandler },
    async (request) => {
      const { ctx, body, caller } = request
      await changePassword(ctx, { ...identifierOf(caller.account), ...body, caller })
      return { code: 'PASSWORD_CHANGED', message: 'Your password has been changed.' }
    },
  )

  app.post(`${base}/two-factor`, async (request) => {
    const enrolment = await enrolSecondFactor(request.ctx, request.caller)
    return {
      code: 'PENDING_VERIFICATION',
      error: 'Two Factor is pending verification.',
      ...(await presentEnrolment(enrolment)),
    }
  })

  app.put(`${base}/two-factor`, { schema: { body: fields.Code }, errorHandler }, async (request) => {
    await confirmSecondFactor(request.ctx, request.caller, request.body.code)
    return { code: 'TWO_FACTOR_ENABLED', message: 'Two factor has been enabled.' }
  })

  const removal = { querystring: fields.CodeInEither, body: fields.CodeInEither }
  app.delete(`${base}/two-factor`, { schema: removal, errorHandler }, async (request) => {
    const { code = request.query.code } = request.body
    if (code === undefined)
      throw new AuthError('validation_failed', { issues: [{ field: 'code', message: 'REQUIRED' }] })
    await disableSecondFactor(request.ctx, request.caller, code)
    return { code: 'TWO_FACTOR_DISABLED', message: 'Two factor has been disabled.' }
  })
}

/** Answers what these routes answer otherwise than the others; the rest is left to the dialect's error handler. */
function errorHandler(thrown: unknown, _request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const wire = thrown instanceof AuthError ? renderAccountError(thrown) : undefined
  if (!wire) throw thrown
  return reply.code(wire.status).send(wire.body)
}
