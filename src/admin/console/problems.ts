import type { FastifyRequest } from 'fastify'
import { AuthError, type ErrorCode } from '../../core/errors.ts'
import { OperatorError, type OperatorErrorCode } from '../../core/operators/operator-error.ts'
import { toAuthError } from '../../http/dialect.ts'
import { languageOf } from '../../http/origin.ts'
import { fillIn } from '../../lib/fill-in.ts'
import { comeAgainText } from '../../pages/come-again.ts'
import { tellField, tellRefusal } from './core-texts.ts'
import { tellProblem } from './setting-texts.ts'
import { type Texts, textsFor } from './texts.ts'

interface Problem {
  status: number
  text: keyof Texts
}

/** What the core throws, as operators are told it. */
const ofCore: Partial<Record<ErrorCode, Problem>> = {
  bad_request: { status: 400, text: 'failureBadRequest' },
  validation_failed: { status: 422, text: 'failureFields' },
  challenge_invalid: { status: 400, text: 'failureSignInExpired' },
  credentials_invalid: { status: 401, text: 'recoverWrong' },
  passkey_invalid: { status: 401, text: 'passkeyRefused' },
  passkey_limit: { status: 409, text: 'passkeyLimit' },
  access_invalid: { status: 401, text: 'failureSignedOut' },
  recent_sign_in_needed: { status: 403, text: 'failureProof' },
  route_not_found: { status: 404, text: 'failureNotFound' },
  session_not_found: { status: 404, text: 'failureSessionGone' },
  last_sign_in_method: { status: 409, text: 'lastPasskey' },
  email_taken: { status: 409, text: 'emailTaken' },
  username_taken: { status: 409, text: 'usernameTaken' },
  phone_taken: { status: 409, text: 'phoneTaken' },
  request_timeout: { status: 408, text: 'failureTimeout' },
  payload_too_large: { status: 413, text: 'failureTooLarge' },
  unsupported_media_type: { status: 415, text: 'failureMediaType' },
  rate_limited: { status: 429, text: 'failureRateLimited' },
  overloaded: { status: 503, text: 'failureOverloaded' },
  unavailable: { status: 503, text: 'failureUnavailable' },
}

const ofOperators: Record<OperatorErrorCode, Problem> = {
  not_allowed: { status: 403, text: 'notAllowed' },
  proof_needed: { status: 403, text: 'failureProof' },
  not_found: { status: 404, text: 'notFound' },
  conflict: { status: 409, text: 'conflict' },
  refused: { status: 409, text: 'refused' },
  last_owner: { status: 409, text: 'lastOwner' },
  invitation_invalid: { status: 404, text: 'invitationInvalid' },
  token_invalid: { status: 401, text: 'failureSignedOut' },
}

const internal: Problem = { status: 500, text: 'failureInternal' }

/** Why a request is refused, in a sentence for whoever sent it. */
export interface Told {
  status: number
  text: string
  /** The first field that was wrong, where one was. */
  field?: string
  retryAfter?: number
}

/** Tells an operator what was thrown; what is not ours stays mute. */
export function tell(request: FastifyRequest, thrown: unknown): Told {
  const texts = textsFor(request)
  if (thrown instanceof OperatorError) {
    const { status, text } = ofOperators[thrown.code]
    const { refusal } = thrown
    // Its own sentence says more than that it was refused.
    return { status, text: refusal ? tellRefusal(refusal, languageOf(request)) : texts[text] }
  }
  const error = toAuthError(thrown)
  const { status, text } = ofCore[error.code] ?? internal
  const { retryAfter, issues } = error.details
  const [issue] = issues ?? []
  return {
    status,
    text: textOf(request, error, texts[text]),
    ...(issue && { field: issue.field }),
    ...(retryAfter !== undefined && { retryAfter }),
  }
}

function textOf(request: FastifyRequest, { code, details }: AuthError, text: string): string {
  const { retryAfter, issues } = details
  const [issue] = issues ?? []
  if (code === 'validation_failed' && issue)
    return tellProblem(tellField(issue.message, languageOf(request)), languageOf(request))
  if (code !== 'rate_limited' || retryAfter === undefined) return text
  const when = comeAgainText(retryAfter, languageOf(request))
  return fillIn(textsFor(request).rateLimitedUntil, { when })
}

/** What a form says that is shown again. Throws on what is not of the operator's doing, and what no form mends. */
export function troubleOf(request: FastifyRequest, thrown: unknown): Told {
  const told = tell(request, thrown)
  if (told.status >= 500 || told.status === 404 || told.status === 403) throw thrown
  if (thrown instanceof AuthError) request.refusal = thrown
  return told
}
