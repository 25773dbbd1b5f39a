import type { FastifyReply, FastifyRequest } from 'fastify'
import type { DialectManifest } from '../config/dialect-manifest.ts'
import type { Brand } from '../core/clients/client.ts'
import { findDefaultClient } from '../core/clients/clients.ts'
import type { Context, RealmContext } from '../core/context.ts'
import type { DialectPolicy } from '../core/dialect-policy.ts'
import { AuthError, type ErrorCode } from '../core/errors.ts'
import type { Log } from '../core/log.ts'
import type { Upstream, UpstreamMeans } from '../core/switching/upstream.ts'
import { DatabaseUnavailable } from '../store/unavailable.ts'
import { allowOrigins, corsHeaders, originsOf } from './cors.ts'
import { defaultErrors } from './default-errors.ts'
import type { DoorDescription } from './openapi/description.ts'
import { originOf } from './origin.ts'
import type { App } from './types.ts'
import { comeAgainHeaders } from './unreadable.ts'
import type { WireFields } from './wire-fields.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** The core's context, at the door of the dialect whose route this is. */
    ctx: Context
  }
}

export interface WireError {
  status: number
  contentType?: string
  /** Besides those that every refusal has. */
  headers?: Record<string, string>
  body: unknown
}

/** What is known of a request that is refused: nothing, where it could not be read. */
export type RefusedRequest = Pick<FastifyRequest, 'headers' | 'url'> | undefined

