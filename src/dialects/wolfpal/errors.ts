import type { AuthError, ErrorCode, Issue, PasswordRule } from '../../core/errors.ts'
import { defaultErrors } from '../../http/default-errors.ts'
import type { WireError } from '../../http/dialect.ts'
import { unreadableReason } from '../../http/unreadable.ts'

export type Row = ReturnType<typeof row>

/** The code is a word of the dialect; the status again where there is none. */
const row = (status: number, code: string | number, error: string) => ({ status, code, error })

const taken = row(409, 'ALREADY_EXISTS', 'This username or email already exists.')
const unauthorized = row(401, 'UNAUTHORIZED', 'Unauthorized.')
const noSuchSession = row(404, 'SESSION_NOT_FOUND', 'Session not found.')

export const errors: Record<ErrorCode, Row> = {
  ...defaultErrors((status, _code, message) => row(status, status, `${message}.`)),
  route_not_found: row(404, 404, 'Whoops, this resource or route could not be found'),
  credentials_invalid: row(400, 'INVALID_CREDENTIALS', 'Either email or password is invalid.'),
  email_unverified: row(
    400,
    'PENDING_CONFIRMATION',
    'Your account must be activated before you can do that. Please check your email you signed up with.',
  ),
  access_invalid: unauthorized,
  refresh_invalid: unauthorized,
  challenge_invalid: row(400, 'INVALID_TWO_FACTOR_TOKEN', 'Invalid two factor token.'),
  second_factor_code_invalid: row(401, 'INVALID_TWO_FACTOR_CODE', 'Invalid two factor code.'),
  // Not 401, at which a client would refresh its token: that helps neither of the two.
  second_factor_needed: row(403, 'TWO_FACTOR_REQUIRED', 'Two Factor is required.'),
  recent_sign_in_needed: row(403, 'LOGIN_REQUIRED', 'Please log in again before you change two factor.'),
  email_taken: taken,
  username_taken: taken,
  phone_taken: taken,
  password_unchanged: row(409, 'PASSWORD_CONFLICT', 'The new password must differ from the old one.'),
  second_factor_enabled: row(409, 'TWO_FACTOR_ALREADY_ENABLED', 'Two factor is already enabled.'),
  second_factor_not_pending: row(400, 'TWO_FACTOR_NOT_INITIALIZE', 'Two factor has not been initialized.'),
  session_foreign: noSuchSession,
  session_not_found: noSuchSession,
  ticket_invalid: row(400, 'EXPIRED_OR_ALREADY_USED', 'This link has expired or has already been used.'),
  rate_limited: row(429, 429, 'Too many requests. Please try again later.'),
  overloaded: row(503, 503, 'The server is busy. Please try again shortly.'),
  internal: row(500, 'INTERNAL_SERVER_ERROR', 'Internal Server Error.'),
}

/** What differs on the routes of the own account, where no login waits for the code, and the password is the old one. */
const accountErrors: Partial<Record<ErrorCode, Row>> = {
  credentials_invalid: row(401, 'INVALID_CREDENTIALS', 'Wrong old password.'),
  second_factor_code_invalid: row(400, 'INVALID_TWO_FACTOR_TOKEN', 'Invalid two factor code.'),
}

export function render({ status, code, error }: Row, refusal: AuthError): WireError {
  const { issues } = refusal.details
  const reason = unreadableReason(refusal)
  const body = issues ? presentIssues(issues) : presentRow({ code, error: reason ? `${reason}.` : error })
  return { status, body }
}

/** How routes of the own account word an error; `undefined` where that is as everywhere. */
export function renderAccountError({ code }: AuthError): WireError | undefined {
  const row = accountErrors[code]
  return row && { status: row.status, body: presentRow(row) }
}

function presentRow({ code, error }: Pick<Row, 'code' | 'error'>) {
  return { code, error }
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

/**
 * The first thing that is wrong with each field. An issue's message is a code word, or the core's sentence. The document
 * has no word for what is too long.
 */
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
