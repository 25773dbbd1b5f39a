import type { RealmContext } from '../context.ts'
import type { ImportedFile } from './options.ts'
import type { ImportReport, ReportLine } from './report.ts'

/** A run of `manydoors import`. Times are epoch milliseconds. */
export interface ImportRun {
  id: string
  source: string
  format: string
  files: ImportedFile[]
  /** How many entries are done with. */
  position: number
  report: ImportReport
  startedAt: number
  /** `undefined` while it is under way, or when it has ended early. */
  finishedAt: number | undefined
  undoneAt: number | undefined
}

/** The runs of a realm, oldest first. */
export async function listRuns(_ctx: RealmContext): Promise<ImportRun[]> {
  throw new Error('not built yet')
}

/** What an undo has done. */
export interface UndoneRun {
  removed: number
  /** By reason. The places are ids of accounts: at most three. */
  kept: ReportLine[]
}

/**
 * Removes the accounts that a run has created and nobody has used since, and the links that it has given to others. After
 * any end it can be done again. Throws `RunRefused`.
 */
export async function undoRun(_ctx: RealmContext, _runId: string): Promise<UndoneRun> {
  throw new Error('not built yet')
}
