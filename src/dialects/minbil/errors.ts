import { STATUS_CODES } from 'node:http'
import type { AuthError, ErrorCode } from '../../core/errors.ts'
import type { WireError } from '../../http/dialect.ts'
import { unreadableReason } from '../../http/unreadable.ts'

export interface Row {
  status: number
  code: string
  message: string
}

export const errors: Record<ErrorCode, Row> = {
  bad_request: { status: 400, code: 'bad_request', message: 'The request could not be read.' },
  payload_too_large: { status: 413, code: 'payload_too_large', message: 'The request is too large.' },
  headers_too_large: {
    status: 431,
    code: 'headers_too_large',
    message: 'The headers of the request are too large.',
  },
  request_timeout: { status: 408, code: 'request_timeout', message: 'The request took too long to arrive.' },
  unsupported_media_type: {
    status: 415,
    code: 'unsupported_media_type',
    message: 'Send application/json or application/x-www-form-urlencoded.',
  },
  route_not_found: { status: 404, code: 'not_found', message: 'There is nothing here.' },
  validation_failed: { status: 400, code: 'validation_error', message: 'The request is not valid.' },
  credentials_invalid: { status: 401, code: 'invalid_credentials', message: 'Invalid email or password.' },
  email_unverified: {
    status: 401,
    code: 'email_not_confirmed',
    message: 'Confirm your email address first.',
  },
  access_invalid: {
    status: 401,
    code: 'invalid_token',
    message: 'The access token is invalid or has expired.',
  },
  refresh_invalid: {
    status: 401,
    code: 'invalid_token',
    message: 'The token is invalid or has expired.',
  },
  challenge_invalid: { status: 400, code: 'invalid_token', message: 'The sign-in has expired. Start again.' },
  second_factor_code_invalid: { status: 401, code: 'invalid_code', message: 'The code is not valid.' },
  second_factor_needed: { status: 401, code: 'second_factor_required', message: 'Second factor required.' },
  recent_sign_in_needed: { status: 403, code: 'sign_in_again', message: 'Sign in again first.' },
  email_taken: { status: 409, code: 'email_exists', message: 'An account with this email already exists.' },
  username_taken: {
    status: 409,
    code: 'username_exists',
    message: 'An account with this name already exists.',
  },
  phone_taken: { status: 409, code: 'phone_exists', message: 'An account with this number already exists.' },
  email_already_verified: {
    status: 409,
    code: 'email_confirmed',
    message: 'The email address is confirmed already.',
  },
  password_rejected: { status: 400, code: 'validation_error', message: 'The password cannot be used.' },
  password_unchanged: { status: 400, code: 'validation_error', message: 'The new password is the old one.' },
  redirect_not_allowed: {
    status: 400,
    code: 'invalid_redirect',
    message: 'redirect_to is not a registered address.',
  },
  second_factor_enabled: { status: 409, code: 'two_factor_enabled', message: 'A second factor is in use.' },
  second_factor_not_pending: {
    status: 400,
    code: 'no_two_factor',
    message: 'There is no second factor to use.',
  },
  session_foreign: { status: 403, code: 'forbidden', message: 'This session is not yours.' },
  session_not_found: { status: 404, code: 'not_found', message: 'There is no such session.' },
  ticket_invalid: { status: 400, code: 'invalid_token', message: 'The link is invalid or has expired.' },
  rate_limited: { status: 429, code: 'rate_limited', message: 'Too many requests. Try again later.' },
  overloaded: { status: 503, code: 'overloaded', message: 'The server is busy. Try again shortly.' },
  unavailable: { status: 503, code: 'unavailable', message: 'The service is not available right now.' },
  internal: { status: 500, code: 'internal_error', message: 'Something went wrong.' },
}

/** RFC 9457, with the members `code` and `message` of contracts/minbil.md. */
export function render({ status, code, message }: Row, error: AuthError): WireError {
  const title = STATUS_CODES[status] ?? 'Error'
  const [issue] = error.details.issues ?? []
  const reason = unreadableReason(error)
  return {
    status,
    contentType: 'application/problem+json; charset=utf-8',
    body: {
      type: 'about:blank',
      title,
      status,
      code,
      message: issue?.message ?? (reason ? `${reason}.` : message),
    },
  }
}
