import type { HashIntake } from './hash-intake.ts'
import type { EntryPlace } from './neutral.ts'

/** A file that is imported, as a run remembers it: to go on, it must be the same one. */
export interface ImportedFile {
  name: string
  /** In bytes. */
  size: number
  sha256: string
}

/**
 * What is done with an entry whose names an account has: it is left out, or fills what a proven account lacks, or ends
 * the run before the batch that it is in is written.
 */
type OnConflict = 'skip' | 'fill' | 'fail'

/** How accounts are imported. */
export interface ImportOptions {
  /** What the system is called, for the list of runs. */
  source: string
  format: string
  files: ImportedFile[]
  /** Nothing is written, and the report says what would be. */
  isDryRun: boolean
  onConflict: OnConflict
  /** Whether an account keeps the id that it had, where it can. */
  ids: 'keep' | 'new'
  /** The dialect whose old server knows the passwords of accounts that come without a hash. */
  pendingDialect?: string
  /** `nothing`: what the old system calls verified is not, also where it is asked later. */
  trusts?: 'nothing'
  /** Entries that are written in one transaction; 500 when not given. */
  batchSize?: number
  /** The id of a run that ended early: what it has done is passed over. */
  resume?: string
  /** In a dry run one that does not wrap, as nothing is kept. */
  intake: HashIntake
  /** Private to this call, and empty. */
  seen: SeenIndex
  /** Ends the run after the batch in hand; it can be resumed. */
  signal?: AbortSignal
  /** Receives the id of the run, once it has begun or is gone on with. */
  onBegun?(runId: string): void
  /** Receives how many entries were read, also those that are passed over. */
  onProgress?(read: number): void
  /** Receives what became of an entry, once that is kept. */
  onOutcome?(place: EntryPlace, outcome: ImportOutcome): void
}

/** Texts by their keys, so many that they belong on a disk. */
export interface SeenIndex {
  get(key: string): string | undefined
  put(key: string, text: string): void
}

/** What became of an entry. No reason holds data of a person. */
export type ImportOutcome =
  | { what: 'created' | 'filled' | 'unchanged'; accountId: string; dropped: string[] }
  | { what: 'skipped' | 'refused'; reason: string }

/** An entry met an account in a run that is to fail then: nothing of its batch was written. */
export class ImportConflict extends Error {
  constructor(place: string, reason: string) {
    super(`${place}: ${reason}`)
    this.name = 'ImportConflict'
  }
}

/** The run cannot be gone on with, or undone; the message says why. */
export class RunRefused extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'RunRefused'
  }
}
