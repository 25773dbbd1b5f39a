import type { Log, RealmContext } from '../core/context.ts'
import type { JobKind } from '../core/jobs.ts'
import type { JobQueue } from '../store/jobs.ts'
import type { JobRow } from '../store/schema.ts'
import type { JobHandlers } from './job-handlers.ts'
import { Undeliverable } from './message.ts'

export interface Worker {
  /** Looks for work now, rather than when it is next due. */
  wake(): void
  /** Finishes what runs and takes nothing more. */
  stop(): Promise<void>
}

/** In milliseconds. A worker that dies in the middle of a job leaves it to another after this. */
const lease = 60_000
/** In milliseconds: how long other nodes' jobs and returned leases may stay unnoticed. */
const longestPause = 5_000
const batch = 8
/** With the pauses below: about a day. */
const mostAttempts = 30

/** In milliseconds, doubling from five seconds to an hour. */
function pauseAfter(attempts: number): number {
  return Math.min(5_000 * 2 ** (attempts - 1), 3_600_000)
}

/** Runs the jobs of every realm, each until it succeeds, has failed too often or can never succeed. */
export function startWorker({
  queue,
  contexts,
  handlers,
  now,
  log,
}: {
  queue: JobQueue
  contexts: Map<string, RealmContext>
  handlers: JobHandlers
  now: () => number
  log: Log
}): Worker {
  let timer: NodeJS.Timeout | undefined
  let round: Promise<void> | undefined
  let isWoken = false
  let isStopped = false

  const run = async (job: JobRow) => {
    try {
      const ctx = contexts.get(job.realm)
      const handler = handlers[job.kind as JobKind] as JobHandlers[JobKind] | undefined
      if (!ctx || !handler) throw new Error(`no handler for ${job.kind} in realm ${job.realm}`)
      await handler(ctx, JSON.parse(job.payload), job.id)
      await queue.finish(job, now())
    } catch (error) {
      await fail(job, error)
    }
  }

  const fail = async (job: JobRow, cause: unknown) => {
    const error = cause instanceof Error ? cause.message : String(cause)
    const fields = { job: job.id, kind: job.kind, attempts: job.attempts, error }
    if (job.attempts >= mostAttempts || cause instanceof Undeliverable) {
      log.error(fields, 'job given up')
      await queue.bury(job, { now: now(), error })
    } else {
      log.warn(fields, 'job failed, to be tried again')
      await queue.retry(job, { runAt: now() + pauseAfter(job.attempts), error })
    }
  }

  const workOff = async () => {
    while (!isStopped) {
      const jobs = await queue.claim({ now: now(), leasedUntil: now() + lease, most: batch })
      await Promise.all(jobs.map(run))
      if (jobs.length < batch) return
    }
  }

  const schedule = async () => {
    const dueAt = await queue.nextDueAt()
    const pause = dueAt === undefined ? longestPause : Math.min(Math.max(dueAt - now(), 10), longestPause)
    if (!isStopped) timer = setTimeout(wake, pause)
  }

  const startRound = async () => {
    try {
      do {
        isWoken = false
        await workOff()
      } while (isWoken && !isStopped)
      await schedule()
    } catch (error) {
      log.error({ err: error }, 'job worker failed, to be tried again')
      if (!isStopped) timer = setTimeout(wake, longestPause)
    }
  }

  const wake = () => {
    isWoken = true
    if (round || isStopped) return
    clearTimeout(timer)
    round = new Promise<void>((started) => setImmediate(started)).then(startRound).finally(() => {
      round = undefined
      // Woken after the last look and before the end of the round.
      if (isWoken) wake()
    })
  }

  wake()
  return {
    wake,
    stop: async () => {
      isStopped = true
      clearTimeout(timer)
      await round
    },
  }
}
