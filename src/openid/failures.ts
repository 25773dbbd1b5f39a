import type { KoaContextWithOIDC, Provider } from 'oidc-provider'
import type { AuthError } from '../core/errors.ts'
import { limits } from '../core/limits/limits.ts'
import { noteApp } from '../core/limits/note-refusal.ts'
import { namesOf, toAuthError } from '../http/dialect.ts'
import { comeAgainHeaders } from '../http/unreadable.ts'
import { clientOf, type Middleware, type Protocol } from './protocol.ts'
import { type ProtocolRequest, requestOf } from './requests.ts'

/** Errors of the library that somebody gets who has shown what is not good; so many are noise, or somebody who tries. */
const wrongSecrets = new Set(['invalid_client', 'invalid_grant', 'invalid_token'])

/** An error as the library has it (RFC 6749 §5.2). */
interface LibraryError extends Error {
  error?: string
  error_detail?: string
}

/** What is answered when something is not to be had now, by the code of the error. */
const statuses: Partial<Record<AuthError['code'], number>> = {
  bad_request: 400,
  rate_limited: 429,
  overloaded: 503,
  unavailable: 503,
}

/**
 * Answers what has failed in the core as that is: the library takes every error that is not its own for a fault of the
 * server. What it has refused is counted and written down.
 */
export function answerFailures(protocol: Protocol, renderError: RenderError): Middleware {
  return async (ctx, next) => {
    const request = requestOf(ctx.req)
    if (!request) return next()
    try {
      await next()
      answerUnrouted(ctx as unknown as Answered)
      await takeBack(request)
      await countRefusal(protocol, request)
    } catch (error) {
      request.failure ??= error
      await answerAnew(ctx, renderError, request.failure)
    }
    if (request.failure !== undefined) answerFailure(protocol, request, ctx as unknown as Answered)
  }
}

/** Has the middleware know what the library has refused, or failed at. */
export function watchErrors(provider: Provider): void {
  const refused = (ctx: KoaContextWithOIDC, error: Error) => {
    const request = requestOf(ctx.req)
    if (request) request.refused = { error, clientId: clientIdOf(ctx) }
  }
  for (const event of refusals) provider.on(event as 'grant.error', refused as never)
  provider.on('server_error', (ctx, error) => {
    const request = requestOf(ctx.req)
    if (request) request.failure = error
  })
}

const refusals = [
  'authorization.error',
  'code_verification.error',
  'device_authorization.error',
  'device_resume.error',
  'end_session.error',
  'grant.error',
  'introspection.error',
  'pushed_authorization_request.error',
  'registration_create.error',
  'registration_delete.error',
  'registration_read.error',
  'registration_update.error',
  'revocation.error',
  'userinfo.error',
] as const

function clientIdOf({ oidc }: KoaContextWithOIDC): string | undefined {
  return oidc.client?.clientId
}

/** The library uses a refresh token before it has looked at all that the request asks for. */
async function takeBack({ refused, failure, putBack }: ProtocolRequest): Promise<void> {
  if (refused || failure !== undefined) await putBack?.()
}

async function countRefusal(protocol: Protocol, request: ProtocolRequest): Promise<void> {
  if (!request.refused) return
  const { error, clientId } = request.refused
  const { error: code = 'refused', error_detail: detail } = error as LibraryError
  const client = clientId === undefined ? undefined : clientOf(protocol, clientId)
  const ctx = { ...protocol.ctx, origin: request.origin, ...(client && { client }) }
  request.request.refusedWith = code
  noteApp(ctx, detail === undefined ? code : `${code}: ${detail.slice(0, 100)}`)
  // Those of refresh tokens the core has counted.
  if (!wrongSecrets.has(code) || request.shown) return
  await ctx.limiter.consume(limits.invalidTokensPerIp, request.origin.ip)
}

type RenderError = (ctx: KoaContextWithOIDC, out: { error: string }, thrown: Error) => unknown

/** Of what has failed outside of the library it knows nothing, and has perhaps answered already. */
async function answerAnew(
  ctx: Parameters<Middleware>[0],
  render: RenderError,
  failure: unknown,
): Promise<void> {
  const out = { error: 'server_error' }
  ctx.status = 500
  ctx.remove('location')
  if (ctx.accepts('json', 'html') === 'html') await render(ctx as never, out, failure as Error)
  else ctx.body = out
}

/** What of an answer is written anew. */
interface Answered {
  status: number
  body: unknown
  type: string
  set(name: string, value: string): void
}

/** Of something that is off here the library has no route, and would answer with bare text. */
function answerUnrouted(answer: Answered): void {
  if (answer.status !== 404 || answer.body) return
  // A status that nobody has set becomes 200 with a body.
  answer.status = 404
  answer.body = { error: 'route_not_found' }
}

function answerFailure({ ctx: realm }: Protocol, request: ProtocolRequest, answer: Answered): void {
  const error = toAuthError(request.failure)
  request.request.refusedWith = error.code
  request.request.refusal = error
  const status = statuses[error.code]
  if (status === undefined) {
    realm.log.error({ err: request.failure, ...namesOf(request.request) }, 'OpenID Connect failed')
    return
  }
  answer.status = status
  for (const [name, value] of Object.entries(comeAgainHeaders(error))) answer.set(name, value)
  if (answer.type === 'text/html') return
  answer.body = { error: 'temporarily_unavailable', error_description: 'try again later' }
}
