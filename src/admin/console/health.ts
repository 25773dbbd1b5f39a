import type { FastifyRequest } from 'fastify'
import { languageOf } from '../../http/origin.ts'
import type { App } from '../../http/types.ts'
import { read, runChecks } from '../operations/health/health.ts'
import { presentWork } from '../operations/work.ts'
import type { ConsoleParts } from './console-parts.ts'
import { tellFinding } from './core-texts.ts'
import { textsFor } from './texts.ts'
import { canDo, goOn, performFor, sendConsole, timeFor } from './visit.ts'

const path = '/admin/health'

type Health = Awaited<ReturnType<typeof read.run>>

/** How the server is, and what its checks have found. */
export function healthPages(scope: App, { sendPage }: ConsoleParts): void {
  scope.get(path, async (request, reply) => {
    const health = await performFor(request, read)
    const data = {
      facts: factsOf(request, health),
      checks: presentChecks(request, health),
      canRun: canDo(request, runChecks),
    }
    return sendConsole(sendPage, { request, reply }, { template: 'health', current: 'health', data })
  })
  scope.post(`${path}/checks`, async (request, reply) => {
    await performFor(request, runChecks)
    return goOn(request, reply, path)
  })
}

function factsOf(request: FastifyRequest, { database, jobs, hashing, versions, startedAt }: Health) {
  const texts = textsFor(request)
  const show = numbersIn(request)
  return {
    database: `${database.engine === 'sqlite' ? 'SQLite' : 'PostgreSQL'} ${database.version}`,
    latency: `${show(database.latencyMs, 1)} ms`,
    size: `${show(database.sizeBytes / 2 ** 20, 1)} MiB`,
    jobs: { waiting: show(jobs.waiting), givenUp: show(jobs.givenUp), lag: `${show(jobs.lagMs / 1000)} s` },
    isLate: jobs.lagMs > 60_000,
    hashing: {
      running: show(hashing.running),
      waiting: show(hashing.waiting),
      lasts: hashing.lastsMs === null ? texts.notYet : `${show(hashing.lastsMs)} ms`,
    },
    versions,
    started: timeFor(request, startedAt),
  }
}

/** Problems first, then warnings: who looks wants to mend something. */
const order = ['problem', 'warning', 'ok']

function presentChecks(request: FastifyRequest, { checks }: Health) {
  const { isRunning, hasFailed, endedAt, tookMs } = checks
  const language = languageOf(request)
  // The operation has words in English alone.
  const { result: found } = presentWork(request.visit.desk.means.health.checks.state())
  return {
    isRunning,
    hasFailed,
    ended: timeFor(request, endedAt),
    took: tookMs === null ? undefined : `${numbersIn(request)(tookMs / 1000, 1)} s`,
    findings: found
      ?.toSorted((a, b) => order.indexOf(a.state) - order.indexOf(b.state))
      .map(({ says, advice, ...finding }) => ({
        ...finding,
        says: tellFinding(says, language),
        advice: advice && tellFinding(advice, language),
      })),
    isWell: found?.every(({ state }) => state === 'ok'),
  }
}

/** Writes numbers as people who read that language do, with at most so many digits behind the point. */
export function numbersIn(request: FastifyRequest): (value: number, digits?: number) => string {
  const locale = languageOf(request) === 'nb' ? 'nb-NO' : 'en-GB'
  return (value, digits = 0) => new Intl.NumberFormat(locale, { maximumFractionDigits: digits }).format(value)
}
