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
import type { Place, WorkerReport } from './worker.ts'

/** How a worker ended, and what it said was the matter. */
interface Ending {
  code: number | null
  signal: string | null
  problem?: string
}

/** A process that serves or is about to. */
interface Member {
  pid: number | undefined
  place: Place
  /** What it announces once it serves; none when it has ended before that. */
  started: Promise<string | undefined>
  ended: Promise<Ending>
  /** Whether it serves, and has for a while. */
  isStable(): boolean
  kill(signal: NodeJS.Signals): void
}

/** All processes that run now. */
type Crew = Set<Member>

/** In milliseconds: who has served for so long did not end because it could not start. */
const stableAfter = 10_000
/** In milliseconds, before the second attempt in a row; each later one waits twice as long as the one before. */
const firstPause = 500
const longestPause = 30_000
/** Starts in a row that may fail while nobody serves. */
const mostFailures = 5
/** In milliseconds: longer than a worker takes to give up. */
const longestStop = 28_000

/**
 * Keeps processes serving on one port until a signal ends them all: no more than there are cores, each replaced when
 * it dies. Throws `CommandError` on SQLite, when the first ones cannot start, and when nobody serves any more.
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

  const crew: Crew = new Set()
  const stopping = new AbortController()
  stopOnSignal(async () => {
    stopping.abort()
    const endings = await endAll(crew)
    if (endings.some(({ code }) => code)) process.exitCode = 1
  }, longestStop)

  try {
    const log = createLog(config, undefined, outside)
    const announcement = await startAll(crew, count, stopping.signal)
    if (announcement === undefined) return
    const metrics = config.metrics && (await publishMetrics(await metricsOfWorkers(), config.metrics, log))
    outside.stdout.write(metrics?.place ? `${announcement}${metricsLine(metrics.place)}\n` : announcement)
    for (const { pid } of crew) log.info({ pid }, 'a worker serves')
    await Promise.all([...crew].map((member) => keep(member, { crew, log, stopping: stopping.signal })))
  } catch (error) {
    await endAll(crew)
    throw error
  }
}

/**
 * Starts the first one alone, so that it migrates the database and says what is wrong once, then the others together.
 * Answers what is to be announced, and nothing when a signal comes in between.
 */
async function startAll(crew: Crew, count: number, stopping: AbortSignal): Promise<string | undefined> {
  const first = launch(crew, { index: 0, count })
  const announcement = await serving(first, stopping)
  if (stopping.aborted) return undefined
  const others = Array.from({ length: count - 1 }, (_, index) => launch(crew, { index: index + 1, count }))
  await Promise.all(others.map((other) => serving(other, stopping)))
  return stopping.aborted ? undefined : announcement
}

async function serving(member: Member, stopping: AbortSignal): Promise<string | undefined> {
  const announcement = await member.started
  if (announcement !== undefined || stopping.aborted) return announcement
  throw new CommandError(explainEnding(await member.ended))
}

/** Puts another in the place of a member that dies, again and again, until all are to stop or nobody serves. */
async function keep(
  first: Member,
  { crew, log, stopping }: { crew: Crew; log: Log; stopping: AbortSignal },
): Promise<void> {
  let member = first
  let failures = 0
  while (true) {
    const ending = await member.ended
    if (stopping.aborted) return
    failures = member.isStable() ? 0 : failures + 1
    const { code: exitCode, signal, problem } = ending
    log.error({ pid: member.pid, exitCode, signal, problem }, 'a worker has ended; another takes its place')
    if (failures >= mostFailures && crew.size === 0) {
      throw new CommandError(`nobody serves any more: ${explainEnding(ending)}`)
    }
    await pause(pauseAfter(failures), undefined, { signal: stopping }).catch(() => {})
    if (stopping.aborted) return
    member = launch(crew, member.place)
    const { pid, started } = member
    void started.then((isServing) => isServing !== undefined && log.info({ pid }, 'a worker serves'))
  }
}

function pauseAfter(failures: number): number {
  return failures === 0 ? 0 : Math.min(firstPause * 2 ** (failures - 1), longestPause)
}

function explainEnding({ code, signal, problem }: Ending): string {
  return problem ?? `a worker ended ${signal ? `by ${signal}` : `with ${code}`} before it served.`
}

/** Starts one process with the command line of this one. It is of the crew until it has ended. */
function launch(crew: Crew, place: Place): Member {
  cluster.setupPrimary({ args: [...process.argv.slice(2), '--worker', `${place.index}/${place.count}`] })
  const worker = cluster.fork()
  let problem: string | undefined
  let isStable = false
  let timer: NodeJS.Timeout | undefined

  const ended = new Promise<Ending>((end) => {
    worker.once('exit', (code, signal) => {
      clearTimeout(timer)
      crew.delete(member)
      end({ code, signal, ...(problem !== undefined && { problem }) })
    })
  })
  const started = new Promise<string | undefined>((start) => {
    onReport(worker, (words) => {
      if ('problem' in words) problem = words.problem
      else {
        timer = setTimeout(() => {
          isStable = true
        }, stableAfter).unref()
        start(words.announcement)
      }
    })
    void ended.then(() => start(undefined))
  })
  const member: Member = {
    pid: worker.process.pid,
    place,
    started,
    ended,
    isStable: () => isStable,
    kill: (signal) => worker.process.kill(signal),
  }
  crew.add(member)
  return member
}

/** Who sends something else, such as a library that talks to its like in the first process, is not listened to. */
function onReport(worker: Worker, read: (words: WorkerReport) => void): void {
  worker.on('message', (words: unknown) => {
    const isReport =
      typeof words === 'object' && words !== null && ('announcement' in words || 'problem' in words)
    if (isReport) read(words as WorkerReport)
  })
}

/** Ends all that run as an operator would, and waits until they are gone. */
async function endAll(crew: Crew): Promise<Ending[]> {
  const members = [...crew]
  for (const member of members) member.kill('SIGTERM')
  return Promise.all(members.map(({ ended }) => ended))
}
