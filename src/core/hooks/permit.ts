import type { TokenClaims } from './claims.ts'

/** That nothing keeps an account from being signed in to: whoever asks before a sign-in has said so, or there is nobody. */
export interface Permit {
  /** What the tokens of the session are to say besides. */
  claims?: TokenClaims
}

/** Of what is asked about nowhere, as no session of an app opens or it was opened elsewhere. */
export const unasked: Permit = {}
