import type { AccessTokenForm } from './sessions/access-token-form.ts'

/**
 * What a dialect asks of the core. `rotation` names what refreshing does to the refresh token: `grace` replaces it
 * and lets the old one be repeated for ten seconds, `untilConfirmed` until the new one has been used, `static` keeps it.
 */
export interface DialectPolicy {
  dialect: string
  rotation: 'grace' | 'untilConfirmed' | 'static'
  /**
   * With `untilConfirmed`, refresh tokens that were replaced before the last one may be repeated, too, for ten seconds after
   * a refresh: a page that is rendered for several tabs at once refreshes out of order.
   */
  forgivesOlderTokens: boolean
  refreshToken: 'opaque' | 'jwt'
  /** Lifetimes in seconds, under the names that they have in the configuration. */
  accessLifetime: number
  idleLifetime: number
  absoluteLifetime: number
  /** The oldest session ends when an account gets one more than this. */
  maxSessions: number
  requiresVerifiedEmail: boolean
  /** How long a reset link is good, in seconds. */
  resetLifetime: number
  /** Tokens and tickets are good at the client alone that they were issued to. */
  bindsClient: boolean
  /** Puts the account's `email` into access tokens. */
  emailClaim: boolean
  /** A second factor is set up and removed by sessions alone that began within the last ten minutes. */
  secondFactorNeedsRecentSignIn: boolean
  /**
   * What a right password leads to where the account has a second factor: a challenge, or a session at once that has still
   * to show the factor (`lacksSecondFactor`).
   */
  secondFactor: 'challenge' | 'stepUp'
  /** People sign in, and sign up where they may, by a code to their phone; not where nothing sends text messages. */
  textedSignIn?: boolean
  /** How access tokens are written, where it is not as RFC 9068 has them. */
  accessToken?: AccessTokenForm
}
