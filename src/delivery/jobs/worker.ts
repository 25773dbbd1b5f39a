import type { RealmContext } from '../../core/context.ts'
import { type JobCause, type JobKind, webhookJob } from '../../core/jobs.ts'
import type { Log } from '../../core/log.ts'
import { maxWebhooks } from '../../core/webhooks/endpoints.ts'
import type { JobRow } from '../../store/schema.ts'
import type { JobQueue } from '../../store/tables/jobs.ts'
import { Refused, Undeliverable } from '../message.ts'
import { keepLease, leaseMs } from './lease.ts'
import type { JobHandlers } from './mailer.ts'
import { type DeliveryObserver, type GivenUp, observeAttempt } from './observed.ts'
import { startRounds } from './rounds.ts'
import { createTargets, type Served } from './targets.ts'

export interface Worker {
  /** Looks for work now, rather than when it is next due. */
  wake(): void
  /** Finishes what runs and takes nothing more. */
  stop(): Promise<void>
}

/** How long other nodes' jobs and returned leases may stay unnoticed. */
const maxPauseMs = 5_000
/** Between two attempts to write down how a job ended, where the database is gone. */
const rewritePauseMs = 1_000
/** Jobs that a lane runs at once. */
const slots = 8
/** So many have as many endpoints of webhooks as a realm may have at most, so that none waits for another one. */
const webhookSlots = 2 * maxWebhooks
/** Of those for one target. */
const slotsOfTarget = 2
/** With the pauses below: about a day. */
const maxAttempts = 30
/** Where the other side has refused. */
const maxRefusals = 3

/** Doubles from five seconds to an hour. */
function pauseMsAfter(attempts: number): number {
  return Math.min(5_000 * 2 ** (attempts - 1), 3_600_000)
}

interface WorkerParts {
  queue: JobQueue
  contexts: Map<string, RealmContext>
  /** By the names of their realms; all of them do the same kinds. */
  handlers: ReadonlyMap<string, JobHandlers>
  observer: DeliveryObserver
  now: () => number
  log: Log
}

/**
 * Runs the jobs of every realm, each until it succeeds, has failed too often or can never succeed. Mails, text messages,
 * what goes to clients and what goes to endpoints of webhooks have a lane each, so that a server which hangs delays only
 * its own; those of clients and the endpoints are many, and none of them holds up another one.
 */
export function startWorker(parts: WorkerParts): Worker {
  const [some = {}] = parts.handlers.values()
  const kinds = Object.keys(some) as JobKind[]
  const lanes = Map.groupBy(kinds, laneOf)
  const workers = [...lanes].map(([lane, kinds]) =>
    startLane(
      {
        kinds,
        hasTargets: lane === 'clients' || lane === 'webhooks',
        slots: lane === 'webhooks' ? webhookSlots : slots,
      },
      parts,
    ),
  )
  return {
    wake: () => {
      for (const worker of workers) worker.wake()
    },
    stop: async () => {
      await Promise.all(workers.map((worker) => worker.stop()))
    },
  }
}

interface Lane {
  kinds: JobKind[]
  /** Each of its jobs is for one of many targets. */
  hasTargets: boolean
  /** How many of them run at once. */
  slots: number
}

function laneOf(kind: JobKind): 'mails' | 'text messages' | 'clients' | 'webhooks' {
  if (kind === webhookJob) return 'webhooks'
  if (kind === 'openid-logout') return 'clients'
  return kind.endsWith('-sms') ? 'text messages' : 'mails'
}

/** What is done says who was signed in to what and is of no use to anybody, or is kept elsewhere. */
function isForgotten({ kind }: JobRow): boolean {
  return kind === 'openid-logout' || kind === webhookJob
}

/** Whether an error says that the other side is there. */
function isAnswer(error: unknown): boolean {
  return error instanceof Refused || error instanceof Undeliverable
}

function reasonToGiveUp({ kind, attempts }: JobRow, cause: unknown): GivenUp | undefined {
  if (cause instanceof Undeliverable) return 'undeliverable'
  // By the time that it has waited: its log says what has become of it.
  if (kind === webhookJob) return undefined
  if (cause instanceof Refused && attempts >= maxRefusals) return 'refused'
  return attempts >= maxAttempts ? 'attempts' : undefined
}

