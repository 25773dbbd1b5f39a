import type { FastifyReply, FastifyRequest } from 'fastify'
import { AuthError, type ErrorCode, type PasswordRule } from '../../core/errors.ts'
import { defaultErrors } from '../../http/default-errors.ts'
import type { RefusedRequest, WireError } from '../../http/dialect.ts'
import { unreadableReason } from '../../http/unreadable.ts'
import { base } from './paths.ts'

export type Row = ReturnType<typeof row>

/** The code is what clients tell errors apart by; the message is for people. */
export const row = (status: number, code: string, message: string) => ({ status, code, message })

const badToken = row(
  403,
  'bad_jwt',
  'invalid JWT: unable to parse or verify signature, or the token is expired',
)
const refreshNotFound = row(400, 'refresh_token_not_found', 'Invalid Refresh Token: Refresh Token Not Found')

export const errors: Record<ErrorCode, Row> = {
  ...defaultErrors((status, _code, message) =>
    row(status, status < 500 ? 'validation_failed' : 'unexpected_failure', message),
  ),
  bad_request: row(400, 'bad_json', 'Could not parse request body as JSON'),
  route_not_found: row(404, 'not_found', 'There is nothing here'),
  credentials_invalid: row(400, 'invalid_credentials', 'Invalid login credentials'),
  email_unverified: row(400, 'email_not_confirmed', 'Email not confirmed'),
  access_invalid: badToken,
  refresh_invalid: refreshNotFound,
  second_factor_code_invalid: row(422, 'mfa_verification_failed', 'Invalid TOTP code entered'),
  second_factor_needed: row(
    401,
    'insufficient_aal',
    'AAL2 session is required to update email or password when MFA is enabled.',
  ),
  challenge_invalid: row(
    422,
    'mfa_challenge_expired',
    'MFA challenge has expired, verify against another challenge or create a new challenge.',
  ),
  access_denied: row(403, 'not_admin', 'User not allowed'),
  recent_sign_in_needed: row(400, 'reauthentication_needed', 'Password update requires reauthentication'),
  email_taken: row(422, 'user_already_exists', 'User already registered'),
  username_taken: row(422, 'user_already_exists', 'User already registered'),
  phone_taken: row(422, 'phone_exists', 'A user with this phone number has already been registered'),
  password_rejected: row(422, 'weak_password', 'Password should be harder to guess.'),
  password_unchanged: row(422, 'same_password', 'New password should be different from the old password.'),
  second_factor_enabled: row(
    422,
    'too_many_enrolled_mfa_factors',
    'Maximum number of verified factors reached, unenroll to continue',
  ),
  factor_name_taken: row(422, 'mfa_factor_name_conflict', 'A factor with this friendly name already exists'),
  second_factor_not_pending: row(404, 'mfa_factor_not_found', 'Factor not found'),
  session_not_found: row(403, 'session_not_found', 'Session from session_id claim in JWT does not exist'),
  ticket_invalid: row(403, 'otp_expired', 'Token has expired or is invalid'),
  rate_limited: row(429, 'over_request_rate_limit', 'Request rate limit reached'),
}

/** Beside the door's rows, where the core knows more of a refusal than its code. */
const access: Record<NonNullable<AuthError['details']['access']>, Row> = {
  missing: row(401, 'no_authorization', 'This endpoint requires a valid Bearer token'),
  invalid: badToken,
  ended: errors.session_not_found,
}

const banned = row(400, 'user_banned', 'User is banned')

const refresh: Record<NonNullable<AuthError['details']['refresh']>, Row> = {
  ended: refreshNotFound,
  expired: row(400, 'session_expired', 'Invalid Refresh Token: Session Expired'),
  reused: row(400, 'refresh_token_already_used', 'Invalid Refresh Token: Already Used'),
}

export const refusals = {
  anonymousSignIn: row(422, 'anonymous_provider_disabled', 'Anonymous sign-ins are disabled'),
  signUpsClosed: row(422, 'signup_disabled', 'Signups not allowed for this instance'),
  phoneSignUp: row(400, 'phone_provider_disabled', 'Phone signups are disabled'),
  phoneLogin: row(422, 'phone_provider_disabled', 'Phone logins are disabled'),
  phoneUnconfirmed: row(400, 'phone_not_confirmed', 'Phone not confirmed'),
  phoneChange: row(422, 'phone_provider_disabled', 'Phone changes are disabled'),
  phoneMessage: row(400, 'phone_provider_disabled', 'Unsupported phone provider'),
  linkExpired: row(403, 'otp_expired', 'Email link is invalid or has expired'),
  exchangeUnknown: row(404, 'flow_state_not_found', 'invalid flow state, no valid flow state found'),
  exchangeExpired: row(422, 'flow_state_expired', 'invalid flow state, flow state has expired'),
  verifier: row(400, 'bad_code_verifier', 'code challenge does not match previously saved code verifier'),
  web3: row(422, 'web3_provider_disabled', 'Web3 provider is disabled'),
  factorElsewhere: row(
    401,
    'insufficient_aal',
    'The second factor of this account cannot be shown here. Set a new password by mail, and then a new second factor.',
  ),
  unknownGrant: row(400, 'invalid_credentials', 'unsupported_grant_type'),
  provider: row(400, 'validation_failed', 'Unsupported provider: provider is not enabled'),
  saml: row(404, 'saml_provider_disabled', 'SAML 2.0 is disabled'),
  linking: row(404, 'manual_linking_disabled', 'Manual linking is disabled'),
  passkeys: row(404, 'passkey_disabled', 'Passkeys are disabled'),
  oauth: row(404, 'feature_disabled', 'OAuth server is disabled'),
  appMetadata: row(403, 'not_admin', 'Updating app_metadata requires admin privileges'),
  emailExists: row(422, 'email_exists', 'A user with this email address has already been registered'),
  emailNotFound: row(404, 'user_not_found', 'User with this email not found'),
  userNotFound: row(404, 'user_not_found', 'User not found'),
  factorIdForm: row(404, 'validation_failed', 'factor_id must be an UUID'),
  userIdForm: row(404, 'validation_failed', 'user_id must be an UUID'),
  currentPassword: row(
    400,
    'current_password_invalid',
    'Current password required when setting new password.',
  ),
  nonce: row(422, 'reauthentication_not_valid', 'Nonce has expired or is invalid'),
  noEmail: row(400, 'validation_failed', 'Reauthentication requires the user to have an email'),
  emailUnconfirmed: row(422, 'email_not_confirmed', 'Please verify your email first.'),
  phoneFactor: row(422, 'mfa_phone_enroll_not_enabled', 'MFA enroll is disabled for Phone'),
  webauthnFactor: row(422, 'mfa_webauthn_enroll_not_enabled', 'MFA enroll is disabled for WebAuthn'),
  factorNotShown: row(403, 'insufficient_aal', 'AAL2 required to enroll a new factor'),
  factorKept: row(422, 'insufficient_aal', 'AAL2 required to unenroll verified factor'),
  challengeUnknown: row(422, 'mfa_factor_not_found', 'MFA factor with the provided challenge ID not found'),
}

