import type { DialectPolicy } from '../dialect-policy.ts'

const day = 24 * 60 * 60

/** The door of apps that come in by OpenID Connect. Its refresh tokens are the core's, bound to their client. */
export const openidDoor: DialectPolicy = {
  dialect: 'openid',
  rotation: 'grace',
  forgivesOlderTokens: false,
  refreshToken: 'opaque',
  accessLifetime: 5 * 60,
  idleLifetime: 30 * day,
  absoluteLifetime: 365 * day,
  maxSessions: 100,
  requiresVerifiedEmail: false,
  resetLifetime: 60 * 60,
  bindsClient: true,
  emailClaim: false,
  secondFactor: 'challenge',
  secondFactorNeedsRecentSignIn: false,
}
