import type { AuthError, ErrorCode } from '../../core/errors.ts'
import { defaultErrors } from '../../http/default-errors.ts'
import type { WireError } from '../../http/dialect.ts'
import { unreadableReason } from '../../http/unreadable.ts'
import { presentError } from './answers.ts'

export interface Row {
  status: number
  message: string
}

const taken = { status: 409, message: 'User already exists' }

export const errors: Record<ErrorCode, Row> = {
  ...defaultErrors((status, _code, message) => ({ status, message })),
  credentials_invalid: { status: 401, message: 'Invalid Credentials' },
  email_unverified: { status: 401, message: 'Please verify your email' },
  access_invalid: { status: 401, message: 'Unauthorized' },
  refresh_invalid: { status: 401, message: 'Refresh token has expired' },
  challenge_invalid: { status: 401, message: 'The sign-in has expired. Please sign in again' },
  second_factor_code_invalid: { status: 401, message: 'Invalid two factor code' },
  second_factor_needed: { status: 401, message: 'Two factor is required' },
  email_taken: taken,
  phone_taken: taken,
  email_already_verified: { status: 409, message: 'Email already verified' },
  password_unchanged: { status: 400, message: 'New password should not be the current password' },
  session_foreign: { status: 403, message: 'You are not allowed to delete sessions of another user' },
  ticket_invalid: { status: 400, message: 'Invalid or expired reset password link' },
}

/** Validation answers with a list of texts, everything else with one. */
export function render({ status, message }: Row, error: AuthError): WireError {
  const texts = error.details.issues?.map((issue) => issue.message)
  return { status, body: presentError(status, texts ?? unreadableReason(error) ?? message) }
}
