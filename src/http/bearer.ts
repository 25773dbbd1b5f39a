import type { FastifyRequest } from 'fastify'
import { authenticate, type Caller } from '../core/sessions.ts'

/** The token of an `Authorization: Bearer` header (RFC 6750 §2.1). Clients that have none yet send `null`. */
export function bearerToken(request: FastifyRequest): string | undefined {
  const [, token] = /^Bearer +(\S+) *$/i.exec(request.headers.authorization ?? '') ?? []
  return token === 'null' || token === 'undefined' ? undefined : token
}

/** Who sends the request. Throws `access_invalid`. */
export function readCaller(request: FastifyRequest): Promise<Caller> {
  return authenticate(request.ctx, bearerToken(request))
}
