import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import { type ErrorCode, isRefusal } from '../../core/errors.ts'
import { maxInForce } from '../../core/factors/enrol.ts'
import { type InForce, inForceBy } from '../../core/factors/held.ts'
import {
  addAuthenticator,
  removeAuthenticator,
  setUpAuthenticator,
} from '../../core/self-service/authenticator.ts'
import { isOffered, type OfferedSecret, offerSecret, uriOf } from '../../core/self-service/offered-secret.ts'
import type { App } from '../../http/types.ts'
import { textField } from '../form-fields.ts'
import { type FormView, type Problem, problemOf } from '../problems.ts'
import { textsFor } from '../texts.ts'
import { drawQrCode } from './qr-code.ts'
import { dateFor } from './reader.ts'
import { presentNewCodes } from './recovery-codes.ts'
import { goOn, type SendAccount } from './send.ts'

const page = '/ui/account/authenticator'
const newPage = `${page}/new`
const SetUpForm = z.object({ secret: textField, seal: textField, name: textField, code: textField })
const ById = z.object({ id: z.string() })

const problems: Partial<Record<ErrorCode, Problem>> = {
  second_factor_code_invalid: { status: 400, text: 'authenticatorCodeWrong' },
  ticket_invalid: { status: 400, text: 'authenticatorStale' },
  validation_failed: { status: 400, text: 'authenticatorNameInvalid' },
  factor_name_taken: { status: 409, text: 'authenticatorNameTaken' },
}
const missingCode: Problem = { status: 400, text: 'codeMissing' }
/** Those that are of the name. */
const ofName: Problem['text'][] = ['authenticatorNameInvalid', 'authenticatorNameTaken']

/** The second step: how it is set up, which authenticators it has, and how each is removed. */
export function authenticatorRoutes(scope: App, send: SendAccount): void {
  const config = { needsProof: true, page }

  scope.get(page, { config }, async (request, reply) => {
    const { ctx, caller } = request.person
    const held = await inForceBy(ctx, caller.account.id)
    if (held.length === 0) return showSetUp(send, { request, reply }, { isFurther: false })
    return send({ request, reply }, 'security', 'account-authenticators', presentAll(request, held))
  })

  scope.post(page, { config, schema: { body: SetUpForm } }, async (request, reply) => {
    const { ctx, caller } = request.person
    const { code, name, ...offer } = request.body
    const typed = { offer, name, isFurther: false }
    if (!code.trim()) return showSetUp(send, { request, reply, problem: missingCode }, typed)
    try {
      const codes = await setUpAuthenticator(ctx, caller, { offer, code, name })
      return send({ request, reply }, 'security', 'account-new-codes', presentNewCodes(codes))
    } catch (error) {
      // Whoever sends the form again: the codes were shown, and are not to be had twice.
      if (isRefusal(error, 'second_factor_enabled')) return goOn(request, reply, page)
      return showSetUp(send, { request, reply, problem: problemOf(problems, error, reply) }, typed)
    }
  })

  scope.post(`${page}/:id/remove`, { config, schema: { params: ById } }, async (request, reply) => {
    const { ctx, caller } = request.person
    try {
      const { removed, othersLeft } = await removeAuthenticator(ctx, caller, request.params.id)
      if (!othersLeft) return goOn(request, reply, '/ui/account/security', { text: 'authenticatorRemoved' })
      const name = removed.name || textsFor(request).authenticatorName
      return goOn(request, reply, page, { text: 'authenticatorOneRemoved', values: { name } })
    } catch (error) {
      if (!isRefusal(error, 'second_factor_not_pending')) throw error
      return goOn(request, reply, '/ui/account/security')
    }
  })

  furtherRoutes(scope, send)
}

/** One beside those that the account has. */
function furtherRoutes(scope: App, send: SendAccount): void {
  const config = { needsProof: true, page: newPage }

  scope.get(newPage, { config }, async (request, reply) => {
    const { ctx, caller } = request.person
    const { length } = await inForceBy(ctx, caller.account.id)
    if (length === 0 || length >= maxInForce) return goOn(request, reply, page)
    return showSetUp(send, { request, reply }, { isFurther: true })
  })

  scope.post(newPage, { config, schema: { body: SetUpForm } }, async (request, reply) => {
    const { ctx, caller } = request.person
    const { code, name, ...offer } = request.body
    const typed = { offer, name, isFurther: true }
    if (!code.trim()) return showSetUp(send, { request, reply, problem: missingCode }, typed)
    try {
      await addAuthenticator(ctx, caller, { offer, code, name })
      return goOn(request, reply, page, { text: 'authenticatorAdded' })
    } catch (error) {
      // Whoever sends the form again, or has as many by now as there may be.
      if (isRefusal(error, 'second_factor_enabled') || isRefusal(error, 'second_factor_not_pending'))
        return goOn(request, reply, page)
      return showSetUp(send, { request, reply, problem: problemOf(problems, error, reply) }, typed)
    }
  })
}

function presentAll(request: FastifyRequest, held: InForce[]) {
  const { authenticatorName } = textsFor(request)
  const authenticators = held.map(({ id, name, confirmedAt }) => ({
    id,
    name: name || authenticatorName,
    added: dateFor(request, confirmedAt),
  }))
  return { authenticators, canAdd: held.length < maxInForce }
}

async function showSetUp(
  send: SendAccount,
  view: FormView,
  { offer: shown, name, isFurther }: { offer?: OfferedSecret; name?: string; isFurther: boolean },
) {
  const { ctx, caller } = view.request.person
  // The same again after a wrong code, as it is in the app by then; never one that somebody else has thought of.
  const offer = shown && isOffered(ctx, caller, shown) ? shown : offerSecret(ctx, caller)
  const qr = await drawQrCode(uriOf(ctx, caller, offer))
  const groups = offer.secret.match(/.{1,4}/g)?.join(' ')
  const isOfName = view.problem !== undefined && ofName.includes(view.problem.text)
  const data = { ...offer, groups, qr, name, isFurther, isOfName }
  return send(view, 'security', 'account-authenticator', data)
}
