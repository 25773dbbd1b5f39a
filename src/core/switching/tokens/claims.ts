import type { Claims } from '../../sessions/jwt.ts'
import type { DoorsOldTokens } from './old-tokens.ts'

/** What an old server's token says, as far as that is asked; times in epoch milliseconds. */
export interface OldClaims {
  subject: string
  issuedAt: number
  expiresAt: number
}

/** The `typ` that Keycloak and others give to tokens which open nothing. */
const bearerType = 'Bearer'
const maxSubject = 512

/**
 * What a token claims whose signature is right; `undefined` where it is over or not yet good, was made after the cut, is of
 * another issuer or for another audience, or does not say all that it must: `sub`, `iat`, `exp`.
 */
export function readOldClaims(
  claims: Claims,
  { issuer, audience, notIssuedAfter }: DoorsOldTokens,
  now: number,
): OldClaims | undefined {
  const { sub, iss, aud, nbf } = claims
  const [issuedAt, expiresAt] = [millisecondsOf(claims.iat), millisecondsOf(claims.exp)]
  if (typeof sub !== 'string' || sub === '' || sub.length > maxSubject) return undefined
  if (issuedAt === undefined || expiresAt === undefined) return undefined
  if (issuedAt > Math.min(notIssuedAfter, now) || expiresAt <= now) return undefined
  if (nbf !== undefined && (millisecondsOf(nbf) ?? Number.POSITIVE_INFINITY) > now) return undefined
  if (issuer !== undefined && iss !== issuer) return undefined
  if (audience !== undefined && ![aud].flat().includes(audience)) return undefined
  return { subject: sub, issuedAt, expiresAt }
}

/** Whether a token is one for requests, and not what only gets such a one. */
export function isForAccess(
  claims: Claims,
  { issuedAt, expiresAt }: OldClaims,
  { accessLifetimeSeconds }: DoorsOldTokens,
): boolean {
  const isBearer = claims.typ === undefined || claims.typ === bearerType
  return isBearer && expiresAt - issuedAt <= accessLifetimeSeconds * 1000
}

/** RFC 7519 §2: seconds, maybe with a fraction. */
function millisecondsOf(seconds: unknown): number | undefined {
  const isTime = typeof seconds === 'number' && seconds >= 0 && seconds < 1e11
  return isTime ? Math.floor(seconds * 1000) : undefined
}
