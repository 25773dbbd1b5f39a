/** Why a request is refused. Codes differ by meaning; every dialect finds its own words for each of them. */
export type ErrorCode =
  // the request itself
  | 'bad_request'
  | 'payload_too_large'
  | 'headers_too_large'
  | 'request_timeout'
  | 'unsupported_media_type'
  | 'route_not_found'
  | 'validation_failed'
  // who is asking
  | 'credentials_invalid'
  | 'email_unverified'
  | 'access_invalid'
  | 'refresh_invalid'
  | 'challenge_invalid'
  | 'second_factor_code_invalid'
  | 'second_factor_needed'
  | 'access_denied'
  | 'recent_sign_in_needed'
  // what is asked for
  | 'email_taken'
  | 'username_taken'
  | 'phone_taken'
  | 'email_already_verified'
  | 'password_rejected'
  | 'password_unchanged'
  | 'redirect_not_allowed'
  | 'second_factor_enabled'
  | 'second_factor_not_pending'
  | 'factor_name_taken'
  | 'passkey_invalid'
  | 'passkey_limit'
  | 'identity_declined'
  | 'identity_refused'
  | 'identity_taken'
  | 'last_sign_in_method'
  | 'session_foreign'
  | 'session_not_found'
  | 'ticket_invalid'
  // the server
  | 'rate_limited'
  | 'overloaded'
  | 'unavailable'
  | 'internal'

/** One field of a request that was refused, with a sentence (or a dialect's code word) for it. */
export interface Issue {
  field: string
  message: string
  /** What is wrong with a password. */
  rule?: PasswordRule
}

/** Why a password cannot be used. */
export type PasswordRule = 'too_short' | 'too_long' | 'malformed' | 'too_common' | 'too_personal'

/** Why a request cannot be read. */
export type UnreadableReason =
  | 'not_utf8'
  | 'charset'
  | 'encoded'
  | 'not_json'
  | 'repeated_field'
  | 'contradictory'
  | 'too_many_fields'

export interface ErrorDetails {
  /** Of `bad_request` and `unsupported_media_type`, where more is known than that. */
  reason?: UnreadableReason
  /** Seconds after which a new attempt may succeed. */
  retryAfter?: number
  /** Of `rate_limited`: the rule that refuses, and whom it has counted. Not for whoever asks. */
  limit?: { rule: string; key: string }
  /** Of `rate_limited`: the range that an operator has blocked. Not for whoever asks. */
  block?: string
  issues?: Issue[]
  /** Of `access_invalid`: no token came, it is not good, or its session has ended. */
  access?: 'missing' | 'invalid' | 'ended'
  /** Of `refresh_invalid`, where the token was ours: what has become of its session. `reused`: this token has ended it. */
  refresh?: 'ended' | 'expired' | 'reused'
  /** Of `credentials_invalid`: the password was right, and the account is disabled. Most doors do not tell the two apart. */
  isDisabled?: true
  /** Of `passkey_invalid`: the credential id of one that is not known here, for the browser to forget it. */
  unknownPasskey?: string
}

/** The only error that the core throws on purpose. */
export class AuthError extends Error {
  readonly code: ErrorCode
  readonly details: ErrorDetails

  constructor(code: ErrorCode, details: ErrorDetails = {}) {
    super(code)
    this.name = 'AuthError'
    this.code = code
    this.details = details
  }
}

/** Whether it is the refusal with that code. */
export function isRefusal(error: unknown, code: ErrorCode): error is AuthError {
  return error instanceof AuthError && error.code === code
}
