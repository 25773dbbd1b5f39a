import type { AuthError, ErrorCode, Issue, PasswordRule } from '../../core/errors.ts'
import type { WireError } from '../../http/dialect.ts'
import { unreadableReason } from '../../http/unreadable.ts'

export interface Row {
  status: number
  /** A word of the dialect; the status again where there is none. */
  code: string | number
  error: string
}

const invalid = { status: 400, code: 400, error: 'The request is not valid.' }
const badLink = {
  status: 400,
  code: 'EXPIRED_OR_ALREADY_USED',
  error: 'This link has expired or has already been used.',
}
const taken = { status: 409, code: 'ALREADY_EXISTS', error: 'This username or email already exists.' }
const unauthorized = {
  status: 401,
  code: 'UNAUTHORIZED',
  error: 'Unauthorized.',
}
const noSuchSession = { status: 404, code: 'SESSION_NOT_FOUND', error: 'Session not found.' }

export const errors: Record<ErrorCode, Row> = {
  bad_request: { status: 400, code: 400, error: 'The request could not be read.' },
  payload_too_large: { status: 413, code: 413, error: 'The request is too large.' },
  headers_too_large: { status: 431, code: 431, error: 'The headers of the request are too large.' },
  request_timeout: { status: 408, code: 408, error: 'The request took too long to arrive.' },
  unsupported_media_type: {
    status: 415,
    code: 415,
    error: 'Send application/json or application/x-www-form-urlencoded.',
  },
  route_not_found: { status: 404, code: 404, error: 'Whoops, this resource or route could not be found' },
  validation_failed: invalid,
  credentials_invalid: {
    status: 400,
    code: 'INVALID_CREDENTIALS',
    error: 'Either email or password is invalid.',
  },
  email_unverified: {
    status: 400,
    code: 'PENDING_CONFIRMATION',
    error:
      'Your account must be activated before you can do that. Please check your email you signed up with.',
  },
  access_invalid: unauthorized,
  refresh_invalid: unauthorized,
  challenge_invalid: { status: 400, code: 'INVALID_TWO_FACTOR_TOKEN', error: 'Invalid two factor token.' },
  second_factor_code_invalid: {
    status: 401,
    code: 'INVALID_TWO_FACTOR_CODE',
    error: 'Invalid two factor code.',
  },
  // Not 401, at which a client would refresh its token: that helps neither of the two.
  second_factor_needed: { status: 403, code: 'TWO_FACTOR_REQUIRED', error: 'Two Factor is required.' },
  recent_sign_in_needed: {
    status: 403,
    code: 'LOGIN_REQUIRED',
    error: 'Please log in again before you change two factor.',
  },
  email_taken: taken,
  username_taken: taken,
  phone_taken: taken,
  email_already_verified: badLink,
  password_rejected: invalid,
  password_unchanged: {
    status: 409,
    code: 'PASSWORD_CONFLICT',
    error: 'The new password must differ from the old one.',
  },
  redirect_not_allowed: { status: 400, code: 400, error: 'The address is not registered.' },
  second_factor_enabled: {
    status: 409,
    code: 'TWO_FACTOR_ALREADY_ENABLED',
    error: 'Two factor is already enabled.',
  },
  second_factor_not_pending: {
    status: 400,
    code: 'TWO_FACTOR_NOT_INITIALIZE',
    error: 'Two factor has not been initialized.',
  },
  session_foreign: noSuchSession,
  session_not_found: noSuchSession,
  ticket_invalid: badLink,
  rate_limited: { status: 429, code: 429, error: 'Too many requests. Please try again later.' },
  overloaded: { status: 503, code: 503, error: 'The server is busy. Please try again shortly.' },
  unavailable: { status: 503, code: 503, error: 'The service is not available right now.' },
  internal: { status: 500, code: 'INTERNAL_SERVER_ERROR', error: 'Internal Server Error.' },
}

/** What is said to a caller whose code of the second factor is wrong, where no login waits for it. */
export const wrongAccountCode = { code: 'INVALID_TWO_FACTOR_TOKEN', error: 'Invalid two factor code.' }
/** What is said to a caller who gives a wrong password for the own one. */
export const wrongOldPassword = { code: 'INVALID_CREDENTIALS', error: 'Wrong old password.' }

export function render({ status, code, error }: Row, refusal: AuthError): WireError {
  const { issues } = refusal.details
  const reason = unreadableReason(refusal)
  const body = issues ? presentIssues(issues) : { code, error: reason ? `${reason}.` : error }
  return { status, body }
}

const codeOfRule: Record<PasswordRule, string> = {
  too_short: 'NOT_LONG_ENOUGH',
  too_long: 'TOO_LONG',
  malformed: 'INVALID_CHARACTERS',
  too_common: 'INVALID',
  too_personal: 'INVALID',
}

const texts: Record<string, string> = {
  REQUIRED: 'is required.',
  INVALID: 'is invalid.',
  INVALID_CHARACTERS: 'may contain letters and digits only.',
  NOT_LONG_ENOUGH: 'is not long enough.',
  TOO_LONG: 'is too long.',
  NO_MATCH: 'does not match the password.',
}

const names: Record<string, string> = {
  confirmPassword: 'Password confirmation',
  comfirmPassword: 'Password confirmation',
  newPassword: 'New password',
  oldPassword: 'Old password',
  refresh_token: 'Refresh token',
}

/** The first thing that is wrong with each field. An issue's message is a code word, or the core's sentence. */
/** What is too long the document has no word for. */
function presentIssues(issues: Issue[]) {
  const codes: Record<string, string> = {}
  const errors: Record<string, string> = {}
  for (const { field, message, rule } of issues.toReversed()) {
    const code = rule ? codeOfRule[rule] : message
    codes[field] = code === 'TOO_LONG' ? 'INVALID' : code
    errors[field] = rule ? message : `${nameOf(field)} ${texts[message]}`
  }
  return { code: 400, codes, errors }
}

function nameOf(field: string): string {
  return names[field] ?? `${field.charAt(0).toUpperCase()}${field.slice(1)}`
}
