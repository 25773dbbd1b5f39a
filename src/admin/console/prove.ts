import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { optionsForProof, proveByPasskey } from '../../core/passkeys/prove.ts'
import type { App } from '../../http/types.ts'
import { optionalText, textField } from '../../pages/form-fields.ts'
import type { ConsoleParts } from './console-parts.ts'
import { type Told, troubleOf } from './problems.ts'
import { readNext } from './session.ts'
import { sendConsole } from './visit.ts'

const path = '/admin/prove'
const NextQuery = z.object({ next: optionalText })
const ProveForm = z.object({ next: textField, passkey: textField })

/** Asks for a passkey before what is dangerous (sudo); a recovery code is none. */
export function provePages(scope: App, { sendPage }: ConsoleParts): void {
  const show = async (request: FastifyRequest, reply: FastifyReply, next: string, trouble?: Told) => {
    const { ctx, caller } = request.visit
    const options = await optionsForProof(ctx, caller)
    const data = { next, passkey: options && JSON.stringify({ kind: 'prove', options }) }
    return sendConsole(sendPage, { request, reply, trouble }, { template: 'prove', current: '', data })
  }

  scope.get(path, { schema: { querystring: NextQuery } }, (request, reply) =>
    show(request, reply, readNext(request.query.next)),
  )

  scope.post(path, { schema: { body: ProveForm }, config: { page: path } }, async (request, reply) => {
    const { ctx, caller } = request.visit
    const next = readNext(request.body.next)
    try {
      await proveByPasskey(ctx, caller, request.body.passkey)
      return reply.redirect(next, 303)
    } catch (error) {
      return show(request, reply, next, troubleOf(request, error))
    }
  })
}
