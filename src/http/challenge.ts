import type { FastifyRequest } from 'fastify'
import { bearerToken } from './bearer.ts'
import type { App } from './types.ts'

/**
 * Gives every 401 the `WWW-Authenticate` that RFC 9110 §11.6.1 asks for. The scheme is one that browsers show no dialog
 * of their own for.
 */
export function challengeCallers(app: App): void {
  app.addHook('onSend', (request, reply, payload, done) => {
    if (reply.statusCode === 401) reply.header('www-authenticate', challengeTo(request))
    done(null, payload)
  })
}

/** With an `error` where a bad token was sent; without one where none was (RFC 6750 §3.1). */
function challengeTo(request: FastifyRequest): string {
  const isBadToken = request.refusedWith === 'access_invalid' && bearerToken(request) !== undefined
  return isBadToken ? 'Bearer error="invalid_token"' : 'Bearer'
}
