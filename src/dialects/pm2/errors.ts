import type { AuthError, ErrorCode, Issue } from '../../core/errors.ts'
import { defaultErrors } from '../../http/default-errors.ts'
import type { WireError } from '../../http/dialect.ts'
import { unreadableReason } from '../../http/unreadable.ts'

export type Row = ReturnType<typeof row>

const row = (status: number, error: string, description: string) => ({ status, error, description })

/**
 * In the words of RFC 6749 and RFC 6750 where they have one. A refused refresh token is a 400: at a 401 the client would
 * ask for a new one with the same token for ever.
 */
export const errors: Record<ErrorCode, Row> = {
  ...defaultErrors((status, _code, message) =>
    row(status, status < 500 ? 'invalid_request' : 'temporarily_unavailable', message),
  ),
  route_not_found: row(404, 'not_found', 'There is nothing here'),
  credentials_invalid: row(401, 'invalid_grant', 'The user name or the password is not right'),
  access_invalid: row(401, 'invalid_token', 'The access token is missing, malformed or expired'),
  refresh_invalid: row(400, 'invalid_grant', 'The refresh token is invalid, expired or revoked'),
  challenge_invalid: row(401, 'invalid_grant', 'The sign-in is over. Start again'),
  second_factor_code_invalid: row(401, 'invalid_grant', 'The code is not right'),
  access_denied: row(403, 'access_denied', 'Access was refused'),
  email_taken: row(409, 'email_taken', 'This email is already used'),
  username_taken: row(409, 'username_taken', 'This username is already used'),
  phone_taken: row(409, 'phone_taken', 'This number is already used'),
  redirect_not_allowed: row(400, 'invalid_request', 'The redirect_uri is not registered'),
  session_not_found: row(404, 'not_found', 'Token not found'),
  ticket_invalid: row(400, 'invalid_grant', 'The link is invalid or has expired'),
  rate_limited: row(429, 'rate_limited', 'Too many requests. Try again later'),
  internal: row(500, 'server_error', 'Something went wrong'),
}

export function render({ status, error, description }: Row, refusal: AuthError): WireError {
  const [issue] = refusal.details.issues ?? []
  const said = issue?.message ?? `${unreadableReason(refusal) ?? description}.`
  return { status, body: presentError(error, said) }
}

/** Clients print `error_description`, or `msg` where that is missing (contracts/pm2.md). */
export function presentError(error: string, description: string) {
  return { error, error_description: description, msg: description }
}

const takenFields: Partial<Record<ErrorCode, string>> = { email_taken: 'email', username_taken: 'username' }

/** How a registration words errors of fields, by the names of the fields; `undefined` for all others. */
export function renderFieldErrors({ code, details }: AuthError): WireError | undefined {
  const { status, description } = errors[code]
  const taken = takenFields[code]
  const issues: Issue[] | undefined =
    taken === undefined ? details.issues : [{ field: taken, message: `${description}.` }]
  return issues && { status, body: presentFieldErrors(issues) }
}

/** `{ field: { message }, msg }` */
function presentFieldErrors(issues: { field: string; message: string }[]) {
  const fields: Record<string, { message: string }> = {}
  // The first of a field's errors is the one to tell.
  for (const { field, message } of issues) fields[field] ??= { message }
  return { ...fields, msg: issues[0]?.message }
}
