import { setTimeout as pause } from 'node:timers/promises'
import { pseudonymizeOrphanedAuditRows } from '../../core/accounts/erasure.ts'
import { prune, type Retention } from '../../core/audit/retention.ts'
import { reloadClients } from '../../core/clients/admin.ts'
import type { RealmContext } from '../../core/context.ts'
import { pruning } from '../../store/admin/pruning.ts'
import { purgeWal } from '../../store/sqlite/purge-wal.ts'
import type { Database } from '../../store/types.ts'
import type { MaintenanceTask } from './scheduler.ts'

/** In milliseconds. */
const second = 1000
const minute = 60 * second
/** In milliseconds: what others get to do between two batches. */
const rest = 50

/** What every server does beside answering: learns of clients that were registered elsewhere, and tidies up. */
export function cleanupTasks(
  { db, realms }: { db: Database; realms: Map<string, RealmContext> },
  { retention, now }: { retention: Retention; now: () => number },
): MaintenanceTask[] {
  const everyRealm = [...realms.values()]
  return [
    {
      name: 'clients',
      interval: 5 * second,
      run: async () => {
        for (const ctx of everyRealm) await reloadClients(ctx)
      },
    },
    {
      name: 'pruning',
      interval: 30 * minute,
      run: (stopping) => withRests(prune(pruning(db), { retention, now: now() }), stopping),
    },
    {
      name: 'strays',
      interval: 60 * minute,
      run: async (stopping) => {
        for (const ctx of everyRealm) await withRests(pseudonymizeOrphanedAuditRows(ctx), stopping)
        // Also what was deleted while a backup ran.
        if (!stopping.aborted) await purgeWal(db)
      },
    },
  ]
}

async function withRests(steps: AsyncGenerator<void>, stopping: AbortSignal): Promise<void> {
  for await (const _ of steps) {
    if (stopping.aborted) return
    await pause(rest, undefined, { signal: stopping, ref: false }).catch(() => {})
  }
}
