import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { AuthError } from '../../core/errors.ts'
import { replaceOperatorCodes } from '../../core/operators/recovery-codes.ts'
import { addPasskey, startPasskey } from '../../core/passkeys/add.ts'
import { removePasskey } from '../../core/passkeys/change.ts'
import { listPasskeys } from '../../core/passkeys/list.ts'
import { shortIdOf } from '../../core/passkeys/short-id.ts'
import { endDevice, endOtherDevices, listDevices } from '../../core/self-service/devices.ts'
import { keptCodes } from '../../core/self-service/recovery-codes.ts'
import { readUserAgent } from '../../http/device.ts'
import type { App } from '../../http/types.ts'
import { fillIn } from '../../lib/fill-in.ts'
import { textField } from '../../pages/form-fields.ts'
import type { PasskeyRow, SessionRow } from '../../store/schema.ts'
import type { ConsoleParts } from './console-parts.ts'
import { type Told, troubleOf } from './problems.ts'
import { textsFor } from './texts.ts'
import { goOn, sendConsole, timeFor } from './visit.ts'

const path = '/admin/access'
const ById = z.object({ id: z.string() })
const AddForm = z.object({ passkey: textField })

/** What an operator sees and changes of their own ways in: passkeys, recovery codes, sessions. */
export function accessPages(scope: App, parts: ConsoleParts): void {
  const show = showAccess(parts)
  scope.get(path, (request, reply) => show(request, reply))
  sessionRoutes(scope)
  passkeyRoutes(scope, parts, show)

  const codes = { config: { needsOperatorProof: true, page: path } }
  scope.post(`${path}/recovery-codes`, codes, async (request, reply) => {
    const { ctx, caller } = request.visit
    const data = { codes: await replaceOperatorCodes(ctx, caller), name: caller.operator.name }
    return parts.sendPage(request, reply, 200, 'welcome', data)
  })
}

type ShowAccess = (request: FastifyRequest, reply: FastifyReply, trouble?: Told) => Promise<FastifyReply>

function showAccess({ sendPage }: ConsoleParts): ShowAccess {
  return async (request, reply, trouble) => {
    const { ctx, caller } = request.visit
    const { own, others } = await listDevices(ctx, caller)
    const { passkeys } = await listPasskeys(ctx, caller)
    const { left } = await keptCodes(ctx, caller.account.id)
    const data = {
      operator: caller.operator,
      role: textsFor(request)[`role_${caller.operator.role}`],
      passkeys: passkeys.map((passkey) => presentPasskey(request, passkey)),
      codesLeft: left,
      sessions: [own, ...others].map((session) => presentSession(request, session, own)),
    }
    return sendConsole(sendPage, { request, reply, trouble }, { template: 'access', current: 'access', data })
  }
}

function passkeyRoutes(scope: App, { sendPage }: ConsoleParts, show: ShowAccess): void {
  const newPath = `${path}/passkeys/new`
  const showNew = async (request: FastifyRequest, reply: FastifyReply, trouble?: Told) => {
    const { ctx, caller } = request.visit
    const options = await startPasskey(ctx, caller)
    const data = { passkey: JSON.stringify({ kind: 'add', options }), action: newPath }
    return sendConsole(
      sendPage,
      { request, reply, trouble },
      { template: 'passkey-new', current: 'access', data },
    )
  }
  const config = { needsOperatorProof: true, page: newPath }
  scope.get(newPath, { config }, (request, reply) => showNew(request, reply))
  scope.post(newPath, { schema: { body: AddForm }, config }, async (request, reply) => {
    const { ctx, caller } = request.visit
    try {
      const nameless = fillIn(textsFor(request).passkeyOf, { date: timeFor(request, ctx.now())?.title ?? '' })
      const name = await addPasskey(ctx, caller, { answer: request.body.passkey, nameless })
      return goOn(request, reply, path, { text: 'passkeyAdded', values: { name } })
    } catch (error) {
      return showNew(request, reply, troubleOf(request, error))
    }
  })

  scope.post(
    `${path}/passkeys/:id/remove`,
    { schema: { params: ById }, config: { needsOperatorProof: true, page: path } },
    async (request, reply) => {
      const { ctx, caller } = request.visit
      const { passkeys } = await listPasskeys(ctx, caller)
      const found = passkeys.find(({ id }) => shortIdOf(id) === request.params.id)
      if (!found) throw new AuthError('route_not_found')
      try {
        const name = await removePasskey(ctx, caller, found.id)
        return goOn(request, reply, path, { text: 'passkeyRemoved', values: { name } })
      } catch (error) {
        return show(request, reply, troubleOf(request, error))
      }
    },
  )
}

function sessionRoutes(scope: App): void {
  const ended = { text: 'sessionsEnded' } as const
  scope.post(`${path}/sessions/end-others`, { config: { page: path } }, async (request, reply) => {
    await endOtherDevices(request.visit.ctx, request.visit.caller)
    return goOn(request, reply, path, ended)
  })
  scope.post(
    `${path}/sessions/:id/end`,
    { schema: { params: ById }, config: { page: path } },
    async (request, reply) => {
      await endDevice(request.visit.ctx, request.visit.caller, request.params.id)
      return goOn(request, reply, path, ended)
    },
  )
}

function presentPasskey(request: FastifyRequest, passkey: PasskeyRow) {
  const { id, name, backed_up, created_at, last_used_at, suspected_at } = passkey
  return {
    id: shortIdOf(id),
    name,
    isSynced: backed_up === 1,
    isSuspected: suspected_at !== null,
    added: timeFor(request, created_at),
    lastUsed: timeFor(request, last_used_at),
  }
}

function presentSession(request: FastifyRequest, session: SessionRow, own: SessionRow) {
  const { id, ip, user_agent, last_used_at, created_at } = session
  const device = readUserAgent(user_agent ?? undefined)
  return {
    id,
    isOwn: id === own.id,
    device: [device?.browser, device?.os].filter(Boolean).join(', ') || textsFor(request).unknownDevice,
    ip: ip ?? '',
    lastUsed: timeFor(request, last_used_at),
    since: timeFor(request, created_at),
  }
}
