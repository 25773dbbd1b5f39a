import type { IncomingMessage, ServerResponse } from 'node:http'
import cookie from '@fastify/cookie'
import fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  type FastifyTypeProvider,
  type RawServerDefault,
} from 'fastify'
import type { z } from 'zod'
import type { Log } from '../core/context.ts'
import { AuthError } from '../core/errors.ts'
import { readBodies } from './bodies.ts'
import { warnOfUnconfiguredProxy } from './client-address.ts'
import { type MountedDialect, mountDialect, sendError } from './dialect.ts'
import { type HealthOptions, mountHealth } from './health.ts'
import { securityHeaders } from './security-headers.ts'

/** Lets a route's zod schema be the type of what its handler reads. */
interface ZodTypes extends FastifyTypeProvider {
  validator: this['schema'] extends z.ZodType ? z.output<this['schema']> : unknown
  serializer: unknown
}

export type App = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  ZodTypes
>

export interface AppOptions extends HealthOptions {
  log: Log
  newId: () => string
  /** Addresses and CIDR ranges whose `X-Forwarded-For` is believed. */
  trustedProxies: string[]
  isHttps: boolean
  dialects: MountedDialect[]
  /** Routes of our own: pages, keys. */
  mount: (app: App) => Promise<void>
}

const bodyLimit = 64 * 1024
const longestParameter = 512
/** In milliseconds: a client that sends its request slower than this is not waited for. */
const requestTimeout = 30_000

/** The HTTP server with every dialect mounted. It serves, or refuses in the words of the dialect that was meant. */
export async function createApp(options: AppOptions): Promise<App> {
  const headers = securityHeaders(options.isHttps)
  const addOwnHeaders = (request: FastifyRequest, reply: FastifyReply) =>
    reply.headers(headers).header('x-request-id', request.id)

  const app: App = fastify({
    bodyLimit,
    requestTimeout,
    routerOptions: { maxParamLength: longestParameter },
    trustProxy: options.trustedProxies.length > 0 ? options.trustedProxies : false,
    genReqId: options.newId,
    // While closing, requests on open connections are refused in the dialect's words, below.
    return503OnClosing: false,
    frameworkErrors: (error, request, reply) => {
      // Met before any hook is: an address that cannot be read.
      addOwnHeaders(request as FastifyRequest, reply as unknown as FastifyReply)
      refuse(options, error, request as FastifyRequest, reply as unknown as FastifyReply)
    },
  }).withTypeProvider<ZodTypes>()

  await app.register(cookie)
  readBodies(app)
  app.setValidatorCompiler<z.ZodType>(({ schema }) => (value) => {
    const given = value ?? {}
    if (typeof given !== 'object' || Array.isArray(given)) return { error: new AuthError('bad_request') }
    const parsed = schema.safeParse(given)
    if (parsed.success) return { value: parsed.data }
    const issues = parsed.error.issues.map(({ path, message }) => ({ field: path.join('.'), message }))
    return { error: new AuthError('validation_failed', { issues }) }
  })

  const warnOfProxy = warnOfUnconfiguredProxy(options)
  app.addHook('onRequest', async (request, reply) => {
    addOwnHeaders(request, reply)
    warnOfProxy(request)
    if (!options.isOpen() && request.url !== '/healthz') throw new AuthError('unavailable', { retryAfter: 5 })
  })
  app.addHook('onSend', (_request, reply, payload, done) => {
    // The last answer on its connection, or closing waits until the client lets go of it.
    if (!options.isOpen()) reply.header('connection', 'close')
    done(null, payload)
  })
  app.setErrorHandler((error, request, reply) => refuse(options, error, request, reply))
  app.setNotFoundHandler((request, reply) =>
    refuse(options, new AuthError('route_not_found'), request, reply),
  )

  mountHealth(app, options)
  for (const mounted of options.dialects) await mountDialect(app, mounted)
  await options.mount(app)
  return app
}

/** Answers what no route took, in the words of the dialect whose prefix the path begins with. */
function refuse(
  options: AppOptions,
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const path = request.url.split('?', 1)[0] ?? ''
  const owner = options.dialects.find(({ dialect }) =>
    dialect.prefixes.some((prefix) => isBelow(path, prefix)),
  )
  return sendError(owner, error, request, reply, options.log)
}

function isBelow(path: string, prefix: string): boolean {
  return path === prefix || path.startsWith(`${prefix}/`)
}
