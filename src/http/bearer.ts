import type { FastifyRequest } from 'fastify'
import { authenticate, type Caller } from '../core/sessions/sessions.ts'
import { authenticateLeaver, type Leaver } from '../core/sessions/sign-out.ts'
import { requireShownFactor } from '../core/sign-in/second-factor.ts'
import type { App } from './types.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Who sends the request, on routes that are for callers only. */
    caller: Caller
    /** Who sends it, on routes that sign out. */
    leaver: Leaver
  }
}

/** Whether it is what clients send that have no token yet. */
export function isNoToken(given: unknown): boolean {
  return given === 'null' || given === 'undefined'
}

/** The token of an `Authorization: Bearer` header (RFC 6750 §2.1). */
export function bearerToken(request: FastifyRequest): string | undefined {
  const [, token] = /^Bearer +(\S+) *$/i.exec(request.headers.authorization ?? '') ?? []
  return isNoToken(token) ? undefined : token
}

/** Who sends the request. Throws `access_invalid`. */
export function readCaller(request: FastifyRequest): Promise<Caller> {
  return authenticate(request.ctx, bearerToken(request))
}

/**
 * The hooks of a route for callers with an access token. All others get `access_invalid` before anything else of their
 * request is looked at, so that a client whose token has expired learns that first; and again once the body is there,
 * as the session may have ended while it came.
 */
export const forCallers = hooksThat(async (request) => {
  request.caller = await readCaller(request)
})

/** The hooks of a route that signs out, whose caller is `request.leaver`: the access token may have expired. */
export const forLeavers = hooksThat(async (request) => {
  request.leaver = await authenticateLeaver(request.ctx, bearerToken(request))
})

function hooksThat(read: (request: FastifyRequest) => Promise<void>) {
  return {
    onRequest: read,
    preHandler: async (request: FastifyRequest): Promise<void> => {
      if (hasBody(request)) await read(request)
    },
  }
}

/** Keeps all routes of a scope for callers. */
export function requireCaller(scope: App): void {
  scope.addHook('onRequest', forCallers.onRequest)
  scope.addHook('preHandler', forCallers.preHandler)
}

/**
 * Keeps all routes of a scope that is for callers for those whose session has shown the second factor of its account. Others
 * get `second_factor_needed` before anything else of their request is looked at.
 */
export function requireSecondFactor(scope: App): void {
  scope.addHook('onRequest', ({ ctx, caller }) => requireShownFactor(ctx, caller))
}

/** RFC 9112 §6.3 */
function hasBody({ headers }: FastifyRequest): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0
}
