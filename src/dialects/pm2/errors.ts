import type { AuthError, ErrorCode } from '../../core/errors.ts'
import type { WireError } from '../../http/dialect.ts'
import { unreadableReason } from '../../http/unreadable.ts'

export interface Row {
  status: number
  /** In the words of RFC 6749 and RFC 6750 where they have one. */
  error: string
  description: string
}

/** A refused refresh token is a 400: at a 401 the client would ask for a new one with the same token for ever. */
export const errors: Record<ErrorCode, Row> = {
  bad_request: { status: 400, error: 'invalid_request', description: 'The request could not be read.' },
  payload_too_large: { status: 413, error: 'invalid_request', description: 'The request is too large.' },
  headers_too_large: {
    status: 431,
    error: 'invalid_request',
    description: 'The headers of the request are too large.',
  },
  request_timeout: {
    status: 408,
    error: 'invalid_request',
    description: 'The request took too long to arrive.',
  },
  unsupported_media_type: {
    status: 415,
    error: 'invalid_request',
    description: 'Send application/json or application/x-www-form-urlencoded.',
  },
  route_not_found: { status: 404, error: 'not_found', description: 'There is nothing here.' },
  validation_failed: { status: 400, error: 'invalid_request', description: 'The request is not valid.' },
  credentials_invalid: {
    status: 401,
    error: 'invalid_grant',
    description: 'The user name or the password is not right.',
  },
  email_unverified: { status: 401, error: 'invalid_grant', description: 'Validate your email first.' },
  access_invalid: {
    status: 401,
    error: 'invalid_token',
    description: 'The access token is missing, malformed or expired.',
  },
  refresh_invalid: {
    status: 400,
    error: 'invalid_grant',
    description: 'The refresh token is invalid, expired or revoked.',
  },
  challenge_invalid: {
    status: 401,
    error: 'invalid_grant',
    description: 'The sign-in is over. Start again.',
  },
  second_factor_code_invalid: { status: 401, error: 'invalid_grant', description: 'The code is not right.' },
  second_factor_needed: {
    status: 401,
    error: 'second_factor_required',
    description: 'The account has a second factor: its code is needed, too.',
  },
  recent_sign_in_needed: { status: 403, error: 'access_denied', description: 'Sign in again first.' },
  email_taken: { status: 409, error: 'email_taken', description: 'This email is already used.' },
  username_taken: { status: 409, error: 'username_taken', description: 'This username is already used.' },
  phone_taken: { status: 409, error: 'phone_taken', description: 'This number is already used.' },
  email_already_verified: {
    status: 409,
    error: 'email_already_valid',
    description: 'The email is already valid.',
  },
  password_rejected: { status: 400, error: 'invalid_request', description: 'The password cannot be used.' },
  password_unchanged: {
    status: 400,
    error: 'invalid_request',
    description: 'The new password is the old one.',
  },
  redirect_not_allowed: {
    status: 400,
    error: 'invalid_request',
    description: 'The redirect_uri is not registered.',
  },
  second_factor_enabled: {
    status: 409,
    error: 'second_factor_enabled',
    description: 'A second factor is in use.',
  },
  second_factor_not_pending: {
    status: 400,
    error: 'invalid_request',
    description: 'There is no second factor to use.',
  },
  session_foreign: { status: 403, error: 'access_denied', description: 'This token is not yours.' },
  session_not_found: { status: 404, error: 'not_found', description: 'Token not found.' },
  ticket_invalid: { status: 400, error: 'invalid_grant', description: 'The link is invalid or has expired.' },
  rate_limited: { status: 429, error: 'rate_limited', description: 'Too many requests. Try again later.' },
  overloaded: {
    status: 503,
    error: 'temporarily_unavailable',
    description: 'The server is busy. Try again shortly.',
  },
  unavailable: {
    status: 503,
    error: 'temporarily_unavailable',
    description: 'The service is not available right now.',
  },
  internal: { status: 500, error: 'server_error', description: 'Something went wrong.' },
}

export function render({ status, error, description }: Row, refusal: AuthError): WireError {
  const [issue] = refusal.details.issues ?? []
  const reason = unreadableReason(refusal)
  const said = issue?.message ?? (reason ? `${reason}.` : description)
  return { status, body: presentError(error, said) }
}

/** Clients print `error_description`, or `msg` where that is missing (contracts/pm2.md). */
export function presentError(error: string, description: string) {
  return { error, error_description: description, msg: description }
}

/** Errors of the fields of a registration: `{ field: { message }, msg }`. */
export function presentFieldErrors(issues: { field: string; message: string }[]) {
  const fields: Record<string, { message: string }> = {}
  // The first of a field's errors is the one to tell.
  for (const { field, message } of issues) fields[field] ??= { message }
  return { ...fields, msg: issues[0]?.message }
}
