import {
  type AuthError,
  defaultErrors,
  type ErrorCode,
  unreadableReason,
  type WireError,
} from 'manydoors/dialect'

const row = (status: number, code: string, message: string) => ({ status, code, message })

const notSignedIn = row(401, 'not_signed_in', 'Sign in first.')

/** A row for every code of the core: the document's words where it has some. */
export const errors: Record<ErrorCode, ReturnType<typeof row>> = {
  ...defaultErrors((status, code, message) => row(status, code, `${message}.`)),
  validation_failed: row(422, 'invalid_field', 'A field is missing or wrong.'),
  password_rejected: row(422, 'invalid_field', 'The password cannot be used.'),
  credentials_invalid: row(401, 'wrong_credentials', 'E-mail address or password is wrong.'),
  access_invalid: notSignedIn,
  refresh_invalid: notSignedIn,
  email_taken: row(409, 'user_exists', 'There is a user with this e-mail address.'),
}

/** `field` is there where one is to blame. */
export function render({ status, code, message }: ReturnType<typeof row>, error: AuthError): WireError {
  const [issue] = error.details.issues ?? []
  const reason = unreadableReason(error)
  const known = issue?.message ?? (reason ? `${reason}.` : message)
  return { status, body: { error: { code, message: known, ...(issue && { field: issue.field }) } } }
}