/** Somebody shows a token of another issuer. */
export function issuerDisabled(provider: string): Row {
  return row(400, 'provider_disabled', `Provider (issuer "${provider}") is not enabled`)
}

/** A refusal in words of the door that the core has none for. */
export class Refused extends Error {
  readonly row: Row

  constructor(row: Row) {
    super(row.code)
    this.name = 'Refused'
    this.row = row
  }
}

/** A refusal of what a field holds. */
export function invalid(message: string): Refused {
  return new Refused(row(400, 'validation_failed', message))
}

/** Answers the refusals that are the door's own; all others are left to the handler of every door. */
export function sendRefused(thrown: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  if (!(thrown instanceof Refused)) throw thrown
  return refuse(request, reply, thrown.row)
}

function refuse(request: FastifyRequest, reply: FastifyReply, refused: Row): FastifyReply {
  const { status, headers, body } = present(refused, request)
  return reply.code(status).headers(headers).send(body)
}

/** The error handler of routes where these rows stand in the place of the door's. */
export function instead(rows: Partial<Record<ErrorCode, Row>>) {
  return (thrown: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const found = thrown instanceof AuthError ? rows[thrown.code] : undefined
    return found ? refuse(request, reply, found) : sendRefused(thrown, request, reply)
  }
}

export function render(found: Row, error: AuthError, request: RefusedRequest): WireError {
  const said = rowOf(found, error)
  // At 401, 403 and 429 the client takes its session for lost, and deletes it.
  const isFinal = [401, 403, 429].includes(said.status)
  const refused = isFinal && isRefresh(request) ? { ...said, status: 503 } : said
  const reasons = error.details.issues?.flatMap(({ rule }) => (rule ? weakness[rule] : []))
  return present(refused, request, error.code === 'password_rejected' ? { weak_password: { reasons } } : {})
}

/** How the door words a refusal. */
export function rowFor(error: AuthError): Row {
  return rowOf(errors[error.code], error)
}

function rowOf(found: Row, error: AuthError): Row {
  const { code, details } = error
  const { issues: [issue] = [], retryAfter = 1, limit } = details
  if (details.access) return access[details.access]
  if (details.refresh) return refresh[details.refresh]
  if (details.isDisabled) return banned
  // What says that a new password is refused begins like this.
  if (issue) return { ...found, message: issue.message.replace(/^Password must/, 'Password should') }
  const [channel] = /^(?:mail|sms)(?=-)/.exec(limit?.rule ?? '') ?? []
  if (code === 'rate_limited' && channel !== undefined) {
    const message = `For security purposes, you can only request this after ${retryAfter} seconds.`
    return { ...found, code: `over_${channel === 'sms' ? 'sms' : 'email'}_send_rate_limit`, message }
  }
  const isOtherwiseBad = code === 'bad_request' && details.reason !== 'not_json'
  const message = unreadableReason(error) ?? (isOtherwiseBad ? unreadable : found.message)
  return { ...found, message, ...(isOtherwiseBad && { code: 'validation_failed' }) }
}

const unreadable = 'The request could not be read'

const weakness: Record<PasswordRule, 'length' | 'characters' | 'pwned'> = {
  too_short: 'length',
  too_long: 'length',
  malformed: 'characters',
  too_common: 'pwned',
  too_personal: 'pwned',
}

function isRefresh(request: RefusedRequest): boolean {
  if (!request?.url.startsWith(`${base}/token`)) return false
  const query = request.url.slice(request.url.indexOf('?') + 1)
  return new URLSearchParams(query).get('grant_type') === 'refresh_token'
}

/** The version of the wire from which on errors have the one of two forms. */
const apiVersion = '2024-01-01'

/** What goes over the wire, in the form that a request asks for. */
export function present(
  { status, code, message }: Row,
  request: RefusedRequest,
  more: object = {},
): WireError & { headers: Record<string, string> } {
  const { 'x-supabase-api-version': version } = request?.headers ?? {}
  const isCurrent = typeof version === 'string' && /^\d{4}-\d\d-\d\d$/.test(version) && version >= apiVersion
  return {
    status,
    headers: { 'x-sb-error-code': code, ...(isCurrent && { 'x-supabase-api-version': apiVersion }) },
    body: isCurrent ? { code, message, ...more } : { code: status, error_code: code, msg: message, ...more },
  }
}