/** A kind or a realm that this release does not know is left to a node that does. */
function startLane({ kinds, hasTargets, slots }: Lane, parts: WorkerParts): Worker {
  const { queue, contexts, now, log } = parts
  const running = new Map<string, Promise<void>>()
  const targets = createTargets({ atOnce: slotsOfTarget, now })
  // What runs here is left out: its lease may seem to have ended when the clock was set forward.
  const ours = () => ({
    kinds,
    realms: [...contexts.keys()],
    except: [...running.keys()],
    exceptTargets: targets.closed(),
  })
  let isStopped = false
  let mayBeMore = false
  const run = jobRunner(parts, () => isStopped)

  const begin = (job: JobRow) => {
    const end = targets
      .serve(job.target, () => run(job))
      // How it ended is not written down, so it is run again when its lease has ended.
      .catch((error) =>
        log.error({ err: error, job: job.id, realm: job.realm }, 'job worker failed, will be retried'),
      )
      .finally(() => {
        running.delete(job.id)
        if (mayBeMore || hasTargets) rounds.wake()
      })
    running.set(job.id, end)
  }

  /** Begins as many due jobs as there are free slots. */
  const fill = async () => {
    for (;;) {
      const free = slots - running.size
      if (free === 0 || isStopped) return
      // One by one where it depends on those before it whether the next may be begun.
      const max = hasTargets ? 1 : free
      const jobs = await queue.claim({ ...ours(), now: now(), leasedUntil: now() + leaseMs, max })
      mayBeMore = jobs.length === max
      for (const job of jobs) begin(job)
      if (!mayBeMore) break
    }
    const dueAt = await queue.nextDueAt(ours())
    const pauseMs = dueAt === undefined ? maxPauseMs : Math.max(dueAt - now(), 10)
    rounds.wakeIn(Math.min(pauseMs, targets.nextRestEndsIn() ?? maxPauseMs, maxPauseMs))
  }

  const rounds = startRounds(fill, (error) => {
    log.error({ err: error }, 'job worker failed, will be retried')
    rounds.wakeIn(maxPauseMs)
  })
  rounds.wake()
  return {
    wake: rounds.wake,
    stop: async () => {
      isStopped = true
      await rounds.stop()
      await Promise.all(running.values())
    },
  }
}

/** Runs one job under its lease, and writes down how it ended. */
function jobRunner(
  { queue, contexts, handlers, observer, now, log }: WorkerParts,
  isStopped: () => boolean,
): (job: JobRow) => Promise<Served> {
  const attempt = async (job: JobRow) => {
    const ctx = contexts.get(job.realm)
    const handle = handlers.get(job.realm)?.[job.kind as JobKind]
    if (!ctx || !handle) throw new Error(`there is no realm ${job.realm}`)
    const cause = JSON.parse(job.payload)
    const observed = { id: job.id, realm: job.realm, kind: job.kind as JobKind, cause }
    const run = () => observeAttempt(handle(ctx, cause, job.id), (seen) => observer.job(observed, seen))
    await (observer.within?.(observed, run) ?? run())
  }

  /** While the lease lasts: a job whose end is not written down is run again, and its message sent again. */
  const writeDown = async (job: JobRow, write: () => Promise<void>) => {
    for (;;) {
      try {
        return await write()
      } catch (error) {
        if (isStopped() || now() >= (job.leased_until ?? 0)) throw error
        await new Promise((over) => setTimeout(over, rewritePauseMs))
      }
    }
  }

  /** Logs it, and returns what is to be written down. */
  const fail = (job: JobRow, cause: unknown): (() => Promise<void>) => {
    const error = cause instanceof Error ? cause.message : String(cause)
    const { id, kind, realm, attempts } = job
    const { requestId } = JSON.parse(job.payload) as JobCause
    const fields = { job: id, kind, realm, requestId, attempts, error }
    const reason = reasonToGiveUp(job, cause)
    if (reason !== undefined) {
      log.error({ ...fields, reason }, 'job given up')
      observer.givenUp(kind as JobKind, reason)
      return () => queue.bury(job, { now: now(), error })
    }
    log.warn(fields, 'job failed, will be retried')
    return () => queue.retry(job, { runAt: now() + pauseMsAfter(job.attempts), error })
  }

  const finish = (job: JobRow) => (isForgotten(job) ? queue.forget(job) : queue.finish(job, now()))

  return async (job) => {
    const lease = keepLease(job, { queue, now, log })
    const failure = await attempt(job).then(
      () => undefined,
      (error: unknown) => ({ error }),
    )
    await lease.stop()
    await writeDown(job, failure ? fail(job, failure.error) : () => finish(job))
    return { isSilent: failure !== undefined && !isAnswer(failure.error) }
  }
}
