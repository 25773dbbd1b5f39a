import type { FastifyRequest } from 'fastify'
import type { Client } from '../core/clients/client.ts'
import type { Context } from '../core/context.ts'
import type { App } from './types.ts'

/** The registered origins. */
export interface Origins {
  has(origin: string): boolean
  /** Headers of answers that their scripts may read, besides those of every door. */
  exposedHeaders?: string[]
}

/** The headers that let a browser of one of these origins read an answer. */
export function corsHeaders(origins: Origins, origin: string | undefined): Record<string, string> {
  if (origin === undefined || !origins.has(origin)) return { vary: 'Origin' }
  return {
    vary: 'Origin',
    'access-control-allow-origin': origin,
    'access-control-allow-credentials': 'true',
    'access-control-expose-headers': ['Date', 'Retry-After', ...(origins.exposedHeaders ?? [])].join(', '),
  }
}

/** The origins of a dialect's clients as they are when it is asked: clients come and go while the server runs. */
export function originsOf(ctx: Pick<Context, 'clients' | 'door'>, exposedHeaders?: string[]): Origins {
  const isOwn = ({ dialect }: Client) => dialect === ctx.door.dialect
  return {
    has: (origin) => ctx.clients.some((client) => isOwn(client) && client.origins.includes(origin)),
    exposedHeaders,
  }
}

/** Whether a request comes from an origin that is registered for a client of its dialect. */
export function isOfRegisteredOrigin({ ctx, headers }: FastifyRequest): boolean {
  return originsOf(ctx).has(headers.origin ?? '')
}

/**
 * Lets the registered origins of a dialect's clients call it from a browser, with credentials, and answers their
 * preflights. Ours rather than @fastify/cors, which answers every preflight of the server from one route and so
 * cannot tell apart two dialects that share `/auth`.
 */
export function allowOrigins(scope: App, origins: Origins): void {
  const methods = new Map<string, Set<string>>()

  scope.addHook('onRequest', (request, reply, done) => {
    reply.headers(corsHeaders(origins, request.headers.origin))
    done()
  })

  scope.addHook('onRoute', ({ url, method }) => {
    if (method === 'OPTIONS') return
    // Two routes that differ by method may name a parameter differently; their path is one all the same.
    const path = url.replaceAll(/:\w+/g, ':')
    const known = methods.get(path)
    const allowed = known ?? new Set<string>()
    for (const one of [method].flat()) allowed.add(one)
    if (known) return
    methods.set(path, allowed)
    scope.options(url, async (request, reply) => {
      if (origins.has(request.headers.origin ?? '')) {
        reply.headers({
          ...preflightHeaders([...allowed], request),
          vary: 'Origin, Access-Control-Request-Headers',
        })
      }
      return reply.code(204).send()
    })
  })
}

/** Answers the preflights of what pages of every origin may read, as it holds nothing of anybody. */
export function allowEveryone(app: App, url: string): void {
  app.options(url, async (request, reply) => {
    reply.headers({
      'access-control-allow-origin': '*',
      ...preflightHeaders(['GET', 'HEAD'], request),
      vary: 'Access-Control-Request-Headers',
    })
    return reply.code(204).send()
  })
}

/** The answer to a preflight: every header that it asks for is allowed. */
function preflightHeaders(methods: string[], { headers }: FastifyRequest): Record<string, string> {
  const asked = headers['access-control-request-headers']
  return {
    'access-control-allow-methods': methods.join(', '),
    ...(asked && { 'access-control-allow-headers': asked }),
    'access-control-max-age': '600',
  }
}
