import type { ErrorCode } from '../core/errors.ts'

/** Sentences lack their full stop, as those of `unreadableReason` do. */
const defaults: Record<ErrorCode, [status: number, message: string]> = {
  bad_request: [400, 'The request could not be read'],
  payload_too_large: [413, 'The request is too large'],
  headers_too_large: [431, 'The headers of the request are too large'],
  request_timeout: [408, 'The request took too long to arrive'],
  unsupported_media_type: [415, 'Send application/json or application/x-www-form-urlencoded'],
  route_not_found: [404, 'There is nothing here'],
  validation_failed: [400, 'The request is not valid'],
  credentials_invalid: [401, 'Invalid credentials'],
  email_unverified: [401, 'Confirm your email address first'],
  access_invalid: [401, 'The access token is invalid or has expired'],
  refresh_invalid: [401, 'The refresh token is invalid or has expired'],
  challenge_invalid: [401, 'The sign-in has expired. Start again'],
  second_factor_code_invalid: [401, 'The code is not valid'],
  second_factor_needed: [401, 'A second factor is required'],
  access_denied: [403, 'Access was refused'],
  recent_sign_in_needed: [403, 'Sign in again first'],
  email_taken: [409, 'An account with this email already exists'],
  username_taken: [409, 'An account with this name already exists'],
  phone_taken: [409, 'An account with this number already exists'],
  email_already_verified: [409, 'The email address is confirmed already'],
  password_rejected: [400, 'The password cannot be used'],
  password_unchanged: [400, 'The new password is the old one'],
  redirect_not_allowed: [400, 'The address is not registered'],
  second_factor_enabled: [409, 'A second factor is in use'],
  second_factor_not_pending: [400, 'There is no second factor to use'],
  factor_name_taken: [409, 'There is a second factor of that name'],
  passkey_invalid: [401, 'The passkey cannot be used'],
  passkey_limit: [409, 'There are as many passkeys as there may be'],
  identity_declined: [401, 'The sign-in was given up'],
  identity_refused: [401, 'The provider of the sign-in was not believed'],
  identity_taken: [409, 'This sign-in belongs to an account'],
  last_sign_in_method: [409, 'There would be no way left to sign in'],
  session_foreign: [403, 'This session is not yours'],
  session_not_found: [404, 'Session not found'],
  ticket_invalid: [400, 'The link is invalid or has expired'],
  rate_limited: [429, 'Too many requests. Try again later'],
  overloaded: [503, 'The server is busy. Try again shortly'],
  unavailable: [503, 'The service is not available right now'],
  internal: [500, 'Something went wrong'],
}

/**
 * A row for every code, in a dialect's own shape: it spreads them, and puts rows of its own for what its document says
 * otherwise. `message` lacks its full stop.
 */
export function defaultErrors<Row>(
  row: (status: number, code: ErrorCode, message: string) => Row,
): Record<ErrorCode, Row> {
  const rows = Object.entries(defaults).map(([code, [status, message]]) => [
    code,
    row(status, code as ErrorCode, message),
  ])
  return Object.fromEntries(rows)
}
