import { createHash } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import { AuthError, type ErrorCode } from '../../core/errors.ts'
import { addPasskey, maxPasskeys, startPasskey } from '../../core/passkeys/add.ts'
import { removePasskey, renamePasskey } from '../../core/passkeys/change.ts'
import { listPasskeys } from '../../core/passkeys/list.ts'
import { readUserAgent } from '../../http/device.ts'
import type { App } from '../../http/types.ts'
import type { PasskeyRow } from '../../store/schema.ts'
import { textField } from '../form-fields.ts'
import { type FormView, type Problem, problemOf } from '../problems.ts'
import { passkeyPart } from '../sign-in/passkey-part.ts'
import { fillIn, textsFor } from '../texts.ts'
import { dateFor } from './reader.ts'
import { goOn, type SendAccount } from './send.ts'

const AddForm = z.object({ form: textField, passkey: textField })
const NameForm = z.object({ form: textField, name: textField })
const PasskeyPath = z.object({ id: z.string() })

const listPath = '/ui/account/passkeys'
const newPath = '/ui/account/passkeys/new'

const problems: Partial<Record<ErrorCode, Problem>> = {
  passkey_invalid: { status: 400, text: 'passkeyNotMade' },
  passkey_limit: { status: 409, text: 'passkeyLimit' },
  last_sign_in_method: { status: 409, text: 'lastWay' },
  validation_failed: { status: 400, text: 'passkeyNameInvalid' },
}

/** The passkeys of an account: what there are, and adding, renaming and removing them. */
export function passkeyRoutes(scope: App, send: SendAccount): void {
  const showList = async (view: FormView) =>
    send(view, 'security', 'account-passkeys', await readPasskeys(view.request))
  listRoutes(scope, showList)
  newPasskeyRoutes(scope, send)
}

function listRoutes(scope: App, showList: (view: FormView) => Promise<unknown>): void {
  scope.get(listPath, (request, reply) => showList({ request, reply }))

  scope.post(
    `${listPath}/:id/name`,
    { schema: { params: PasskeyPath, body: NameForm }, config: { page: listPath } },
    async (request, reply) => {
      const { ctx, caller } = request.person
      try {
        const id = await idOf(request, request.params.id)
        const name = await renamePasskey(ctx, caller, { id, name: request.body.name })
        return goOn(request, reply, listPath, { text: 'passkeyRenamed', values: { name } })
      } catch (error) {
        return showList({ request, reply, problem: problemOf(problems, error, reply) })
      }
    },
  )

  scope.post(
    `${listPath}/:id/remove`,
    { schema: { params: PasskeyPath }, config: { needsProof: true, page: listPath } },
    async (request, reply) => {
      const { ctx, caller } = request.person
      try {
        const name = await removePasskey(ctx, caller, await idOf(request, request.params.id))
        return goOn(request, reply, listPath, { text: 'passkeyRemoved', values: { name } })
      } catch (error) {
        return showList({ request, reply, problem: problemOf(problems, error, reply) })
      }
    },
  )
}

function newPasskeyRoutes(scope: App, send: SendAccount): void {
  const show = async (view: FormView) => {
    const { ctx, caller } = view.request.person
    const { rpId } = ctx.realm.passkeys ?? {}
    try {
      const passkey = passkeyPart('add', await startPasskey(ctx, caller))
      return send(view, 'security', 'account-passkey-new', { passkey, rpId })
    } catch (error) {
      const problem = problemOf(problems, error, view.reply)
      return send({ ...view, problem }, 'security', 'account-passkey-new', { passkey: undefined, rpId })
    }
  }

  scope.get(newPath, { config: { needsProof: true } }, (request, reply) => show({ request, reply }))

  scope.post(
    newPath,
    { schema: { body: AddForm }, config: { needsProof: true, page: newPath } },
    async (request, reply) => {
      const { ctx, caller } = request.person
      try {
        const nameless = fillIn(textsFor(request).passkeyOf, { date: dateFor(request, ctx.now()) })
        const name = await addPasskey(ctx, caller, { answer: request.body.passkey, nameless })
        return goOn(request, reply, listPath, { text: 'passkeyAdded', values: { name } })
      } catch (error) {
        return show({ request, reply, problem: problemOf(problems, error, reply) })
      }
    },
  )
}

/** What the part `_passkeys` is given: the passkeys of whoever is signed in, and what their browser shall know of them. */
async function readPasskeys(request: FastifyRequest) {
  const { ctx, caller } = request.person
  const { passkeys, known } = await listPasskeys(ctx, caller)
  return {
    passkeys: passkeys.map((passkey) => presentPasskey(passkey, request)),
    knownPasskeys: known && JSON.stringify(known),
    canAddPasskey: known !== undefined && passkeys.length < maxPasskeys,
  }
}

function presentPasskey(passkey: PasskeyRow, request: FastifyRequest) {
  const { id, name, created_at: createdAt, last_used_at: lastUsedAt } = passkey
  const madeBy = readUserAgent(passkey.user_agent ?? undefined)
  return {
    id: shortIdOf(id),
    name,
    isSynced: passkey.backed_up === 1,
    isSuspected: passkey.suspected_at !== null,
    isElsewhere: passkey.rp_id !== request.person.ctx.realm.passkeys?.rpId,
    added: dateFor(request, createdAt),
    lastUsed: lastUsedAt === null ? undefined : dateFor(request, lastUsedAt),
    madeBy: [madeBy?.browser, madeBy?.os].filter(Boolean).join(', ') || undefined,
  }
}

/** Names a passkey in a path: a credential id may have more than a thousand characters. */
function shortIdOf(id: string): string {
  return createHash('sha256').update(id).digest('base64url').slice(0, 22)
}

/** The credential id of one of the person's own passkeys. Throws `passkey_invalid` when there is none. */
async function idOf({ person: { ctx, caller } }: FastifyRequest, shortId: string): Promise<string> {
  const { passkeys } = await listPasskeys(ctx, caller)
  const found = passkeys.find(({ id }) => shortIdOf(id) === shortId)
  if (!found) throw new AuthError('passkey_invalid')
  return found.id
}
