import type { AuthError, UnreadableReason } from '../core/errors.ts'

const reasons: Record<UnreadableReason, string> = {
  not_utf8: 'The request is not valid UTF-8',
  charset: 'Send the request in UTF-8',
  encoded: 'Send the request without a Content-Encoding',
  not_json: 'The request is not valid JSON',
  repeated_field: 'The request names a field twice',
  contradictory: 'The request contradicts itself',
  too_many_fields: 'The request has too many fields',
}

/** Why a request cannot be read, as a sentence that lacks its full stop; `undefined` where no more is known. */
export function unreadableReason({ details: { reason } }: AuthError): string | undefined {
  return reason && reasons[reason]
}

/** The headers that say how a refused request may come again: `Retry-After`, `Accept-Encoding` (RFC 9110 §12.5.3). */
export function comeAgainHeaders({
  code,
  details: { retryAfter, reason },
}: AuthError): Record<string, string> {
  const isBody = code === 'unsupported_media_type' && reason !== undefined
  return {
    ...(retryAfter !== undefined && { 'retry-after': String(retryAfter) }),
    ...(isBody && { 'accept-encoding': 'identity' }),
  }
}
