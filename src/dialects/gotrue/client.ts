import type { FastifyRequest } from 'fastify'
import { registeredClient } from '../../core/clients/clients.ts'

/**
 * Has a request be of the client whose id it sends as its publishable key. It is no secret, so an app that still has a key
 * of its old server is taken for the default client.
 */
export async function nameClient(request: FastifyRequest): Promise<void> {
  const { apikey } = request.headers
  const { ctx } = request
  const client = typeof apikey === 'string' ? registeredClient(ctx, ctx.door.dialect, apikey) : undefined
  if (client) request.ctx = { ...ctx, client }
}
