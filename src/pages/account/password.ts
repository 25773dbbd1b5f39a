import { z } from 'zod'
import { isRefusal } from '../../core/errors.ts'
import { pagePolicy } from '../../core/passwords/policy.ts'
import { setOwnPassword } from '../../core/self-service/set-password.ts'
import type { App } from '../../http/types.ts'
import { textField } from '../form-fields.ts'
import { passwordProblem } from '../password-problems.ts'
import { type FormView, problemOf } from '../problems.ts'
import { goOn, type SendAccount } from './send.ts'

const page = '/ui/account/password'
const PasswordForm = z.object({
  password: textField,
  others: z.enum(['end', 'keep']).catch('keep'),
})

type OtherSessions = z.output<typeof PasswordForm>['others']

/** Another password for the account, or its first. */
export function passwordRoutes(scope: App, send: SendAccount): void {
  const config = { needsProof: true, page }
  const show = (view: FormView, others: OtherSessions) => {
    const { ctx, caller } = view.request.person
    const { minLength, isStrict } = pagePolicy(ctx.realm)
    const hasPassword = caller.account.password_hash !== null
    const data = { hasPassword, minLength, isStrict, endsOthers: others === 'end' }
    return send(view, 'security', 'account-password', data)
  }

  scope.get(page, { config }, (request, reply) => show({ request, reply }, 'end'))

  scope.post(page, { config, schema: { body: PasswordForm } }, async (request, reply) => {
    const { password, others: otherSessions } = request.body
    const { ctx, caller } = request.person
    try {
      await setOwnPassword(ctx, caller, { password, otherSessions })
    } catch (error) {
      const problem = isRefusal(error, 'password_rejected')
        ? passwordProblem(error, pagePolicy(ctx.realm))
        : problemOf({}, error, reply)
      return show({ request, reply, problem }, otherSessions)
    }
    return goOn(request, reply, '/ui/account/security', { text: 'passwordChanged' })
  })
}
