import { Readable } from 'node:stream'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { personalDataText } from '../../core/accounts/export.ts'
import { beginDeletion, isNameOf, stopDeletion } from '../../core/self-service/deletion.ts'
import { exportOwnData } from '../../core/self-service/own-data.ts'
import type { App } from '../../http/types.ts'
import { textField } from '../form-fields.ts'
import { type FormView, type Problem, problemOf } from '../problems.ts'
import { goOn, type SendAccount } from './send.ts'

const page = '/ui/account/data'
const deletePage = `${page}/delete`

const DeleteForm = z.object({ typed: textField })

const notTheirs: Problem = { status: 400, text: 'deleteTypedWrong' }

/** What people take along and leave behind: a copy of all that is held of them, and the end of their account. */
export function dataRoutes(scope: App, send: SendAccount): void {
  const show = (view: FormView) => send(view, 'data', 'account-data')
  const showDelete = (view: FormView, typed: string) => send(view, 'data', 'account-delete', { typed })

  scope.get(page, (request, reply) => show({ request, reply }))

  scope.post(`${page}/export`, { config: { needsProof: true, page } }, async (request, reply) => {
    try {
      return await sendOwnData(request, reply)
    } catch (error) {
      // A limit is all that can be met here.
      const { status } = problemOf({}, error, reply)
      return show({ request, reply, problem: { status, text: 'exportTooOften' } })
    }
  })

  const guarded = { needsProof: true, page: deletePage }
  scope.get(deletePage, { config: guarded }, async (request, reply) => {
    const isBegun = request.person.caller.account.deletion_due_at !== null
    return isBegun ? goOn(request, reply, page) : showDelete({ request, reply }, '')
  })

  scope.post(deletePage, { config: guarded, schema: { body: DeleteForm } }, async (request, reply) => {
    const { ctx, caller } = request.person
    const { typed } = request.body
    if (!isNameOf(caller.account, typed)) return showDelete({ request, reply, problem: notTheirs }, typed)
    try {
      await beginDeletion(ctx, caller)
    } catch (error) {
      return showDelete({ request, reply, problem: problemOf({}, error, reply) }, typed)
    }
    return goOn(request, reply, page)
  })

  scope.post(`${page}/keep`, async (request, reply) => {
    const wasStopped = await stopDeletion(request.person.ctx, request.person.caller)
    return goOn(request, reply, page, wasStopped ? { text: 'accountKept' } : undefined)
  })
}

/** As a file for the browser to keep, written as it is read. */
async function sendOwnData({ person }: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const data = await exportOwnData(person.ctx, person.caller)
  return reply
    .header('content-disposition', 'attachment; filename="account.json"')
    .type('application/json; charset=utf-8')
    .send(Readable.from(personalDataText(data)))
}
