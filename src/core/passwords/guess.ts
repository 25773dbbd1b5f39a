/** A password to be judged, and the words that somebody would try first who knows the owner and the service. */
export interface Guess {
  password: string
  /** In small letters. */
  known: string[]
}

/** Why a password is easy to guess. */
export type Weakness = 'too_common' | 'too_personal'
