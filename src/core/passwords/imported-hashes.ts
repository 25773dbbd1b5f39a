import type { PasswordCounts } from '../../store/tables/accounts/password-kinds.ts'

/** Finds secrets that hashes of another system were made with, by the ids that stand in the hashes. */
export interface HashSecrets {
  /** `undefined` when there is none, or no master key opens it. */
  secretOf(id: string): Promise<Buffer | undefined>
}

/**
 * What names are checked against that nobody has. An imported hash takes another time than one of our own, so a name
 * that nobody has takes the time of a kind that is drawn from those that the realm's accounts have, in the same shares.
 */
export interface Decoys {
  /**
   * A hash of the kind that is drawn for the name, to take its time; `undefined` for one of our own. The same for the same
   * name as long as the shares stay, and as accounts get hashes of our own, so do names: none goes from one foreign kind
   * to another by that.
   */
  of(name: string): string | undefined
  /** Looks at what the realm has, and counts it when that is due. */
  refresh(): Promise<void>
  /** What was counted last. */
  counts(): Pick<PasswordCounts, 'accounts' | 'pending'> & { imported: number }
}
