import type { AccountRow, SessionRow } from '../../store/schema.ts'
import type { Claims } from './jwt.ts'

/** Whom an access token speaks of. */
interface TokenHolder {
  account: AccountRow
  session: SessionRow
  /** The account has a second factor in force that the session has not shown since. */
  lacksSecondFactor: boolean
}

/** How a door writes its access tokens. */
export interface AccessTokenForm {
  /** The path of the issuer (`iss`) behind the public URL. */
  issuerPath: string
  audience: string
  /** What a token says besides what the core reads in it, which stands whatever this names. */
  claimsOf(holder: TokenHolder): Claims
}
