import type { AccountRow } from '../../store/schema.ts'
import type { Identifier } from '../accounts/identifiers.ts'
import type { AuthError } from '../errors.ts'

/** A password, and the account that it may be of. */
export interface Judged {
  /** As it was typed. */
  identifier: Identifier
  /** The identifier in its folded form. */
  name: string
  password: string
  account: AccountRow | undefined
  /** Whether it may be right. */
  isJudged: boolean
}

/** What is to be said of a password. */
export interface Verdict {
  /** Whose password it is, with its hash. */
  owner?: AccountRow
  /** Why it lets nobody in, where that is not that it is wrong. */
  refusal?: AuthError
}
