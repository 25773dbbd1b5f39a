import type { Account } from '../accounts/account.ts'
import type { Claims } from './jwt.ts'
import type { Session } from './session.ts'

/** Whom an access token speaks of. */
interface TokenHolder {
  account: Account
  session: Session
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
