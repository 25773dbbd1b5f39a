import type { AuthError, ErrorCode } from '../../core/errors.ts'
import type { WireError } from '../../http/dialect.ts'
import { unreadableReason } from '../../http/unreadable.ts'
import { presentError } from './answers.ts'

export interface Row {
  status: number
  message: string
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
  validation_failed: { status: 400, message: 'The request is not valid' },
  credentials_invalid: { status: 401, message: 'Invalid Credentials' },
  email_unverified: { status: 401, message: 'Please verify your email' },
  access_invalid: { status: 401, message: 'Unauthorized' },
  refresh_invalid: { status: 401, message: 'Refresh token has expired' },
  challenge_invalid: { status: 401, message: 'The sign-in has expired. Please sign in again' },
  second_factor_code_invalid: { status: 401, message: 'Invalid two factor code' },
  second_factor_needed: { status: 401, message: 'Two factor is required' },
  recent_sign_in_needed: { status: 403, message: 'Please sign in again' },
  email_taken: { status: 409, message: 'User already exists' },
  username_taken: { status: 409, message: 'User already exists' },
  phone_taken: { status: 409, message: 'User already exists' },
  email_already_verified: { status: 409, message: 'Email already verified' },
  password_rejected: { status: 400, message: 'The password cannot be used' },
  password_unchanged: { status: 400, message: 'New password should not be the current password' },
  redirect_not_allowed: { status: 400, message: 'The address is not registered' },
  second_factor_enabled: { status: 409, message: 'Two factor is already enabled' },
  second_factor_not_pending: { status: 400, message: 'Two factor is not enabled' },
  session_foreign: { status: 403, message: 'You are not allowed to delete sessions of another user' },
  session_not_found: { status: 404, message: 'Session not found' },
  ticket_invalid: { status: 400, message: 'Invalid or expired reset password link' },
  rate_limited: { status: 429, message: 'Too many requests. Try again later' },
  overloaded: { status: 503, message: 'The server is busy. Try again shortly' },
  unavailable: { status: 503, message: 'The service is not available right now' },
  internal: { status: 500, message: 'Something went wrong' },
}

/** Validation answers with a list of texts, everything else with one. */
export function render({ status, message }: Row, error: AuthError): WireError {
  const texts = error.details.issues?.map((issue) => issue.message)
  return { status, body: presentError(status, texts ?? unreadableReason(error) ?? message) }
}
