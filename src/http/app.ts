import cookie from '@fastify/cookie'
import fastify, { type FastifyReply, type FastifyRequest } from 'fastify'
import type { RealmContext } from '../core/context.ts'
import { AuthError } from '../core/errors.ts'
import type { Log } from '../core/log.ts'
import { readBodies } from './bodies.ts'
import { challengeCallers } from './challenge.ts'
import type { findClientAddress } from './client-address.ts'
import { clientErrors } from './client-errors.ts'
import { type MountedDialect, mountDialect, type Pages, presentRefusal, sendError } from './dialect.ts'
import { type HealthOptions, mountHealth } from './health.ts'
import { observeRequests, type RequestObservation, recordUnrouted } from './observe.ts'
import { noteRefusals } from './refusals.ts'
import { requestNames } from './request-id.ts'
import { findOwners, isBelow, pathOf } from './route-owner.ts'
import { drainHandlers } from './running-handlers.ts'
import { securityHeaders } from './security-headers.ts'
import { collectRoutes, type ServedRoute } from './served-routes.ts'
import { readStrictly } from './strict-requests.ts'
import type { App, ZodTypes } from './types.ts'
import { validateRequests } from './validation.ts'

export interface AppOptions extends HealthOptions {
  /** Whose app it is. */
  realm: RealmContext
  log: Log
  newId: () => string
  /** Addresses and CIDR ranges whose `X-Request-Id` is believed. */
  trustedProxies: string[]
  /** The IP address of whoever sends a request. */
  addressOf: ReturnType<typeof findClientAddress>
  isHttps: boolean
  requests: RequestObservation
  dialects: MountedDialect[]
  /** Below `pagesAt`, what no route takes is answered with these. */
  pages: Pages
  /** `/ui` when not given. */
  pagesAt?: string
  /** How long a client may take to send its request. */
  requestTimeoutMs?: number
  /** How long a connection that nobody uses is kept open. */
  keepAliveTimeoutMs: number
  /** Routes of our own: pages, keys. */
  mount: (app: App) => Promise<void>
}

const maxBodyBytes = 64 * 1024
/** The first line and all headers together. */
const maxHeaderBytes = 16 * 1024
/** Their length is bound, so all are read: Node would drop those beyond some in silence, and with them a second `Host`. */
export const maxHeaders = 0
const maxParameterLength = 512
const defaultRequestTimeoutMs = 30_000

/** What the server of one or more apps must be created with. */
export function serverOptions({
  requestTimeoutMs = defaultRequestTimeoutMs,
  keepAliveTimeoutMs,
}: Pick<AppOptions, 'requestTimeoutMs' | 'keepAliveTimeoutMs'>) {
  return {
    maxHeaderSize: maxHeaderBytes,
    requestTimeout: requestTimeoutMs,
    // Node takes the two for one another where this is the longer one.
    headersTimeout: requestTimeoutMs,
    keepAliveTimeout: keepAliveTimeoutMs,
    // Node looks for slow requests this often.
    connectionsCheckingInterval: Math.min(1000, requestTimeoutMs),
    // A missing one is refused below, in the dialect's words.
    requireHostHeader: false,
  }
}

