import type { ErrorCode, Issue } from '../../core/errors.ts'
import { OperatorError, type OperatorErrorCode } from '../../core/operators/operator-error.ts'
import { defaultErrors } from '../../http/default-errors.ts'
import { toAuthError } from '../../http/dialect.ts'
import { comeAgainHeaders, unreadableReason } from '../../http/unreadable.ts'

/** What the API itself refuses. */
export type ApiErrorCode =
  | 'token_missing'
  | 'method_not_allowed'
  | 'idempotency_key_invalid'
  | 'idempotency_key_reused'
  | 'request_in_flight'

/** A refusal of the API, beside those of the core and of what operators do. */
export class ApiError extends Error {
  readonly code: ApiErrorCode
  readonly headers: Record<string, string>

  constructor(code: ApiErrorCode, headers: Record<string, string> = {}) {
    super(code)
    this.name = 'ApiError'
    this.code = code
    this.headers = headers
  }
}

/** Every code with which the API refuses something. */
export type ProblemCode = ErrorCode | OperatorErrorCode | ApiErrorCode

type Row = [status: number, title: string]

const ofCore = {
  ...defaultErrors((status, _code, message): Row => [status, message]),
  validation_failed: [422, 'Fields are missing or wrong'],
  unsupported_media_type: [415, 'Send application/json'],
} satisfies Record<ErrorCode, Row>

const ofOperators: Record<OperatorErrorCode, Row> = {
  token_invalid: [401, 'The token is unknown, revoked or expired'],
  not_allowed: [403, 'The token has not this scope, or not for this realm'],
  proof_needed: [403, 'Show first who you are'],
  not_found: [404, 'There is no such thing'],
  invitation_invalid: [404, 'The invitation was used, or is too old'],
  conflict: [409, 'It is not as you have seen it any more'],
  refused: [409, 'It cannot be done'],
  last_owner: [409, 'There would be no owner left'],
}

const ofApi: Record<ApiErrorCode, Row> = {
  token_missing: [401, 'Send a token: Authorization: Bearer mda_…'],
  method_not_allowed: [405, 'There is no such method here'],
  idempotency_key_invalid: [400, 'An Idempotency-Key has 1 to 255 visible characters'],
  idempotency_key_reused: [422, 'This Idempotency-Key was used for something else'],
  request_in_flight: [
    409,
    'The first request with this Idempotency-Key has not ended, or its end is not known: look whether it was done',
  ],
}

/** What each code means: its status, and its sentence without a full stop. */
export const problems: Record<ProblemCode, Row> = { ...ofCore, ...ofOperators, ...ofApi }

/** A refusal as the API tells it (RFC 9457). */
export interface Problem {
  code: ProblemCode
  status: number
  title: string
  detail?: string
  issues?: Issue[]
}

/** Tells a program what was thrown, with the headers that go with it; what is not ours stays mute. */
export function problemOf(thrown: unknown): { problem: Problem; headers: Record<string, string> } {
  if (thrown instanceof ApiError) return { problem: describe(thrown.code), headers: thrown.headers }
  if (thrown instanceof OperatorError) {
    const { code, message } = thrown
    return { problem: describe(code, message === code ? undefined : message), headers: {} }
  }
  const error = toAuthError(thrown)
  const reason = unreadableReason(error)
  const { issues } = error.details
  return {
    problem: {
      ...describe(error.code, reason && `${reason}.`),
      ...(issues && { issues: issues.map(presentIssue) }),
    },
    headers: comeAgainHeaders(error),
  }
}

function describe(code: ProblemCode, detail?: string): Problem {
  const [status, title] = problems[code]
  return { code, status, title, ...(detail !== undefined && { detail }) }
}

function presentIssue({ field, message }: Issue): Issue {
  return { field, message }
}
