import type { Claims } from '../../sessions/jwt.ts'
import type { PasswordAnswer } from '../upstream.ts'

/** What becomes of the tokens that the server before a door has given out. Those of today are not asked about. */
export interface DoorsOldTokens {
  /** Epoch milliseconds, like the next one: none is good any more from then on. */
  until: number
  /** When the old server gave out its last: the cut. */
  notIssuedAfter: number
  /** How long its access tokens are good: a token of a longer life is none of those. */
  accessLifetimeSeconds: number
  issuer?: string
  audience?: string
  /** What imports call the system whose names of accounts the tokens have. */
  sources: string[]
  /** By what its refresh tokens are known: what was imported, their signature, or the old server. */
  refresh?: 'imported' | 'signed' | 'relay'
  /**
   * What a token claims whose signature is right; `undefined` for any other one, and where no signatures are checked.
   * Throws `UpstreamTrouble` while the keys cannot be had.
   */
  verify(token: string): Promise<Claims | undefined>
  /** Has the old server refresh a token, and say whose it is. Throws nothing. */
  relay?(question: { refreshToken: string; clientId: string; address?: string }): Promise<PasswordAnswer>
}
