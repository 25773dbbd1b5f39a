import { STATUS_CODES } from 'node:http'
import type { AuthError, ErrorCode } from '../../core/errors.ts'
import { defaultErrors } from '../../http/default-errors.ts'
import type { WireError } from '../../http/dialect.ts'
import { unreadableReason } from '../../http/unreadable.ts'

type Row = ReturnType<typeof row>

const row = (status: number, code: string, message: string) => ({ status, code, message })

export const errors: Record<ErrorCode, Row> = {
  ...defaultErrors(row),
  route_not_found: row(404, 'not_found', 'There is nothing here'),
  validation_failed: row(400, 'validation_error', 'The request is not valid'),
  credentials_invalid: row(401, 'invalid_credentials', 'Invalid email or password'),
  access_invalid: row(401, 'invalid_token', 'The access token is invalid or has expired'),
  refresh_invalid: row(401, 'invalid_token', 'The token is invalid or has expired'),
  challenge_invalid: row(400, 'invalid_token', 'The sign-in has expired. Start again'),
  second_factor_code_invalid: row(401, 'invalid_code', 'The code is not valid'),
  email_taken: row(409, 'email_exists', 'An account with this email already exists'),
  phone_taken: row(409, 'phone_exists', 'An account with this number already exists'),
  password_rejected: row(400, 'validation_error', 'The password cannot be used'),
  redirect_not_allowed: row(400, 'invalid_redirect', 'redirect_to is not a registered address'),
  ticket_invalid: row(400, 'invalid_token', 'The link is invalid or has expired'),
  internal: row(500, 'internal_error', 'Something went wrong'),
}

/** RFC 9457, with the members `code` and `message` of contracts/minbil.md. */
export function render({ status, code, message }: Row, error: AuthError): WireError {
  const [issue] = error.details.issues ?? []
  return {
    status,
    contentType: 'application/problem+json; charset=utf-8',
    body: {
      type: 'about:blank',
      title: STATUS_CODES[status] ?? 'Error',
      status,
      code,
      message: issue?.message ?? `${unreadableReason(error) ?? message}.`,
    },
  }
}
