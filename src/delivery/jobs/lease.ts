import type { Log } from '../../core/log.ts'
import type { JobRow } from '../../store/schema.ts'
import type { JobQueue } from '../../store/tables/jobs.ts'

/** In milliseconds. A worker that dies in the middle of a job leaves it to another after this. */
export const leaseLength = 60_000
/** In milliseconds. */
const renewalInterval = 5_000

/**
 * Keeps a job from all other workers for as long as it takes, a minute or an hour, until `stop`. The row that is given
 * always says how long it is leased.
 */
export function keepLease(
  job: JobRow,
  { queue, now, log }: { queue: JobQueue; now: () => number; log: Log },
): { stop(): Promise<void> } {
  let renewal = Promise.resolve()
  const renew = async () => {
    try {
      const leasedUntil = now() + leaseLength
      if (await queue.extend(job, leasedUntil)) job.leased_until = leasedUntil
    } catch (error) {
      log.warn({ err: error, job: job.id, realm: job.realm }, 'the lease of a job could not be prolonged')
    }
  }
  const timer = setInterval(() => {
    renewal = renewal.then(renew)
  }, renewalInterval)
  return {
    stop: async () => {
      clearInterval(timer)
      await renewal
    },
  }
}
