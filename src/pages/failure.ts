import type { FastifyReply, FastifyRequest } from 'fastify'
import type { AuthError, ErrorCode } from '../core/errors.ts'
import type { Log } from '../core/log.ts'
import { namesOf, type Pages, toAuthError } from '../http/dialect.ts'
import { languageOf } from '../http/origin.ts'
import { comeAgainHeaders } from '../http/unreadable.ts'
import { fillIn } from '../lib/fill-in.ts'
import { comeAgainText } from './come-again.ts'
import { type NextStep, onceMore, toAccount } from './next-step.ts'
import type { SendPage } from './render.ts'
import { type Texts, textsFor } from './texts.ts'

interface Failure {
  status: number
  text: keyof Texts
  /** The page itself, where another try may succeed; else the account page. */
  next?: (request: FastifyRequest) => NextStep | undefined
}

const failures: Partial<Record<ErrorCode, Failure>> = {
  bad_request: { status: 400, text: 'failureBadRequest' },
  validation_failed: { status: 400, text: 'failureFields' },
  redirect_not_allowed: { status: 400, text: 'failureRedirect' },
  challenge_invalid: { status: 400, text: 'failureSignInExpired' },
  access_invalid: { status: 401, text: 'failureSignedOut' },
  access_denied: { status: 403, text: 'accessDenied' },
  recent_sign_in_needed: { status: 403, text: 'failureProof', next: onceMore },
  route_not_found: { status: 404, text: 'failureNotFound' },
  session_not_found: { status: 404, text: 'failureSessionGone' },
  session_foreign: { status: 404, text: 'failureSessionGone' },
  request_timeout: { status: 408, text: 'failureTimeout', next: onceMore },
  payload_too_large: { status: 413, text: 'failureTooLarge', next: onceMore },
  unsupported_media_type: { status: 415, text: 'failureMediaType', next: onceMore },
  rate_limited: { status: 429, text: 'failureRateLimited', next: onceMore },
  overloaded: { status: 503, text: 'failureOverloaded', next: onceMore },
  unavailable: { status: 503, text: 'failureUnavailable', next: onceMore },
}

const internal: Failure = { status: 500, text: 'failureInternal', next: onceMore }

/** Answers what was thrown with a page that says so. What is not the person's doing is logged and stays mute. */
export function createFailureSender(log: Log, sendPage: SendPage): Pages['sendFailure'] {
  return async (thrown, request, reply) => {
    const error = toAuthError(thrown)
    request.refusedWith = error.code
    request.refusal = error
    if (error.code === 'ticket_invalid') return sendLinkInvalid(sendPage, request, reply)
    const failure = failures[error.code] ?? internal
    if (failure.status >= 500) log.error({ err: thrown, ...namesOf(request) }, 'page failed')
    reply.headers(comeAgainHeaders(error))
    const { status, next = toAccount } = failure
    return sendFailure(sendPage, request, reply, {
      status,
      text: textOf(error, failure, request),
      next: next(request),
    })
  }
}

/** Answers with the page that says what went wrong, and what to do. */
export function sendFailure(
  sendPage: SendPage,
  request: FastifyRequest,
  reply: FastifyReply,
  { status, text, next }: { status: number; text: string; next: NextStep | undefined },
): Promise<FastifyReply> {
  return sendPage(request, reply, status, 'failure', { text, next, requestId: request.id })
}

function textOf(
  { code, details: { retryAfter } }: AuthError,
  { text }: Failure,
  request: FastifyRequest,
): string {
  const texts = textsFor(request)
  // Nobody has entered what a link says.
  if (code === 'validation_failed' && request.method === 'GET') return texts.failureBadRequest
  if (code !== 'rate_limited' || retryAfter === undefined) return texts[text]
  return fillIn(texts.rateLimitedUntil, { when: comeAgainText(retryAfter, languageOf(request)) })
}

/** A link for a new password is asked for again by whoever needs it, and others by signing in. */
function sendLinkInvalid(
  sendPage: SendPage,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const isReset = request.routeOptions.url === '/ui/reset-password'
  const next = isReset
    ? { href: '/ui/forgot-password', text: textsFor(request).linkInvalidAsk }
    : toAccount(request, 'signInButton')
  return sendPage(request, reply, 404, 'link-invalid', { next })
}
