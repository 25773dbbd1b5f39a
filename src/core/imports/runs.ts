import type { ImportRunRow } from '../../store/schema.ts'
import type { RealmContext } from '../context.ts'
import type { ImportedFile } from './options.ts'
import type { ImportReport } from './report.ts'
import { reportOf } from './tally.ts'

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
export async function listRuns(ctx: RealmContext): Promise<ImportRun[]> {
  return (await ctx.store.importRuns.list()).map(presentRun)
}

function presentRun(run: ImportRunRow): ImportRun {
  const { id, source, format, position } = run
  const isFinished = run.finished_at !== null
  return {
    id,
    source,
    format,
    files: JSON.parse(run.files),
    position,
    report: reportOf(JSON.parse(run.counts), { runId: id, isDryRun: false, isFinished }),
    startedAt: run.started_at,
    finishedAt: run.finished_at ?? undefined,
    undoneAt: run.undone_at ?? undefined,
  }
}
