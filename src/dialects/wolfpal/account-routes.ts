import { identifierOf } from '../../core/accounts/identifiers.ts'
import { AuthError, isRefusal } from '../../core/errors.ts'
import { changePassword } from '../../core/passwords/change.ts'
import { hasSecondFactor } from '../../core/sign-in/second-factor.ts'
import {
  confirmSecondFactor,
  disableSecondFactor,
  enrolSecondFactor,
} from '../../core/sign-in/second-factor-enrolment.ts'
import type { App } from '../../http/types.ts'
import { wrongAccountCode, wrongOldPassword } from './errors.ts'
import * as fields from './fields.ts'
import { presentEnrolment, presentUser } from './present.ts'

/** What callers do with their own account. */
export function accountRoutes(app: App, base: string): void {
  app.get(base, async ({ ctx, caller: { account } }) => ({
    user: presentUser(account, await hasSecondFactor(ctx, account.id)),
  }))

  app.put(`${base}/change-password`, { schema: { body: fields.PasswordChange } }, async (request, reply) => {
    const { ctx, body, caller } = request
    try {
      await changePassword(ctx, { ...identifierOf(caller.account), ...body, caller })
    } catch (error) {
      if (isRefusal(error, 'second_factor_code_invalid')) return reply.code(400).send(wrongAccountCode)
      if (!isRefusal(error, 'credentials_invalid')) throw error
      return reply.code(401).send(wrongOldPassword)
    }
    return { code: 'PASSWORD_CHANGED', message: 'Your password has been changed.' }
  })

  app.post(`${base}/two-factor`, async (request) => {
    const enrolment = await enrolSecondFactor(request.ctx, request.caller)
    return {
      code: 'PENDING_VERIFICATION',
      error: 'Two Factor is pending verification.',
      ...(await presentEnrolment(enrolment)),
    }
  })

  app.put(`${base}/two-factor`, { schema: { body: fields.Code } }, async (request, reply) => {
    try {
      await confirmSecondFactor(request.ctx, request.caller, request.body.code)
    } catch (error) {
      if (!isRefusal(error, 'second_factor_code_invalid')) throw error
      return reply.code(400).send(wrongAccountCode)
    }
    return { code: 'TWO_FACTOR_ENABLED', message: 'Two factor has been enabled.' }
  })

  const removing = { schema: { querystring: fields.CodeInEither, body: fields.CodeInEither } }
  app.delete(`${base}/two-factor`, removing, async (request, reply) => {
    const { code = request.query.code } = request.body
    if (code === undefined)
      throw new AuthError('validation_failed', { issues: [{ field: 'code', message: 'REQUIRED' }] })
    try {
      await disableSecondFactor(request.ctx, request.caller, code)
    } catch (error) {
      if (!isRefusal(error, 'second_factor_code_invalid')) throw error
      return reply.code(400).send(wrongAccountCode)
    }
    return { code: 'TWO_FACTOR_DISABLED', message: 'Two factor has been disabled.' }
  })
}
