import type { AuthError, ErrorCode, Issue } from '../../core/errors.ts'
import { defaultErrors } from '../../http/default-errors.ts'
import type { WireError } from '../../http/dialect.ts'
import { unreadableReason } from '../../http/unreadable.ts'
import { presentError } from './present.ts'

interface Row {
  status: number
  message: string
}

const invalid = { status: 400, message: 'Validation failed' }
const badToken = { status: 400, message: 'Token is invalid or has expired' }

export const errors: Record<ErrorCode, Row> = {
  ...defaultErrors((status, _code, message) => ({ status, message })),
  validation_failed: invalid,
  access_invalid: { status: 401, message: 'Access token is invalid or has expired' },
  challenge_invalid: badToken,
  second_factor_code_invalid: { status: 401, message: 'Invalid two factor code' },
  email_taken: { status: 409, message: 'Email is already in use' },
  phone_taken: { status: 409, message: 'Mobile is already in use' },
  password_rejected: invalid,
  ticket_invalid: badToken,
  rate_limited: { status: 429, message: 'Too many requests, please try again later' },
  overloaded: { status: 503, message: 'The server is busy, please try again shortly' },
}

export function render({ status, message }: Row, error: AuthError): WireError {
  const { issues } = error.details
  const body = presentError(status, unreadableReason(error) ?? message, issues && byField(issues))
  return { status, body }
}

/** The first thing that is wrong with each field. */
function byField(issues: Issue[]): Record<string, string> {
  const errors: Record<string, string> = {}
  for (const { field, message } of issues) errors[field] ??= message
  return errors
}
