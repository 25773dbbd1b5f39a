import { setTimeout as pause } from 'node:timers/promises'
import { enableDueAccounts } from '../../core/accounts/enable-due.ts'
import { pseudonymizeOrphanedAuditRows } from '../../core/accounts/erasure.ts'
import { prune } from '../../core/audit/retention.ts'
import { reloadClients } from '../../core/clients/admin.ts'
import { eraseDueAccounts } from '../../core/self-service/deletion.ts'
import { learnWanted } from '../../core/webhooks/wanted.ts'
import { pruning } from '../../store/admin/pruning.ts'
import { purgeWal } from '../../store/sqlite/purge-wal.ts'
import { listWantedTypes } from '../../store/tables/webhooks/webhooks.ts'
import type { Core } from '../core.ts'
import type { MaintenanceTask } from './scheduler.ts'

const minuteMs = 60_000
const reloadIntervalMs = 5_000
/** How long an account may stay disabled behind its time. */
const enableIntervalMs = 10_000
/** What others get to do between two batches. */
const batchPauseMs = 50

/** What every server does beside answering: learns of settings and clients that were changed elsewhere and of hashes that
 * were imported, and tidies up. */
export function cleanupTasks(
  { db, realms, settings }: Pick<Core, 'db' | 'realms' | 'settings'>,
  { now }: { now: () => number },
): MaintenanceTask[] {
  const everyRealm = [...realms.values()]
  return [
    {
      name: 'settings and clients',
      intervalMs: reloadIntervalMs,
      run: async () => {
        await settings.reload(everyRealm.map((ctx) => ctx.settings.realm))
        for (const ctx of everyRealm) await reloadClients(ctx)
      },
    },
    {
      name: 'webhooks',
      intervalMs: reloadIntervalMs,
      run: async () => learnWanted(everyRealm, await listWantedTypes(db)),
    },
    {
      name: 'decoys',
      intervalMs: minuteMs,
      run: async () => {
        for (const { decoys } of everyRealm) await decoys.refresh()
      },
    },
    {
      name: 'pruning',
      intervalMs: 30 * minuteMs,
      run: (stopping) =>
        withPauses(prune(pruning(db), { retention: settings.retention, now: now() }), stopping),
    },
    {
      name: 'accounts to enable',
      intervalMs: enableIntervalMs,
      run: async (stopping) => {
        for (const ctx of everyRealm) await withPauses(enableDueAccounts(ctx), stopping)
      },
    },
    {
      name: 'deletions',
      intervalMs: 5 * minuteMs,
      run: async (stopping) => {
        for (const ctx of everyRealm) await withPauses(eraseDueAccounts(ctx), stopping)
      },
    },
    {
      name: 'strays',
      intervalMs: 60 * minuteMs,
      run: async (stopping) => {
        for (const ctx of everyRealm) await withPauses(pseudonymizeOrphanedAuditRows(ctx), stopping)
        for (const { store } of everyRealm) await store.webhookDeliveries.removeOrphans()
        // Also what was deleted while a backup ran.
        if (!stopping.aborted) await purgeWal(db)
      },
    },
  ]
}

async function withPauses(steps: AsyncGenerator<void>, stopping: AbortSignal): Promise<void> {
  for await (const _ of steps) {
    if (stopping.aborted) return
    await pause(batchPauseMs, undefined, { signal: stopping, ref: false }).catch(() => {})
  }
}
