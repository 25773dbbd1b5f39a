import type { Identifier } from '../accounts/identifiers.ts'
import type { PasswordAnswer } from './upstream.ts'

/** A password that an old server is asked for. */
export interface PasswordQuestion {
  /** As it was typed: old servers may tell letters apart that are one here. */
  identifier: Identifier
  /** Likewise. */
  password: string
  /** Of whoever asks. */
  address?: string
}

/** The server that was here before a door, and when it is asked. */
export interface DoorsOldServer {
  /** About whom: accounts that wait for it, or also those that are not here and then are created. */
  verify: 'pending' | 'unknown'
  /** `old`: it is also asked where an imported hash says that the password is wrong. */
  authority: 'new' | 'old'
  /** Epoch milliseconds: it is not asked any more from then on. */
  until?: number
  /** Whether the password is right there. Throws nothing. */
  checkPassword(question: PasswordQuestion): Promise<PasswordAnswer>
}
