import { z } from 'zod'
import { type ErrorCode, isRefusal } from '../../core/errors.ts'
import {
  isOffered,
  type OfferedSecret,
  offerSecret,
  removeAuthenticator,
  setUpAuthenticator,
  uriOf,
} from '../../core/self-service/authenticator.ts'
import { secondFactorSince } from '../../core/sign-in/second-factor.ts'
import type { App } from '../../http/types.ts'
import { textField } from '../form-fields.ts'
import { type FormView, type Problem, problemOf } from '../problems.ts'
import { drawQrCode } from './qr-code.ts'
import { dateFor } from './reader.ts'
import { presentNewCodes } from './recovery-codes.ts'
import { goOn, type SendAccount } from './send.ts'

const page = '/ui/account/authenticator'
const SetUpForm = z.object({ secret: textField, seal: textField, code: textField })

const problems: Partial<Record<ErrorCode, Problem>> = {
  second_factor_code_invalid: { status: 400, text: 'authenticatorCodeWrong' },
  ticket_invalid: { status: 400, text: 'authenticatorStale' },
}
const missingCode: Problem = { status: 400, text: 'codeMissing' }

/** The second step: how it is set up, and how it is turned off. */
export function authenticatorRoutes(scope: App, send: SendAccount): void {
  const config = { needsProof: true, page }

  const show = async (view: FormView, shown?: OfferedSecret) => {
    const { ctx, caller } = view.request.person
    const since = await secondFactorSince(ctx, caller.account.id)
    if (since !== undefined) {
      return send(view, 'security', 'account-authenticator', { since: dateFor(view.request, since) })
    }
    // The same again after a wrong code, as it is in the app by then; never one that somebody else has thought of.
    const offer = shown && isOffered(ctx, caller, shown) ? shown : offerSecret(ctx, caller)
    const qr = await drawQrCode(uriOf(ctx, caller, offer))
    const groups = offer.secret.match(/.{1,4}/g)?.join(' ')
    return send(view, 'security', 'account-authenticator', { ...offer, groups, qr })
  }

  scope.get(page, { config }, (request, reply) => show({ request, reply }))

  scope.post(page, { config, schema: { body: SetUpForm } }, async (request, reply) => {
    const { code, ...offer } = request.body
    const { ctx, caller } = request.person
    if (!code.trim()) return show({ request, reply, problem: missingCode }, offer)
    try {
      const codes = await setUpAuthenticator(ctx, caller, { offer, code })
      return send({ request, reply }, 'security', 'account-new-codes', presentNewCodes(codes))
    } catch (error) {
      // Whoever sends the form again: the codes were shown, and are not to be had twice.
      if (isRefusal(error, 'second_factor_enabled')) return goOn(request, reply, page)
      return show({ request, reply, problem: problemOf(problems, error, reply) }, offer)
    }
  })

  scope.post(`${page}/remove`, { config }, async (request, reply) => {
    try {
      await removeAuthenticator(request.person.ctx, request.person.caller)
    } catch (error) {
      if (!isRefusal(error, 'second_factor_not_pending')) throw error
    }
    return goOn(request, reply, '/ui/account/security', { text: 'authenticatorRemoved' })
  })
}
