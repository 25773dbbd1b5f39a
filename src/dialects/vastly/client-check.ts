import type { FastifyRequest } from 'fastify'
import { registeredClient } from '../../core/clients/clients.ts'
import { AuthError } from '../../core/errors.ts'
import type { App } from '../../http/types.ts'
import { presentError } from './present.ts'

/** What is wrong with a request that names no client. */
export const clientUnnamed = { field: 'client_id', message: 'The client_id header is required' }

export const invalidClient = { status: 401, body: presentError(401, 'Invalid client') }
export const foreignOrigin = { status: 403, body: presentError(403, 'Origin not allowed') }

/**
 * Lets in requests whose `client_id` header names a registered client and whose `Origin` is one of that
 * client's; from here on the request's context is the client's. Preflights cannot carry the header, and pass.
 */
export function requireClient(app: App): void {
  app.addHook('onRequest', async (request, reply) => {
    if (request.method === 'OPTIONS') return
    const { id, origin } = readHeaders(request)
    const client = registeredClient(request.ctx, request.ctx.door.dialect, id)
    if (!client) return reply.code(invalidClient.status).send(invalidClient.body)
    if (!client.origins.includes(origin)) return reply.code(foreignOrigin.status).send(foreignOrigin.body)
    request.ctx = { ...request.ctx, client }
  })
}

/**
 * The page that a mail leads to which a request of a known client asks for: of the registered origin that it came from.
 * That of an app is no address that a mail could lead to, so there it is the client's own front end, or our page.
 */
export function resetPage({ ctx, headers }: FastifyRequest): string {
  const origin = ctx.client.origins.find((registered) => registered === headers.origin)
  if (origin === undefined) throw new Error('the request has not passed the client check')
  const frontEnd = /^https?:/.test(origin) ? origin : ctx.client.frontEndUrl
  return frontEnd === undefined ? `${ctx.publicUrl}/ui/reset-password` : `${frontEnd}/resetpass`
}

function readHeaders({ headers }: FastifyRequest): { id: string; origin: string } {
  const { client_id: id, origin } = headers
  if (typeof id === 'string' && id && origin) return { id, origin }
  const issues = [
    ...(id ? [] : [clientUnnamed]),
    ...(origin ? [] : [{ field: 'Origin', message: 'The Origin header is required' }]),
  ]
  throw new AuthError('validation_failed', { issues })
}
