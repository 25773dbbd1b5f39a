import type { ErrorCode } from '../core/errors.ts'
import type { Log } from '../core/log.ts'
import { namesOf, type Pages, toAuthError } from '../http/dialect.ts'
import { comeAgainHeaders } from '../http/unreadable.ts'
import { type SendPage, type Texts, textsFor } from './render.ts'

const failures: Partial<Record<ErrorCode, { status: number; text: keyof Texts }>> = {
  bad_request: { status: 400, text: 'failureBadRequest' },
  validation_failed: { status: 400, text: 'failureBadRequest' },
  redirect_not_allowed: { status: 400, text: 'failureRedirect' },
  challenge_invalid: { status: 400, text: 'failureSignInExpired' },
  route_not_found: { status: 404, text: 'failureNotFound' },
  payload_too_large: { status: 413, text: 'failureBadRequest' },
  unsupported_media_type: { status: 415, text: 'failureBadRequest' },
  rate_limited: { status: 429, text: 'failureRateLimited' },
  overloaded: { status: 503, text: 'failureOverloaded' },
  unavailable: { status: 503, text: 'failureUnavailable' },
}

/** Answers what was thrown with a page that says so. What is not the person's doing is logged and stays mute. */
export function createFailureSender(log: Log, sendPage: SendPage): Pages['sendFailure'] {
  return async (thrown, request, reply) => {
    const error = toAuthError(thrown)
    const { code } = error
    request.refusedWith = code
    request.refusal = error
    if (code === 'ticket_invalid') return sendPage(request, reply, 404, 'link-invalid')
    const failure = failures[code]
    if (!failure || failure.status === 503) log.error({ err: thrown, ...namesOf(request) }, 'page failed')
    reply.headers(comeAgainHeaders(error))
    const text = textsFor(request)[failure?.text ?? 'failureInternal']
    return sendPage(request, reply, failure?.status ?? 500, 'failure', { text })
  }
}
