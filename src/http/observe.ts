import type { IncomingHttpHeaders } from 'node:http'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { App } from './types.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** As `performance.now()` says it. */
    startedAt: number
    /** The code that it was refused with. */
    refusedWith: string | undefined
    /** Where what it causes belongs, when that is kept track of. */
    scope: RequestScope | undefined
  }
}

/** A request that was answered, or whose sender has gone before. */
export interface RequestRecord {
  id: string
  traceId: string | undefined
  realm: string | undefined
  dialect: string | undefined
  method: string
  /** The pattern, never what was asked for; `undefined` where no route took it. */
  route: string | undefined
  /** 499 when its sender has gone. */
  status: number
  /** `ok`, the code of the refusal, `aborted`, or `refused` where a page says why. */
  outcome: string
  startedAt: number
  endedAt: number
}

/** Receives every request when it has ended; it is quick and does not throw. */
export type RequestObserver = (seen: RequestRecord) => void

/** What one request causes, kept together. */
export interface RequestScope {
  /** What the log finds the trace by. */
  traceId: string
  /** The W3C `traceparent` of what it causes. */
  traceparent: string
  run(work: () => void): void
  end(seen: RequestRecord): void
}

export interface RequestObservation {
  seen: RequestObserver
  /** Whose requests they are, where no dialect says it. */
  realm?: string
  /** Begins a scope, from what the request's headers say of its cause. */
  begin?(headers: IncomingHttpHeaders): RequestScope
}

/** Reports each request of the server once, when it has ended. */
export function observeRequests(app: App, { seen, begin, realm }: RequestObservation): void {
  app.decorateRequest('startedAt', 0)
  app.decorateRequest('refusedWith', undefined)
  app.decorateRequest('scope', undefined)

  const end = (request: FastifyRequest, status: number, outcome: string) => {
    if (request.startedAt === 0) return
    const ended = describe(request, { realm, status, outcome })
    request.startedAt = 0
    seen(ended)
    request.scope?.end(ended)
  }

  app.addHook('onRequest', (request, _reply, done) => {
    request.startedAt = performance.now()
    request.scope = begin?.(request.headers)
    done()
  })
  if (begin) {
    // Not earlier: reading the body would lead out of the scope again.
    app.addHook('preValidation', (request, _reply, done) => {
      if (request.scope) request.scope.run(done)
      else done()
    })
  }
  app.addHook('onResponse', (request, reply, done) => {
    end(request, reply.statusCode, outcomeOf(request, reply))
    done()
  })
  app.addHook('onRequestAbort', (request, done) => {
    end(request, 499, 'aborted')
    done()
  })
}

/** The record of a request that was refused before any hook could see it: its URL cannot be decoded. */
export function recordUnrouted(
  { realm }: RequestObservation,
  request: FastifyRequest,
  reply: FastifyReply,
): RequestRecord {
  request.startedAt = performance.now()
  return describe(request, { realm, status: reply.statusCode, outcome: outcomeOf(request, reply) })
}

function outcomeOf({ refusedWith }: FastifyRequest, { statusCode }: FastifyReply): string {
  return refusedWith ?? (statusCode < 400 ? 'ok' : 'refused')
}

function describe(
  request: FastifyRequest,
  { realm, ...answer }: Pick<RequestRecord, 'realm' | 'status' | 'outcome'>,
): RequestRecord {
  const { id, ctx, method, is404, routeOptions, startedAt, scope } = request
  const route = is404 ? undefined : routeOptions.url
  return {
    id,
    traceId: scope?.traceId,
    // A request that no dialect takes has no context, and one of OpenID Connect has its context elsewhere.
    realm: ctx?.realm.name ?? realm,
    dialect: ctx?.door?.dialect ?? (is404 ? undefined : routeOptions.config?.dialect),
    method,
    route,
    ...answer,
    startedAt,
    endedAt: performance.now(),
  }
}
