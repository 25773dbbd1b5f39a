import type { FastifyReply, FastifyRequest } from 'fastify'
import { OperatorError } from '../../../core/operators/operator-error.ts'
import type { App } from '../../../http/types.ts'
import { create } from '../../operations/accounts/create.ts'
import type { ConsoleParts } from '../console.ts'
import { realmBase } from '../lists.ts'
import { type Told, troubleOf } from '../problems.ts'
import { canDo, fieldsOf, goOn, performFor, sendConsole } from '../visit.ts'

/** The form that opens an account, and leads to its page. */
export function newAccountPage(scope: App, { sendPage }: ConsoleParts): void {
  const path = '/admin/realms/:realm/accounts/new'
  const config = { needsOperatorProof: true }
  const show = (request: FastifyRequest, reply: FastifyReply, trouble?: Told) => {
    if (!canDo(request, create)) throw new OperatorError('not_allowed')
    const data = { given: fieldsOf(request), back: `${realmBase(request)}/accounts` }
    return sendConsole(
      sendPage,
      { request, reply, trouble },
      { template: 'account-new', current: 'accounts', data },
    )
  }
  scope.get(path, { config }, (request, reply) => show(request, reply))
  scope.post(path, { config }, async (request, reply) => {
    try {
      const { id } = await performFor(request, create)
      return goOn(request, reply, `${realmBase(request)}/accounts/${id}`, { text: 'accountCreated' })
    } catch (error) {
      return show(request, reply, troubleOf(request, error))
    }
  })
}
