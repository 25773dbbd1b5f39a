import type { FastifyReply, FastifyRequest } from 'fastify'
import type { App } from '../../../http/types.ts'
import { rotateSecret, show } from '../../operations/clients/clients.ts'
import type { ConsoleParts } from '../console-parts.ts'
import { type Told, troubleOf } from '../problems.ts'
import { fieldsOf, performFor, sendConsole } from '../visit.ts'
import { clientPath, routeOfClient } from './paths.ts'

/** Gives an app a new secret, which is shown once; the one before it stays good for as long as the form says. */
export function secretForm(scope: App, { sendPage }: ConsoleParts): void {
  const config = { needsOperatorProof: true }
  const ask = async (request: FastifyRequest, reply: FastifyReply, trouble?: Told) => {
    const client = await performFor(request, show)
    const { overlapHours = '24', reason } = fieldsOf(request)
    const back = clientPath(request)
    const data = { client, back, action: `${back}/secret`, given: { overlapHours, reason } }
    return sendConsole(
      sendPage,
      { request, reply, trouble },
      { template: 'client-secret-new', current: 'clients', data },
    )
  }
  scope.get(`${routeOfClient}/secret`, { config }, (request, reply) => ask(request, reply))
  scope.post(`${routeOfClient}/secret`, { config }, async (request, reply) => {
    try {
      const { secret } = await performFor(request, rotateSecret)
      const { id, name } = await performFor(request, show)
      const data = { id, name, secret, back: clientPath(request) }
      return sendConsole(
        sendPage,
        { request, reply },
        { template: 'client-secret', current: 'clients', data },
      )
    } catch (error) {
      return ask(request, reply, troubleOf(request, error))
    }
  })
}