/** What a dialect may show to the person whose browser sends a request. How that looks is not its concern. */
export interface Pages {
  /** Answers with a page that says why the request is refused. */
  sendFailure(thrown: unknown, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply>
}

/** What else a door may show. */
export interface DoorPages extends Pages {
  /**
   * Answers with a page whose button does what the link of a mail is for: opening it changes nothing, as mail scanners
   * open every link. Its form posts `fields` to `action`, and the answer leads to `redirectUri`.
   */
  sendMailedSignIn(
    request: FastifyRequest,
    reply: FastifyReply,
    form: {
      does: 'sign-in' | 'change-address'
      action: string
      fields: Record<string, string>
      redirectUri: string
      brand: Brand
    },
  ): Promise<FastifyReply>
}

/** One legacy API: what it asks of the core, and how requests, results and errors look on its wire. */
export interface Dialect<Settings = unknown> extends DialectManifest {
  renderError(error: AuthError, request?: RefusedRequest): WireError
  /** The door as these settings want it; `door` as it stands when there is nothing to set. */
  doorFor?(settings: Settings): DialectPolicy
  routes(app: App, settings: Settings, pages: DoorPages): void
  /** Whether people may sign up by themselves; they may, where it is not given. */
  isOpenToNewcomers?(settings: Settings): boolean
  /** How a server that was here before is asked for passwords; none, where its wire says nothing of them. */
  upstream?(settings: Settings, means: UpstreamMeans): Upstream
  /** Where two servers that keep its contract differ: `manydoors shadow` pairs what stands there. */
  shadow?: WireFields
  /** Headers of its answers that scripts of registered origins may read, besides those of every door. */
  exposedHeaders?: string[]
  /** What it answers, for its OpenAPI document; without it the document says less. Loaded when that is asked for. */
  describe?(settings: Settings): Promise<DoorDescription>
}

/**
 * Declares a dialect. `errors` has a row for every code, or it does not compile; `render` makes a row into what goes
 * over the wire.
 */
export function defineDialect<Row, Settings = unknown>({
  errors,
  render,
  ...dialect
}: Omit<Dialect<Settings>, 'renderError'> & {
  errors: Record<ErrorCode, Row>
  render: (row: Row, error: AuthError, request: RefusedRequest) => WireError
}): Dialect<Settings> {
  return { ...dialect, renderError: (error, request) => render(errors[error.code], error, request) }
}

export interface MountedDialect {
  dialect: Dialect
  settings: unknown
  pages: DoorPages
  /** With the default client of the door as it was at the start. */
  ctx: RealmContext & Pick<Context, 'door' | 'client'>
}

/** Adds a dialect's routes, with its own error bodies and the origins of its own clients. */
export async function mountDialect(app: App, mounted: MountedDialect): Promise<void> {
  const { dialect, settings, pages, ctx } = mounted
  await app.register(async (scope: App) => {
    scope.addHook('onRequest', (request, _reply, done) => {
      // Clients are read again and again. An accessor of `ctx` would do it too, but makes each such copy ten times as slow.
      const client = findDefaultClient(ctx, ctx.door.dialect) ?? ctx.client
      request.ctx = { ...ctx, client, origin: originOf(request) }
      done()
    })
    scope.addHook('onRoute', (route) => {
      route.config = { ...route.config, dialect: ctx.door.dialect }
    })
    allowOrigins(scope, originsOf(ctx, dialect.exposedHeaders))
    scope.setErrorHandler((error, request, reply) => sendError(mounted, error, request, reply, ctx.log))
    dialect.routes(scope, settings, pages)
  })
}

/** What goes over the wire for an error. */
export interface Refusal {
  status: number
  headers: Record<string, string>
  body: string
}

/** An error in a dialect's words, for a browser of that origin too, or in plain ones where no dialect was meant. */
export function presentRefusal(
  mounted: MountedDialect | undefined,
  error: AuthError,
  request: RefusedRequest,
): Refusal {
  const { status, contentType, headers, body } = (mounted?.dialect.renderError ?? plainError)(error, request)
  return {
    status,
    headers: {
      // Also where no hook has come by: an unknown route, a server that is closing.
      ...(mounted &&
        corsHeaders(originsOf(mounted.ctx, mounted.dialect.exposedHeaders), request?.headers.origin)),
      ...headers,
      ...comeAgainHeaders(error),
      ...((status === 413 || status === 503) && { connection: 'close' }),
      'content-type': contentType ?? 'application/json; charset=utf-8',
    },
    body: JSON.stringify(body),
  }
}

/** Answers an error in a dialect's words, or in plain ones where no dialect was meant. What is not ours is logged and stays mute. */
export function sendError(
  mounted: MountedDialect | undefined,
  thrown: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  log: Log,
): FastifyReply {
  const error = toAuthError(thrown)
  request.refusedWith = error.code
  request.refusal = error
  // That a server which stops refuses what comes is no fault.
  if (error.code === 'internal' || thrown instanceof DatabaseUnavailable) {
    log.error(
      { err: thrown, ...namesOf(request), method: request.method, route: request.routeOptions?.url },
      error.code,
    )
  }
  const { status, headers, body } = presentRefusal(mounted, error, request)
  return reply.code(status).headers(headers).send(body)
}

/** What a line of the log has of the request that it is about. */
export function namesOf({ id, ctx }: FastifyRequest): {
  requestId: string
  realm?: string
  dialect?: string
} {
  return { requestId: id, realm: ctx?.realm.name, dialect: ctx?.door?.dialect }
}

/** Every error that can reach a client, as one of ours. Fastify's own are about the request when they are below 500. */
export function toAuthError(thrown: unknown): AuthError {
  if (thrown instanceof AuthError) return thrown
  if (thrown instanceof DatabaseUnavailable) return new AuthError('unavailable', { retryAfter: 5 })
  const status = (thrown as { statusCode?: number }).statusCode ?? 500
  if (status === 413) return new AuthError('payload_too_large')
  if (status === 415) return new AuthError('unsupported_media_type')
  if (status === 404) return new AuthError('route_not_found')
  return new AuthError(status < 500 ? 'bad_request' : 'internal')
}

const plainStatuses = defaultErrors((status) => status)

function plainError({ code }: AuthError): WireError {
  return { status: plainStatuses[code], body: { error: code } }
}
