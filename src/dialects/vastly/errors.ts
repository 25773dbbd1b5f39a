import type { AuthError, ErrorCode, Issue } from '../../core/errors.ts'
import type { WireError } from '../../http/dialect.ts'
import { unreadableReason } from '../../http/unreadable.ts'
import { presentError } from './present.ts'

export interface Row {
  status: number
  message: string
}

const invalid = { status: 400, message: 'Validation failed' }
const badToken = { status: 400, message: 'Token is invalid or has expired' }
const unauthorized = {
  status: 401,
  message: 'Access token is invalid or has expired',
}

export const errors: Record<ErrorCode, Row> = {
  bad_request: { status: 400, message: 'The request could not be read' },
  payload_too_large: { status: 413, message: 'The request is too large' },
  headers_too_large: { status: 431, message: 'The headers of the request are too large' },
  request_timeout: { status: 408, message: 'The request took too long to arrive' },
  unsupported_media_type: {
    status: 415,
    message: 'Send application/json or application/x-www-form-urlencoded',
  },
  route_not_found: { status: 404, message: 'There is nothing here' },
  validation_failed: invalid,
  credentials_invalid: { status: 401, message: 'Invalid credentials' },
  email_unverified: { status: 401, message: 'Email is not verified' },
  access_invalid: unauthorized,
  refresh_invalid: unauthorized,
  challenge_invalid: badToken,
  second_factor_code_invalid: { status: 401, message: 'Invalid two factor code' },
  second_factor_needed: { status: 401, message: 'Two factor code is required' },
  recent_sign_in_needed: { status: 403, message: 'Please log in again' },
  email_taken: { status: 409, message: 'Email is already in use' },
  username_taken: { status: 409, message: 'Username is already in use' },
  phone_taken: { status: 409, message: 'Mobile is already in use' },
  email_already_verified: { status: 409, message: 'Email is already verified' },
  password_rejected: invalid,
  password_unchanged: { status: 400, message: 'The new password is the old one' },
  redirect_not_allowed: { status: 400, message: 'The address is not registered' },
  second_factor_enabled: { status: 409, message: 'Two factor is already enabled' },
  second_factor_not_pending: { status: 400, message: 'Two factor is not enabled' },
  session_foreign: { status: 403, message: 'This session belongs to somebody else' },
  session_not_found: { status: 404, message: 'Session not found' },
  ticket_invalid: badToken,
  rate_limited: { status: 429, message: 'Too many requests, please try again later' },
  overloaded: { status: 503, message: 'The server is busy, please try again shortly' },
  unavailable: { status: 503, message: 'The service is not available right now' },
  internal: { status: 500, message: 'Something went wrong' },
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
