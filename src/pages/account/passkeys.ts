import { z } from 'zod'
import type { ErrorCode } from '../../core/errors.ts'
import { addPasskey, startPasskey } from '../../core/passkeys/add.ts'
import { removePasskey, renamePasskey } from '../../core/passkeys/change.ts'
import type { App } from '../../http/types.ts'
import { fillIn } from '../../lib/fill-in.ts'
import { optionalText, textField } from '../form-fields.ts'
import { type FormView, type Problem, problemOf } from '../problems.ts'
import { passkeyPart } from '../sign-in/passkey-part.ts'
import { textsFor } from '../texts.ts'
import { passkeyIdOf } from './passkey-list.ts'
import { readNext } from './person.ts'
import { dateFor } from './reader.ts'
import { showSecurity } from './security.ts'
import { goOn, type SendAccount } from './send.ts'

const NextQuery = z.object({ next: optionalText })
const AddForm = z.object({ form: textField, passkey: textField, next: textField })
const NameForm = z.object({ form: textField, name: textField })
const PasskeyPath = z.object({ id: z.string() })

const securityPage = '/ui/account/security'
const listPath = '/ui/account/passkeys'
const newPath = '/ui/account/passkeys/new'

const problems: Partial<Record<ErrorCode, Problem>> = {
  passkey_invalid: { status: 400, text: 'passkeyNotMade' },
  passkey_limit: { status: 409, text: 'passkeyLimit' },
  last_sign_in_method: { status: 409, text: 'lastWay' },
  validation_failed: { status: 400, text: 'passkeyNameInvalid' },
}

const gone: Problem = { status: 400, text: 'passkeyGone' }
const listProblems: typeof problems = { ...problems, passkey_invalid: gone }

/** Adds, renames and removes the passkeys that the page of security shows, and leads back to it. */
export function passkeyRoutes(scope: App, send: SendAccount): void {
  scope.get(listPath, (_request, reply) => reply.redirect(securityPage, 303))
  listRoutes(scope, send)
  newPasskeyRoutes(scope, send)
}

function listRoutes(scope: App, send: SendAccount): void {
  scope.post(
    `${listPath}/:id/name`,
    { schema: { params: PasskeyPath, body: NameForm }, config: { page: securityPage } },
    async (request, reply) => {
      const { ctx, caller } = request.person
      const { name: typed } = request.body
      try {
        const id = await passkeyIdOf(request, request.params.id)
        const name = await renamePasskey(ctx, caller, { id, name: typed })
        return goOn(request, reply, securityPage, { text: 'passkeyRenamed', values: { name } })
      } catch (error) {
        const view = { request, reply, problem: problemOf(listProblems, error, reply) }
        return showSecurity(send, view, { wrong: request.params.id, typed })
      }
    },
  )

  scope.post(
    `${listPath}/:id/remove`,
    { schema: { params: PasskeyPath }, config: { needsProof: true, page: securityPage } },
    async (request, reply) => {
      const { ctx, caller } = request.person
      try {
        const name = await removePasskey(ctx, caller, await passkeyIdOf(request, request.params.id))
        return goOn(request, reply, securityPage, { text: 'passkeyRemoved', values: { name } })
      } catch (error) {
        return showSecurity(send, { request, reply, problem: problemOf(listProblems, error, reply) })
      }
    },
  )
}

function newPasskeyRoutes(scope: App, send: SendAccount): void {
  const show = async (view: FormView, next: string) => {
    const { ctx, caller } = view.request.person
    const { rpId } = ctx.realm.passkeys ?? {}
    try {
      const passkey = passkeyPart('add', await startPasskey(ctx, caller))
      return send(view, 'security', 'account-passkey-new', { passkey, rpId, next })
    } catch (error) {
      const problem = problemOf(problems, error, view.reply)
      return send({ ...view, problem }, 'security', 'account-passkey-new', { rpId, next })
    }
  }

  scope.get(
    newPath,
    { schema: { querystring: NextQuery }, config: { needsProof: true } },
    async (request, reply) => show({ request, reply }, nextOf(request.query.next)),
  )

  scope.post(
    newPath,
    { schema: { body: AddForm }, config: { needsProof: true, page: newPath } },
    async (request, reply) => {
      const { ctx, caller } = request.person
      const next = nextOf(request.body.next)
      try {
        const today = dateFor(request, ctx.now())
        const nameless = fillIn(textsFor(request).passkeyOf, { date: today })
        const name = await addPasskey(ctx, caller, { answer: request.body.passkey, nameless })
        return goOn(request, reply, next, { text: 'passkeyAdded', values: { name } })
      } catch (error) {
        return show({ request, reply, problem: problemOf(problems, error, reply) }, next)
      }
    },
  )
}

/** Where somebody goes on who has made a passkey, or has not: where they were going when it was offered, else to the list. */
function nextOf(next: string | undefined): string {
  return next ? readNext(next) : securityPage
}
