import type { SessionRow } from '../../store/schema.ts'

/** What was said of a session of OpenID Connect when it began, as its row keeps it; nothing secret. */
export interface OpenidSessionFacts {
  /** What was allowed to its client, as tokens have it: names with blanks between them. */
  scope: string
  /** By which its client knows it, in ID tokens and logout tokens. */
  sid?: string
  /** How surely its person was known, and by what (OpenID Connect Core §2). */
  acr?: string
  amr?: string[]
  /** When its person has signed in, in epoch seconds. */
  authTime?: number
  nonce?: string
  /** What its client has asked for by the parameter `claims` (OpenID Connect Core §5.5). */
  claims?: object
  /** The APIs that its access tokens may be for (RFC 8707). */
  resource?: string | string[]
  /** Rich authorization requests (RFC 9396). */
  rar?: unknown
  /** The thumbprint of the key that its tokens are bound to (RFC 9449). */
  jkt?: string
  /** The grant type that it began by. */
  gty?: string
}

/** The facts of a session of OpenID Connect; of any other one `undefined`. */
export function openidFactsOf({ openid }: Pick<SessionRow, 'openid'>): OpenidSessionFacts | undefined {
  return openid === null ? undefined : JSON.parse(openid)
}
