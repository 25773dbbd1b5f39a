import type { GivenHash } from './neutral.ts'

/** Brings hashes of other systems into the form in which they are kept. */
export interface HashIntake {
  /**
   * The text to keep, wrapped where it would be too fast; or why the hash cannot be used, with nothing of it but its kind.
   * Slow where it wraps.
   */
  take(given: string | GivenHash): Promise<TakenHash | { refused: string }>
  /**
   * Whether a hash that `take` has made before is not of this one, so that the password is another by now; what cannot be
   * used is none. A secret that both need is not compared. Slow for some that are wrapped.
   */
  isOther(stored: string, given: string | GivenHash): Promise<boolean>
}

export interface TakenHash {
  stored: string
  /** Its kind and cost; `undefined` when it is as good as one of our own. */
  label: string | undefined
  /** CPU time of a check in milliseconds. */
  costMs: number
  isWrapped: boolean
}
