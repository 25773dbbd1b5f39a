import { z } from 'zod'
import { inEnglish } from '../../findings.ts'
import type { HealthFinding } from '../../health.ts'
import { defineOperation } from '../operation.ts'
import { isoTime } from '../times.ts'
import { presentWork, WorkView } from '../work.ts'

const FindingView = z.object({
  check: z.string(),
  state: z.enum(['ok', 'warning', 'problem']),
  says: z.string(),
  advice: z.string().nullable().describe('What to do about it'),
})

const HealthView = z.object({
  database: z.object({
    engine: z.enum(['sqlite', 'postgres']),
    version: z.string(),
    latencyMs: z.number(),
    sizeBytes: z.number(),
  }),
  jobs: z.object({
    waiting: z.number(),
    givenUp: z.number(),
    lagMs: z.number().describe('How long the oldest is due'),
  }),
  hashing: z.object({
    running: z.number(),
    waiting: z.number(),
    lastsMs: z.number().nullable().describe('How long a password takes, about; null before the first one'),
  }),
  versions: z.object({ manydoors: z.string(), node: z.string() }),
  startedAt: z.string(),
  checks: WorkView.extend({
    findings: z.array(FindingView).nullable().describe('Null before the first run'),
  }),
})

export const read = defineOperation({
  name: 'health.read',
  summary: 'Show how this server is, and what its checks found the last time',
  capability: 'health.read',
  at: 'server',
  method: 'GET',
  path: '/health',
  input: z.object({}),
  output: HealthView,
  run: async ({ means: { health } }) => {
    const { database, jobs, hashing, versions, startedAt } = await health.read()
    const { work, result } = presentWork(health.checks.state())
    return {
      database,
      jobs: { waiting: jobs.waiting, givenUp: jobs.dead, lagMs: jobs.lagMs },
      hashing: { ...hashing, lastsMs: hashing.lastsMs ?? null },
      versions,
      startedAt: isoTime(startedAt),
      checks: { ...work, findings: result?.map(present) ?? null },
    }
  },
})

export const runChecks = defineOperation({
  name: 'health.check',
  summary: 'Begin the checks of `manydoors doctor`, unless they run already',
  capability: 'health.read',
  at: 'server',
  method: 'POST',
  path: '/health/checks',
  input: z.object({}),
  output: z.object({ isRunning: z.boolean() }),
  run: async ({ means: { health } }) => {
    health.checks.start()
    return { isRunning: true }
  },
})

function present({ check, state, says, advice }: HealthFinding): z.input<typeof FindingView> {
  return { check, state, says: inEnglish(says), advice: advice === undefined ? null : inEnglish(advice) }
}

export const healthOperations = [read, runChecks]
