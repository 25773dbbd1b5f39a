import type { RealmContext } from '../core/context.ts'
import type { JobQueue } from '../store/jobs.ts'
import type { State } from './state-metrics.ts'

/** Reads what metrics say of jobs and keys. Throws what the database says when it does not answer. */
export function stateReader(
  queue: Pick<JobQueue, 'state'>,
  realms: Map<string, Pick<RealmContext, 'store'>>,
  now: () => number,
): () => Promise<State> {
  return async () => {
    const at = now()
    const { waiting, dead, dueSince = at } = await queue.state(at)
    const keyAges = new Map<string, number>()
    for (const [name, { store }] of realms) {
      const keys = await store.signingKeys.list()
      const since = keys.findLast((key) => key.activated_at !== null && key.retired_at === null)?.activated_at
      if (since) keyAges.set(name, (at - since) / 1000)
    }
    return { waitingJobs: waiting, deadJobs: dead, jobLag: (at - dueSince) / 1000, keyAges }
  }
}
