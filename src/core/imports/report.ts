/** What an import has done, or would do. */
export interface ImportReport {
  runId?: string
  isDryRun: boolean
  /** Not where it was told to end early: it can be resumed. */
  isFinished: boolean
  read: number
  created: number
  /** Were there, and got what they lacked. */
  filled: number
  /** Were imported before, from the same source under the same id. */
  unchanged: number
  /** By reason, the most frequent first. */
  skipped: ReportLine[]
  refused: ReportLine[]
  /** What accounts that were taken have lost, by reason: second factors, hashes, names. */
  dropped: ReportLine[]
  /** Accounts by the kind of their password: a label of hashes, `none`, `pending wolfpal`. */
  passwords: { label: string; accounts: number; costMs: number; isWrapped: boolean }[]
  verified: number
  disabled: number
  secondFactors: number
  recoveryCodes: number
  /** Accounts that got another id than they had. */
  idsChanged: number
}

/** Something that was met more than once. */
export interface ReportLine {
  reason: string
  count: number
  /** Where it was met first: at most three. */
  places: string[]
}
