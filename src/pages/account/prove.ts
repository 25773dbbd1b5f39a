import { z } from 'zod'
import type { ErrorCode } from '../../core/errors.ts'
import { optionsForProof, proveByPasskey } from '../../core/passkeys/prove.ts'
import { proveByPassword } from '../../core/self-service/prove.ts'
import { hasSecondFactor } from '../../core/sign-in/second-factor.ts'
import type { App } from '../../http/types.ts'
import { optionalText, textField } from '../form-fields.ts'
import { type FormView, type Problem, problemOf } from '../problems.ts'
import { passkeyPart } from '../sign-in/passkey-part.ts'
import { readNext } from './person.ts'
import type { SendAccount } from './send.ts'

const NextQuery = z.object({ next: optionalText })
const ProveForm = z.object({ next: textField, password: textField, code: textField })

const PasskeyForm = z.object({ next: textField, passkey: textField })

const problems: Partial<Record<ErrorCode, Problem>> = {
  passkey_invalid: { status: 401, text: 'passkeyRefused' },
  credentials_invalid: { status: 401, text: 'passwordWrong' },
  second_factor_code_invalid: { status: 401, text: 'codeInvalid' },
}

/** Asks for a proof of who is there before what changes the ways into an account (sudo). */
export function proveRoutes(scope: App, send: SendAccount): void {
  const show = async (view: FormView, next: string) => {
    const { ctx, caller } = view.request.person
    const { id, password_hash } = caller.account
    return send(view, 'security', 'account-prove', {
      next,
      again: `/ui/account/sign-in?next=${encodeURIComponent(next)}`,
      hasPassword: password_hash !== null,
      needsCode: await hasSecondFactor(ctx, id),
      passkey: passkeyPart('prove', await optionsForProof(ctx, caller)),
    })
  }

  scope.get('/ui/account/prove', { schema: { querystring: NextQuery } }, async (request, reply) =>
    show({ request, reply }, readNext(request.query.next)),
  )

  scope.post('/ui/account/prove', { schema: { body: ProveForm } }, async (request, reply) => {
    const { password, code } = request.body
    const next = readNext(request.body.next)
    const { ctx, caller } = request.person
    try {
      await proveByPassword(ctx, caller, { password, code })
    } catch (error) {
      return show({ request, reply, problem: problemOf(problems, error, reply) }, next)
    }
    return reply.redirect(next, 303)
  })

  scope.post('/ui/account/prove/passkey', { schema: { body: PasskeyForm } }, async (request, reply) => {
    const { ctx, caller } = request.person
    const next = readNext(request.body.next)
    try {
      await proveByPasskey(ctx, caller, request.body.passkey)
    } catch (error) {
      return show({ request, reply, problem: problemOf(problems, error, reply) }, next)
    }
    return reply.redirect(next, 303)
  })
}
