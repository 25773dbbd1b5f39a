import type { LegacyLinkRow } from '../../store/schema.ts'
import { recordEvent } from '../audit/audit.ts'
import { type RealmContext, stopClock, transaction } from '../context.ts'
import { candidatesOf, importBatch } from './batch.ts'
import { placeText, type RunState } from './batch-parts.ts'
import type { Candidate } from './candidate.ts'
import type { EntryPlace, ImportEntry } from './neutral.ts'
import { type ImportOptions, RunRefused } from './options.ts'
import { idKey, keysOf, sourceKey } from './plan.ts'
import type { ImportReport } from './report.ts'
import { emptyTally, reportOf } from './tally.ts'

const defaultBatchSize = 500

/**
 * Imports accounts, a batch in a transaction, and remembers how far it has come: after any end it goes on with `resume`,
 * and whatever is imported again stays one account. A dry run writes nothing. Throws `ImportConflict`, `RunRefused`,
 * `DatabaseUnavailable`, and what `entries` throws.
 */
export async function importAccounts(
  ctx: RealmContext,
  entries: AsyncIterable<ImportEntry>,
  options: ImportOptions,
): Promise<ImportReport> {
  let state = await beginRun(ctx, options)
  if (state.runId !== undefined) options.onBegun?.(state.runId)
  const passedOver = state.position
  let read = 0
  const batches = batchesOf(entries, { first: passedOver, max: options.batchSize ?? defaultBatchSize })
  for await (const batch of readAhead(batches)) {
    const batchCtx = stopClock(ctx)
    if (read < passedOver) await recallBatch(batchCtx, batch, options)
    else state = await importBatch(batchCtx, options, { state, entries: batch })
    read += batch.length
    options.onProgress?.(read)
    if (options.signal?.aborted) return report(state, options, { isFinished: false })
  }
  if (read < passedOver) throw new RunRefused('the files have fewer entries than the run has done already')
  if (state.runId !== undefined) await finishRun(ctx, state.runId)
  return report(state, options, { isFinished: true })
}

function report(
  { runId, tally }: RunState,
  { isDryRun }: ImportOptions,
  { isFinished }: { isFinished: boolean },
): ImportReport {
  return reportOf(tally, { ...(runId !== undefined && { runId }), isDryRun, isFinished })
}

async function beginRun(ctx: RealmContext, options: ImportOptions): Promise<RunState> {
  const { source, format, isDryRun, resume } = options
  if (resume !== undefined) return resumeRun(ctx, resume, options)
  const tally = emptyTally()
  if (isDryRun) return { position: 0, tally }
  const runId = ctx.newId()
  const run = { id: runId, source, format, counts: JSON.stringify(tally), ...textsOf(options) }
  await ctx.store.importRuns.add(run, ctx.now())
  return { runId, position: 0, tally }
}

/** What must be the same for a run to go on. */
function textsOf({ files, onConflict, ids, pendingDialect, trusts }: ImportOptions) {
  return {
    files: JSON.stringify(files),
    options: JSON.stringify({ onConflict, ids, pendingDialect, trusts }),
  }
}

async function resumeRun(ctx: RealmContext, id: string, options: ImportOptions): Promise<RunState> {
  const run = await ctx.store.importRuns.byId(id)
  if (!run) throw new RunRefused(`there is no run ${id}`)
  if (options.isDryRun) throw new RunRefused('a run goes on by writing, not as a dry run')
  if (run.finished_at !== null) throw new RunRefused('the run is finished')
  if (run.undone_at !== null) throw new RunRefused('the run was undone')
  const { files, options: given } = textsOf(options)
  if (run.files !== files) throw new RunRefused('these are not the files that the run began with')
  if (run.options !== given || run.source !== options.source || run.format !== options.format)
    throw new RunRefused('the run began with other options')
  return { runId: id, position: run.position, tally: JSON.parse(run.counts) }
}

/** Has entries that the run is done with keep later ones from their names, as they would if it had not ended. */
async function recallBatch(ctx: RealmContext, entries: ImportEntry[], options: ImportOptions): Promise<void> {
  const known = candidatesOf(ctx, entries, options)
  const names = known.map(({ candidate }) => ({ source: candidate.source, source_id: candidate.sourceId }))
  const links = await ctx.store.legacyLinks.find(names)
  const linked = new Map(links.map((link) => [`${link.source} ${link.source_id}`, link]))
  for (const { place, candidate } of known) {
    const link = linked.get(`${candidate.source} ${candidate.sourceId}`)
    if (!link || !hasTaken({ link, place, candidate }, options)) continue
    for (const key of [...keysOf(candidate), idKey(link.account_id)])
      if (options.seen.get(key) === undefined) options.seen.put(key, placeText(place))
  }
}

/** Whether an entry has taken the link of its source id: the run has made it of that entry, or this is the first to find it. */
function hasTaken(
  { link, place, candidate }: { link: LegacyLinkRow; place: EntryPlace; candidate: Candidate },
  { resume, seen }: ImportOptions,
): boolean {
  return link.run_id === resume
    ? link.place === placeText(place)
    : seen.get(sourceKey(candidate)) === undefined
}

async function finishRun(ctx: RealmContext, runId: string): Promise<void> {
  await transaction(ctx, async (ctx) => {
    if (await ctx.store.importRuns.finish(runId, ctx.now()))
      await recordEvent(ctx, 'accounts.imported', { detail: runId })
  })
}

/** Entries in batches of `max`, where one ends after the first `first` entries. */
async function* batchesOf(
  entries: AsyncIterable<ImportEntry>,
  { first, max }: { first: number; max: number },
): AsyncGenerator<ImportEntry[]> {
  let batch: ImportEntry[] = []
  let read = 0
  for await (const entry of entries) {
    batch.push(entry)
    read++
    if (batch.length < max && read !== first) continue
    yield batch
    batch = []
  }
  if (batch.length > 0) yield batch
}

/** Batches, of which the next one is read while the one before it is written. */
async function* readAhead<T>(batches: AsyncGenerator<T>): AsyncGenerator<T> {
  let next = batches.next()
  try {
    for (let batch = await next; !batch.done; batch = await next) {
      next = batches.next()
      // Whoever comes for it learns of it.
      next.catch(() => {})
      yield batch.value
    }
  } finally {
    await batches.return(undefined)
  }
}
