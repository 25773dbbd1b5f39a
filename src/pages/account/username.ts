import { z } from 'zod'
import type { ErrorCode } from '../../core/errors.ts'
import { changeUsername, usernameLength } from '../../core/self-service/change-username.ts'
import type { App } from '../../http/types.ts'
import { textField } from '../form-fields.ts'
import { type FormView, type Problem, problemOf } from '../problems.ts'
import { goOn, type SendAccount } from './send.ts'

const path = '/ui/account/username'

const UsernameForm = z.object({ username: textField })

const problems: Partial<Record<ErrorCode, Problem>> = {
  validation_failed: { status: 400, text: 'usernameUnusable' },
  username_taken: { status: 409, text: 'usernameTaken' },
}

/** The user name that a person signs in with. Who has shown a proof alone may learn here what is taken. */
export function usernameRoutes(scope: App, send: SendAccount): void {
  const config = { needsProof: true, page: path }
  const show = (view: FormView, username: string | null) =>
    send(view, 'profile', 'account-username', { username, maxLength: usernameLength.max })

  scope.get(path, { config }, (request, reply) =>
    show({ request, reply }, request.person.caller.account.username),
  )

  scope.post(path, { config, schema: { body: UsernameForm } }, async (request, reply) => {
    const { ctx, caller } = request.person
    const { username } = request.body
    try {
      await changeUsername(ctx, caller, username)
    } catch (error) {
      return show({ request, reply, problem: problemOf(problems, error, reply) }, username)
    }
    return goOn(request, reply, '/ui/account', { text: 'usernameChanged' })
  })
}
