import type { KoaContextWithOIDC, Provider } from 'oidc-provider'
import type { Context } from '../core/context.ts'
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
export function answerFailures(protocol: Protocol): Middleware {
  return async (ctx, next) => {
    const request = requestOf(ctx.req)
    if (!request) return next()
    const answer = ctx as unknown as Answered
    try {
      await next()
    } catch (error) {
      // What is thrown outside of the library's routes it would answer without the headers that every answer has.
      request.failure = error
      answer.status = 500
      answer.body = { error: 'server_error' }
    }
    await countRefusal(protocol, request)
    if (request.failure !== undefined) answerFailure(protocol, request, answer)
    else if (answer.status === 404 && !answer.body) answerUnrouted(answer)
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

async function countRefusal(protocol: Protocol, request: ProtocolRequest): Promise<void> {
  if (!request.refused) return
  const { error, clientId } = request.refused
  const { error: code = 'refused', error_detail: detail } = error as LibraryError
  const client = clientId === undefined ? undefined : clientOf(protocol, clientId)
  const ctx = { ...protocol.ctx, origin: request.origin, ...(client && { client }) }
  request.request.refusedWith = code
  noteApp(ctx as Context, detail === undefined ? code : `${code}: ${detail.slice(0, 100)}`)
  // Those of refresh tokens the core has counted.
  if (!wrongSecrets.has(code) || request.shown) return
  try {
    await ctx.limiter.consume(limits.invalidTokensPerIp, request.origin.ip)
  } catch (failure) {
    request.failure = failure
  }
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
