import type { CreatedAccount } from '../../store/tables/imports/undoing.ts'
import { recordEvent } from '../audit/audit.ts'
import { type RealmContext, stopClock, transaction } from '../context.ts'
import { RunRefused } from './options.ts'
import type { ReportLine } from './report.ts'
import { countReason, type Reasons, reportLines } from './tally.ts'

/** What an undo has done. */
export interface UndoneRun {
  removed: number
  /** By reason. The places are ids of accounts: at most three. */
  kept: ReportLine[]
}

const batchSize = 500

/**
 * Removes the accounts that a run has created and nobody has used or changed since, and the links that it has given to
 * others; what these were filled with stays. After any end it can be done again. Throws `RunRefused`.
 */
export async function undoRun(ctx: RealmContext, runId: string): Promise<UndoneRun> {
  const run = await ctx.store.importRuns.byId(runId)
  if (!run) throw new RunRefused(`there is no run ${runId}`)
  if (run.undone_at !== null) throw new RunRefused('the run was undone')
  // It may still be under way: from here on it writes no more.
  await ctx.store.importRuns.finish(runId, ctx.now())
  const pseudonym = `deleted-${ctx.randomBytes(16).toString('hex')}`
  const kept: Reasons = {}
  let removed = 0
  for await (const batch of createdBy(ctx, runId)) {
    const unused = batch.filter((account) => whyKept(account) === undefined)
    const gone = await removeAll(ctx, { runId, ids: unused.map(({ id }) => id), pseudonym })
    removed += gone.size
    for (const account of batch)
      if (!gone.has(account.id)) countReason(kept, whyKept(account) ?? 'was used just now', account.id)
  }
  await transaction(stopClock(ctx), async (ctx) => {
    await ctx.store.legacyLinks.removeGivenBy(runId)
    if (await ctx.store.importRuns.undo(runId, ctx.now()))
      await recordEvent(ctx, 'accounts.import_undone', { detail: runId })
  })
  return { removed, kept: reportLines(kept) }
}

async function* createdBy(ctx: RealmContext, runId: string): AsyncGenerator<CreatedAccount[]> {
  let after = ''
  while (true) {
    const batch = await ctx.store.undoing.createdBy(runId, { after, max: batchSize })
    const last = batch.at(-1)
    if (!last) return
    yield batch
    after = last.id
  }
}

async function removeAll(
  ctx: RealmContext,
  { runId, ids, pseudonym }: { runId: string; ids: string[]; pseudonym: string },
): Promise<Set<string>> {
  if (ids.length === 0) return new Set()
  return transaction(ctx, async (ctx) => {
    const gone = await ctx.store.undoing.remove(runId, ids)
    await ctx.store.undoing.pseudonymize(gone, pseudonym)
    return new Set(gone)
  })
}

function whyKept(account: CreatedAccount): string | undefined {
  if (account.has_signed_in === 1 || account.has_session === 1) return 'somebody has signed in'
  if (account.is_changed === 1) return 'was changed'
  return account.is_linked_elsewhere === 1 ? 'another import has linked it' : undefined
}
