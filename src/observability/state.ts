import type { JobQueue } from '../store/tables/jobs.ts'
import type { State } from './state-metrics.ts'

/**
 * Reads what metrics say of jobs and keys; `keysSince` says since when the current key of each realm signs. Throws what
 * the database says when it does not answer.
 */
export function stateReader(
  queue: Pick<JobQueue, 'state'>,
  keysSince: () => Promise<{ realm: string; since: number }[]>,
  now: () => number,
): () => Promise<State> {
  return async () => {
    const at = now()
    const { waiting, dead, dueSince = at } = await queue.state(at)
    const keyAges = new Map<string, number>()
    for (const { realm, since } of await keysSince()) keyAges.set(realm, (at - since) / 1000)
    return { waitingJobs: waiting, deadJobs: dead, jobLag: (at - dueSince) / 1000, keyAges }
  }
}