/** The HTTP server with every dialect mounted. It serves, or refuses in the words of the dialect that was meant. */
export async function createApp(options: AppOptions): Promise<{ app: App; routes: () => ServedRoute[] }> {
  const { addOwnHeaders, refuse, broken } = ownAnswers(options, () => routes())
  const http = serverOptions(options)
  const app: App = fastify({
    bodyLimit: maxBodyBytes,
    requestTimeout: http.requestTimeout,
    keepAliveTimeout: http.keepAliveTimeout,
    http,
    clientErrorHandler: broken.handle,
    routerOptions: {
      // As Express does, on which the originals of several dialects ran: their clients write some paths so.
      ignoreTrailingSlash: true,
      maxParamLength: maxParameterLength,
      // It cannot refuse one; that is done, and the query read, before any handler is asked.
      querystringParser: () => ({}),
    },
    genReqId: requestNames(options),
    // While closing, requests on open connections are refused in the dialect's words, below.
    return503OnClosing: false,
    frameworkErrors: (error, request, reply) => {
      // Raised before any hook runs: the URL cannot be decoded.
      addOwnHeaders(request as FastifyRequest, reply as unknown as FastifyReply)
      refuse(error, request as FastifyRequest, reply as unknown as FastifyReply)
      options.requests.seen(
        recordUnrouted(options.requests, request as FastifyRequest, reply as unknown as FastifyReply),
      )
    },
  }).withTypeProvider<ZodTypes>()

  app.server.maxHeadersCount = maxHeaders
  const routes = collectRoutes(app)
  drainHandlers(app)
  observeRequests(app, options.requests)
  challengeCallers(app)
  noteRefusals(app, options.realm)
  app.decorateRequest('clientAddress', '')
  app.decorateRequest('accountLanguage', undefined)
  // Cookies are read where they are needed.
  await app.register(cookie, { hook: false })
  readBodies(app)
  validateRequests(app)
  admitRequests(app, options, (request, reply) => {
    broken.watch(reply.raw)
    addOwnHeaders(request, reply)
  })
  app.server.on('connect', broken.handleConnect)
  // Whoever expects what is not known is answered as if that were not said (RFC 9110 §10.1.1).
  app.server.on('checkExpectation', (request, response) => app.server.emit('request', request, response))
  app.setErrorHandler(refuse)
  app.setNotFoundHandler((request, reply) => refuse(new AuthError('route_not_found'), request, reply))

  mountHealth(app, options)
  // First, as what it hooks in is asked of a dialect's routes, too.
  await options.mount(app)
  for (const mounted of options.dialects) await mountDialect(app, mounted)
  return { app, routes }
}

/** What is answered without a route: the headers of every answer, refusals, and the answers to broken requests. */
function ownAnswers(options: AppOptions, routes: () => ServedRoute[]) {
  const headers = securityHeaders(options.isHttps)
  const addOwnHeaders = (request: FastifyRequest, reply: FastifyReply) =>
    reply.headers(headers).header('x-request-id', request.id)

  const ownerOf = findOwners(options.dialects, routes)
  /** Answers what no route took: in the words of the dialect that was meant, or with a page. */
  const refuse = (error: unknown, request: FastifyRequest, reply: FastifyReply) => {
    if (isBelow(pathOf(request.url), options.pagesAt ?? '/ui'))
      return options.pages.sendFailure(error, request, reply)
    return sendError(ownerOf(request.url), error, request, reply, options.log)
  }

  const broken = clientErrors((error, target) => {
    const refusal = presentRefusal(ownerOf(target ?? ''), error, undefined)
    return { ...refusal, headers: { ...headers, 'x-request-id': options.newId(), ...refusal.headers } }
  })
  return { addOwnHeaders, refuse, broken }
}

/** Asked by what keeps the server running, wherever that is. */
const healthUrls = ['/healthz', '/readyz']

/** The refusal of an address that operators have blocked: that of a limit which is used up. */
function blockOf(
  { clientAddress, routeOptions }: FastifyRequest,
  { blocks, now }: RealmContext,
): AuthError | undefined {
  const block = blocks.of(clientAddress, now)
  if (!block || healthUrls.includes(routeOptions.url ?? '')) return undefined
  const retryAfter = Math.max(1, Math.ceil((block.endsAt - now()) / 1000))
  return new AuthError('rate_limited', { retryAfter, block: block.range })
}

/** Refuses what no route is asked, what comes from where operators have blocked, and everything while the server closes. */
function admitRequests(
  app: App,
  { addressOf, isOpen, realm }: AppOptions,
  prepare: (request: FastifyRequest, reply: FastifyReply) => void,
): void {
  app.addHook('onRequest', (request, reply, done) => {
    prepare(request, reply)
    // Now, as a connection that is gone has no IP address.
    request.clientAddress = addressOf(request)
    readStrictly(request)
    // One slash is ignored; behind it the router would find a parameter that is empty.
    if (pathOf(request.url).endsWith('//')) throw new AuthError('route_not_found')
    const isRefused = !isOpen() && request.routeOptions.url !== '/healthz'
    done(isRefused ? new AuthError('unavailable', { retryAfter: 5 }) : blockOf(request, realm))
  })
  app.addHook('onSend', (_request, reply, payload, done) => {
    // The last answer on its connection, or closing waits until the client lets go of it.
    if (!isOpen()) reply.header('connection', 'close')
    done(null, payload)
  })
}
