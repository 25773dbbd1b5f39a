import { DatabaseUnavailable } from '../../store/unavailable.ts'
import { type RealmContext, transaction } from '../context.ts'
import { type Hashes, type PlannedEntry, placeText, type RunState } from './batch-parts.ts'
import { type Candidate, readCandidate } from './candidate.ts'
import { type Found, lookUp } from './found.ts'
import { inParallel } from './in-parallel.ts'
import type { EntryPlace, ImportEntry } from './neutral.ts'
import { newerHashes } from './newer-hashes.ts'
import { ImportConflict, type ImportOptions, RunRefused } from './options.ts'
import { type Plan, type Planning, planFor, wantedHash } from './plan.ts'
import { settle } from './settle.ts'
import { type Taken, takenOver } from './taken.ts'
import { writePlans } from './write-plans.ts'

interface ReadEntry {
  place: EntryPlace
  read: Candidate | Extract<Plan, { what: 'skip' | 'refuse' }>
}

/** How often a batch is planned anew because somebody else has taken a name meanwhile. */
const maxAttempts = 5

/**
 * Imports the next entries in one transaction, or in a dry run looks at what that would do, and returns how far the run
 * has come by that. Throws `ImportConflict`, `RunRefused`.
 */
export async function importBatch(
  ctx: RealmContext,
  options: ImportOptions,
  { state, entries }: { state: RunState; entries: ImportEntry[] },
): Promise<RunState> {
  const read = entries.map((entry) => readEntry(ctx, entry, options))
  const candidates = read.flatMap(({ read }) => ('what' in read ? [] : [read]))
  const hashes: Hashes = new Map()
  const newer = newerHashes(options.intake)
  const look = (ctx: RealmContext) => lookUp(ctx, candidates, { withLinked: options.onConflict === 'fill' })
  const plan = (found: Found) => planAll(ctx, read, { ...options, found, newer })
  for (let attempt = 1; ; attempt++) {
    const found = await look(ctx)
    await newer.compare(candidates, found)
    const planning = plan(found)
    refuseConflict(planning.planned)
    await takeHashes(planning.planned, { options, hashes })
    const settled = (planned: PlannedEntry[]) => settle(state, planned, hashes)
    if (options.isDryRun) return keep(settled(planning.planned), planning, options)
    try {
      const done = await transaction(ctx, async (ctx) => {
        await ctx.store.importRuns.takeTurn()
        // Mostly nobody has changed anything since, which the statements notice. After that it is planned within its turn.
        const now = attempt === 1 ? planning : plan(await look(ctx))
        refuseConflict(now.planned)
        const settling = settled(now.planned)
        await writePlans(ctx, now.planned, { hashes, from: state, to: settling.state })
        return { settling, planning: now }
      })
      return keep(done.settling, done.planning, options)
    } catch (error) {
      // Somebody has taken a name or changed an account between the look and the statement.
      const isRaced = error instanceof Error && !isFinal(error)
      if (!isRaced || attempt === maxAttempts) throw error
    }
  }
}

function isFinal(error: Error): boolean {
  return [ImportConflict, RunRefused, DatabaseUnavailable].some((kind) => error instanceof kind)
}

interface Planned {
  planned: PlannedEntry[]
  taken: Taken
}

function keep(
  { state, outcomes }: ReturnType<typeof settle>,
  { taken }: Planned,
  { onOutcome }: ImportOptions,
): RunState {
  taken.keep()
  if (onOutcome) for (const { place, outcome } of outcomes) onOutcome(place, outcome)
  return state
}

function readEntry(
  ctx: RealmContext,
  entry: ImportEntry,
  { pendingDialect }: Pick<ImportOptions, 'pendingDialect'>,
): ReadEntry {
  const { file, line } = entry
  const place = { file, line }
  if ('refused' in entry) return { place, read: { what: 'refuse', reason: entry.refused } }
  if ('skipped' in entry) return { place, read: { what: 'skip', reason: entry.skipped } }
  const candidate = readCandidate(entry.record, { now: ctx.now(), pendingDialect })
  if ('refused' in candidate) return { place, read: { what: 'refuse', reason: candidate.refused } }
  return { place, read: { ...candidate, dropped: [...(entry.dropped ?? []), ...candidate.dropped] } }
}

/** The candidates among entries; for a run that is gone on with. */
export function candidatesOf(
  ctx: RealmContext,
  entries: ImportEntry[],
  options: ImportOptions,
): { place: EntryPlace; candidate: Candidate }[] {
  return entries.flatMap((entry) => {
    const { place, read } = readEntry(ctx, entry, options)
    return 'what' in read ? [] : [{ place, candidate: read }]
  })
}

function planAll(
  { newId }: RealmContext,
  entries: ReadEntry[],
  { seen, ...given }: Pick<ImportOptions, 'onConflict' | 'ids' | 'seen'> & Pick<Planning, 'found' | 'newer'>,
): Planned {
  const taken = takenOver(seen)
  const planned = entries.map(({ place, read }) => ({
    place,
    plan: 'what' in read ? read : planFor({ ...given, taken, newId }, read, placeText(place)),
  }))
  return { planned, taken }
}

function refuseConflict(planned: PlannedEntry[]): void {
  for (const { place, plan } of planned)
    if (plan.what === 'conflict') throw new ImportConflict(placeText(place), plan.reason)
}

/** Slow, where hashes are wrapped: outside of any transaction. */
async function takeHashes(
  planned: PlannedEntry[],
  { options, hashes }: { options: ImportOptions; hashes: Hashes },
): Promise<void> {
  await inParallel(planned, async ({ place, plan }) => {
    const hash = wantedHash(plan)
    if (hash !== undefined && !hashes.has(place)) hashes.set(place, await options.intake.take(hash))
  })
}
