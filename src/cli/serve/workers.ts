import cluster, { type Worker } from 'node:cluster'
import { setTimeout as pause } from 'node:timers/promises'
import type { Config } from '../../config/config.ts'
import type { Log } from '../../core/log.ts'
import { publishMetrics } from '../../observability/publish.ts'
import { metricsOfWorkers } from '../../observability/workers.ts'
import { metricsLine } from '../../server/banner.ts'
import { createLog } from '../../server/log.ts'
import { CommandError } from '../failure.ts'
import type { Outside } from '../outside.ts'
import { stopOnSignal } from './stop-signals.ts'
import type { WorkerReport, WorkerSlot } from './worker.ts'

/** How a worker ended, and what it said was the matter. */
interface Ending {
  code: number | null
  signal: string | null
  problem?: string
  /** Whether it has served for a while. */
  wasStable: boolean
}

/** A process that serves or is about to. */
interface WorkerProcess {
  pid: number | undefined
  slot: WorkerSlot
  /** What it announces once it serves; `undefined` when it has ended before that. */
  ready: Promise<string | undefined>
  ended: Promise<Ending>
  kill(signal: NodeJS.Signals): void
}

/** All processes that run now. */
type WorkerPool = Set<WorkerProcess>

/** A worker that has served for so long did not end because it could not start. */
const stableAfterMs = 10_000
/** Before the second attempt in a row; each later one waits twice as long as the one before. */
const minPauseMs = 500
const maxPauseMs = 30_000
/** Starts in a row that may fail while no worker is left. */
const maxFailures = 5
/** Longer than a worker takes to give up. */
const stopTimeoutMs = 28_000

/**
 * Keeps workers serving on one port until a signal ends them all: no more than there are cores, each restarted when it
 * exits. Throws `CommandError` on SQLite, when the first ones cannot start, and when none is left.
 */
export async function serveWithWorkers(
  config: Config,
  { wanted, cores, ...outside }: { wanted: number; cores: number } & Outside,
): Promise<void> {
  if (config.database.engine === 'sqlite') {
    throw new CommandError(
      `--workers ${wanted} needs PostgreSQL (DATABASE_URL=postgres://…): SQLite serves one process.`,
    )
  }
  const count = Math.min(wanted, cores)
  if (count < wanted)
    outside.stderr.write(`--workers ${wanted}: this machine has ${cores} cores, so ${count} serve.\n`)

  const pool: WorkerPool = new Set()
  const stopping = new AbortController()
  stopOnSignal(async () => {
    stopping.abort()
    const endings = await endAll(pool)
    if (endings.some(({ code }) => code)) process.exitCode = 1
  }, stopTimeoutMs)

  try {
    const log = createLog(config, undefined, outside)
    const announcement = await startAll(pool, count, stopping.signal)
    if (announcement === undefined) return
    const metrics = config.metrics && (await publishMetrics(await metricsOfWorkers(), config.metrics, log))
    outside.stdout.write(metrics?.place ? `${announcement}${metricsLine(metrics.place)}\n` : announcement)
    for (const { pid } of pool) log.info({ pid }, 'worker ready')
    await Promise.all([...pool].map((worker) => supervise(worker, { pool, log, stopping: stopping.signal })))
  } catch (error) {
    await endAll(pool)
    throw error
  }
}

/** Starts the first worker alone, so that it migrates, and fails, once. `undefined` when a signal comes meanwhile. */
async function startAll(pool: WorkerPool, count: number, stopping: AbortSignal): Promise<string | undefined> {
  const first = spawnWorker(pool, { index: 0, count })
  const announcement = await waitUntilReady(first, stopping)
  if (stopping.aborted) return undefined
  const others = Array.from({ length: count - 1 }, (_, index) =>
    spawnWorker(pool, { index: index + 1, count }),
  )
  await Promise.all(others.map((other) => waitUntilReady(other, stopping)))
  return stopping.aborted ? undefined : announcement
}

async function waitUntilReady(worker: WorkerProcess, stopping: AbortSignal): Promise<string | undefined> {
  const announcement = await worker.ready
  if (announcement !== undefined || stopping.aborted) return announcement
  throw new CommandError(explainEnding(await worker.ended))
}

/** Restarts a worker whenever it exits, until all are to stop or none is left. */
async function supervise(
  first: WorkerProcess,
  { pool, log, stopping }: { pool: WorkerPool; log: Log; stopping: AbortSignal },
): Promise<void> {
  let worker = first
  let failures = 0
  while (true) {
    const ending = await worker.ended
    if (stopping.aborted) return
    const { code: exitCode, signal, problem, wasStable } = ending
    failures = wasStable ? 0 : failures + 1
    log.error({ pid: worker.pid, exitCode, signal, problem }, 'worker exited, restarting')
    if (failures >= maxFailures && pool.size === 0)
      throw new CommandError(`no worker is left: ${explainEnding(ending)}`)
    await pause(pauseMsAfter(failures), undefined, { signal: stopping }).catch(() => {})
    if (stopping.aborted) return
    worker = spawnWorker(pool, worker.slot)
    const { pid, ready } = worker
    void ready.then((announcement) => announcement !== undefined && log.info({ pid }, 'worker ready'))
  }
}

function pauseMsAfter(failures: number): number {
  return failures === 0 ? 0 : Math.min(minPauseMs * 2 ** (failures - 1), maxPauseMs)
}

function explainEnding({ code, signal, problem }: Ending): string {
  return problem ?? `a worker ended ${signal ? `by ${signal}` : `with ${code}`} before it served.`
}

/** Starts one process with the command line of this one. It is in the pool until it has ended. */
function spawnWorker(pool: WorkerPool, slot: WorkerSlot): WorkerProcess {
  cluster.setupPrimary({ args: [...process.argv.slice(2), '--worker', `${slot.index}/${slot.count}`] })
  const worker = cluster.fork()
  const { promise: ready, resolve: announce } = Promise.withResolvers<string | undefined>()
  const { promise: ended, resolve: end } = Promise.withResolvers<Ending>()
  const { pid } = worker.process
  const spawned: WorkerProcess = { pid, slot, ready, ended, kill: (signal) => worker.process.kill(signal) }
  let problem: string | undefined
  let readyAt = Number.POSITIVE_INFINITY

  onReport(worker, (report) => {
    if ('problem' in report) problem = report.problem
    else {
      readyAt = performance.now()
      announce(report.announcement)
    }
  })
  worker.once('exit', (code, signal) => {
    pool.delete(spawned)
    announce(undefined)
    end({ code, signal, problem, wasStable: performance.now() - readyAt >= stableAfterMs })
  })
  pool.add(spawned)
  return spawned
}

/** Leaves out what others send, such as a library that talks to its like in the first process. */
function onReport(worker: Worker, read: (report: WorkerReport) => void): void {
  worker.on('message', (message: unknown) => {
    const isReport =
      typeof message === 'object' && message !== null && ('announcement' in message || 'problem' in message)
    if (isReport) read(message as WorkerReport)
  })
}

/** Ends all that run as an operator would, and waits until they are gone. */
async function endAll(pool: WorkerPool): Promise<Ending[]> {
  const workers = [...pool]
  for (const worker of workers) worker.kill('SIGTERM')
  return Promise.all(workers.map(({ ended }) => ended))
}
