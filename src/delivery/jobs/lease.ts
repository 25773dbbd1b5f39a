import type { Log } from '../../core/log.ts'
import type { JobRow } from '../../store/schema.ts'
import type { JobQueue } from '../../store/tables/jobs.ts'

/** A worker that dies in the middle of a job leaves it to another after this. */
export const leaseMs = 60_000
const renewalIntervalMs = 5_000

/** Extends the lease of a job until `stop`, however long it takes, and keeps its row up to date with it. */
export function keepLease(
  job: JobRow,
  { queue, now, log }: { queue: JobQueue; now: () => number; log: Log },
): { stop(): Promise<void> } {
  let renewal = Promise.resolve()
  const renew = async () => {
    try {
      const leasedUntil = now() + leaseMs
      if (await queue.extend(job, leasedUntil)) job.leased_until = leasedUntil
    } catch (error) {
      log.warn({ err: error, job: job.id, realm: job.realm }, 'the lease of a job could not be extended')
    }
  }
  const timer = setInterval(() => {
    renewal = renewal.then(renew)
  }, renewalIntervalMs)
  return {
    stop: async () => {
      clearInterval(timer)
      await renewal
    },
  }
}
