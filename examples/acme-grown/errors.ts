import type { AuthError, RefusedRequest, WireError } from 'manydoors/dialect'
import { render as renderCurrent } from '../acme/errors.ts'

/** A refusal in the form of the version that the request names. */
export function render(
  row: Parameters<typeof renderCurrent>[0],
  error: AuthError,
  request: RefusedRequest,
): WireError {
  const current = renderCurrent(row, error)
  if (request?.headers['x-acme-version'] !== '1') return current
  const { status, code, message } = row
  return { status, headers: { 'x-acme-version': '1' }, body: { code, message } }
}
