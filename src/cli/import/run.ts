import type { RealmContext } from '../../core/context.ts'
import { importAccounts } from '../../core/imports/import-accounts.ts'
import type { ImportEntry } from '../../core/imports/neutral.ts'
import { ImportConflict, type ImportOptions } from '../../core/imports/options.ts'
import type { ImportReport } from '../../core/imports/report.ts'
import { listRuns } from '../../core/imports/runs.ts'
import { type FormatOptions, type ImportFormat, UnreadableImport } from '../../imports/format.ts'
import { openScratchIndex } from '../../lib/scratch-index.ts'
import type { CliCommand } from '../cli-command.ts'
import { CommandError } from '../failure.ts'
import { withRealm } from '../realm.ts'
import { createProgress } from '../terminal/progress.ts'
import { readConfigFor } from '../with-core.ts'
import { type OpenedFiles, openFiles, printsOf } from './files.ts'
import { formatNamed } from './formats.ts'
import { intakeFor, type Wrapping } from './intake.ts'
import { type ReadingOptions, readFormatOptions } from './options.ts'
import { createOutcomeFile, noOutcomeFile } from './outcome-file.ts'
import { printReport } from './print-report.ts'

export interface RunOptions extends ReadingOptions {
  commit?: boolean
  onConflict: ImportOptions['onConflict']
  pending?: string
  wrap: Wrapping
  ids: ImportOptions['ids']
  report?: string
  batch: number
  /** `true`: the newest that has not ended. */
  resume?: string | true
}

/** What a run reads. */
interface Input {
  format: ImportFormat
  formatOptions: FormatOptions
  opened: OpenedFiles
  paths: string[]
}

/** `import FORMAT FILES…`: a dry run, or with `--commit` the import. */
export async function runImport(
  name: string,
  paths: string[],
  options: RunOptions,
  command: CliCommand,
): Promise<void> {
  if (options.resume !== undefined && !options.commit)
    throw new CommandError('--resume goes on with a run that writes: give --commit, too')
  const format = await formatNamed(name)
  const opened = await openFiles(paths)
  const formatOptions = await readFormatOptions(command, format, options)
  await withRealm(command, options.commit ? 'change' : 'read', async (ctx) => {
    const input = { format, formatOptions, opened, paths }
    using seen = openScratchIndex()
    const importOptions = {
      ...(await importOptionsOf(ctx, input, { options, command })),
      seen: { get: seen.first, put: seen.add },
    }
    const outcomes = options.report === undefined ? noOutcomeFile : createOutcomeFile(options.report)
    try {
      const report = await runToReport(ctx, input, { ...importOptions, onOutcome: outcomes.add }, command)
      if (report) printReport(report, command)
    } finally {
      outcomes.close()
    }
  })
}

/** Runs the import; `undefined` when it was stopped before its end, which is said then. */
async function runToReport(
  ctx: RealmContext,
  { format, formatOptions, opened }: Input,
  options: ImportOptions,
  { outside }: CliCommand,
): Promise<ImportReport | undefined> {
  const stopping = new AbortController()
  const takeBack = outside.onInterrupt?.(() => stopping.abort())
  const progress = createProgress(outside.stderr)
  progress.begin('Accounts', 0)
  const onProgress = (read: number) => {
    const share = opened.share()
    progress.update(read, Math.max(read, Math.round(share > 0 ? read / share : read)))
  }
  let runId: string | undefined
  const onBegun = (id: string) => (runId = id)
  try {
    const { signal } = stopping
    const entries = await begun(format.read(opened.files, formatOptions))
    const report = await importAccounts(ctx, entries, { ...options, signal, onBegun, onProgress })
    progress.end()
    if (report.isFinished) return report
    outside.stderr.write(`${stoppedText(report)}\n`)
    outside.exitCode = exitStopped
  } catch (error) {
    throw await explained(ctx, runId, error)
  } finally {
    progress.end()
    takeBack?.()
  }
}

/** As shells have it for SIGINT. */
const exitStopped = 130

async function importOptionsOf(
  ctx: RealmContext,
  { format, formatOptions, paths }: Input,
  { options, command }: { options: RunOptions; command: CliCommand },
): Promise<Omit<ImportOptions, 'seen'>> {
  const { commit, onConflict, ids, pending, verified, wrap, batch, resume } = options
  if (pending !== undefined) checkDoor(command, ctx, pending)
  const run = resume === true ? await newestUnended(ctx, format.name) : resume
  const isDryRun = !commit
  return {
    source: formatOptions.source ?? format.name,
    format: format.name,
    files: await printsOf(paths),
    isDryRun,
    onConflict,
    ids,
    batchSize: batch,
    ...(pending !== undefined && { pendingDialect: pending }),
    ...(verified === 'none' && { trusts: 'nothing' as const }),
    ...(run !== undefined && { resume: run }),
    intake: intakeFor(ctx, { wrap, isDryRun }),
  }
}

function checkDoor(command: CliCommand, ctx: RealmContext, dialect: string): void {
  const realm = readConfigFor(command).realms.find(({ name }) => name === ctx.realm.name)
  const doors = Object.keys(realm?.dialects ?? {})
  if (!doors.includes(dialect))
    throw new CommandError(`realm ${ctx.realm.name} has no door ${dialect}: ${doors.join(', ')}`)
}

async function newestUnended(ctx: RealmContext, format: string): Promise<string> {
  const runs = await listRuns(ctx)
  const run = runs.findLast(
    (run) => run.format === format && run.finishedAt === undefined && run.undoneAt === undefined,
  )
  if (!run) throw new CommandError(`there is no run of ${format} that ended early`)
  return run.id
}

function stoppedText({ isDryRun, read, runId }: ImportReport): string {
  if (isDryRun) return `stopped after ${read} entries: nothing is written`
  if (runId === undefined) return 'stopped before anything was written'
  return `stopped after ${read} entries, which are kept. Go on with the same command and --resume ${runId}`
}

/** With what the run had written before it. */
async function explained(ctx: RealmContext, runId: string | undefined, error: unknown): Promise<unknown> {
  if (!(error instanceof ImportConflict) && !(error instanceof UnreadableImport)) return error
  const run = (await listRuns(ctx)).find(({ id }) => id === runId)
  const kept =
    run && run.position > 0
      ? `What came before it is kept in run ${run.id}: manydoors import undo removes it.`
      : 'Nothing was written.'
  return new CommandError(`${error.message}. ${kept}`)
}

/** All of the entries, once the first has been read: of files of another format no run begins. */
async function begun(entries: AsyncIterable<ImportEntry>): Promise<AsyncIterable<ImportEntry>> {
  const iterator = entries[Symbol.asyncIterator]()
  let first: IteratorResult<ImportEntry> | undefined = await iterator.next()
  const next = async () => {
    const result = first ?? (await iterator.next())
    first = undefined
    return result
  }
  const finish = async () => (await iterator.return?.()) ?? { done: true as const, value: undefined }
  return { [Symbol.asyncIterator]: () => ({ next, return: finish }) }
}
