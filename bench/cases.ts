import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { verificationsPerSecond } from './argon2.ts'
import { compareBefore } from './before.ts'
import { type Comparison, compare, spread } from './compare.ts'
import { measureBesideConsole } from './console/beside.ts'
import { measureConsole } from './console/measure.ts'
import { measureCost } from './cost.ts'
import { measureImports } from './imports/measure.ts'
import type { Scenario } from './load.ts'
import { measureOpenid, measureOpenidOnPostgres } from './openid/measure.ts'
import { comparePeers } from './peers.ts'
import { plan } from './plan.ts'
import { comparePostgres } from './postgres.ts'
import type { Figure } from './report.ts'
import { fewPeople, openStage, type Stage } from './stage.ts'
import { measureStorm } from './storm.ts'

export interface Effort {
  rounds: number
  /** Of each measurement. */
  seconds: number
  /** Of each import, and accounts of the console. */
  records: number
  /** The folder of another checkout to compare with. */
  before?: string
}

type Case = (effort: Effort) => Promise<{ comparisons?: Comparison[]; figures?: Figure[] }>

/** All that `npm run bench` measures, by names that it can be asked for. */
export const cases: Record<string, Case> = {
  'sign-in': (effort) =>
    onStage(fewPeople, async (stage) => {
      const server = await stage.startOurs()
      const work = { scenario: 'sign-in', seconds: effort.seconds } as const
      return compare({
        name: 'sign-in',
        against: 'argon2 alone',
        target: 0.9,
        rounds: effort.rounds,
        ours: () => stage.measure('ours', server, work),
        theirs: async () => ({ rate: await verificationsPerSecond(effort.seconds) }),
      })
    }),
  refresh: (effort) => againstFloor('refresh', effort, 0.65),
  bearer: (effort) => againstFloor('bearer', effort, 0.65),
  'sign-out': (effort) => againstFloor('sign-out', effort),
  'forgot-password': (effort) => againstFloor('forgot-password', effort),
  'group-commit': groupCommit,
  postgres: async (effort) => ({ comparisons: [await comparePostgres(effort)] }),
  openid: measureOpenid,
  'openid-postgres': measureOpenidOnPostgres,
  peers: async (effort) => ({ comparisons: await comparePeers(effort) }),
  before: async ({ before, ...effort }) => (before ? compareBefore(before, effort) : {}),
  growth,
  mixed,
  storm: async (effort) => ({ figures: await measureStorm(effort) }),
  import: async (effort) => ({ figures: await measureImports(effort) }),
  console: async (effort) => ({ figures: await measureConsole(effort) }),
  'beside-console': async (effort) => ({ figures: await measureBesideConsole(effort) }),
  cost: async () => ({ figures: await measureCost() }),
}

async function onStage(
  population: Parameters<typeof openStage>[0],
  work: (stage: Stage) => Promise<Comparison>,
): Promise<{ comparisons: Comparison[] }> {
  const stage = await openStage(population)
  try {
    return { comparisons: [await work(stage)] }
  } finally {
    await stage.close()
  }
}

async function againstFloor(scenario: Scenario, effort: Effort, target?: number) {
  const { population, work } = plan(scenario, effort)
  return onStage(population, async (stage) => {
    const [ours, floor] = [await stage.startOurs(), await stage.startFloor()]
    return compare({
      name: scenario,
      against: 'bare node:http, SQLite',
      target,
      rounds: effort.rounds,
      ours: () => stage.measure('ours', ours, work),
      theirs: () => stage.measure('floor', floor, work),
    })
  })
}

/** On a disk whose flush takes a millisecond more, against a bare server that commits each request by itself. */
async function groupCommit({ rounds, seconds }: Effort) {
  return onStage(fewPeople, async (stage) => {
    const shim = join(stage.folder, 'slow-disk.so')
    execFileSync('gcc', ['-shared', '-fPIC', '-o', shim, join(import.meta.dirname, 'slow-disk.c'), '-ldl'])
    const env = { LD_PRELOAD: shim }
    const ours = await stage.startOurs({ env })
    const floor = await stage.startFloor({ env: { ...env, FLOOR_COMMIT: 'alone' } })
    const work = { scenario: 'refresh', seconds } as const
    return compare({
      name: 'refresh, flush + 1 ms',
      against: 'one commit a request',
      target: 5,
      rounds,
      ours: () => stage.measure('ours', ours, work),
      theirs: () => stage.measure('floor', floor, work),
    })
  })
}

const sizes = [100_000, 1_000_000]

/** Large databases against one of a thousand accounts. */
async function growth({ rounds, seconds }: Effort) {
  const comparisons: Comparison[] = []
  for (const accounts of sizes) {
    const [small, large] = [await openStage(fewPeople), await openStage({ ...fewPeople, accounts })]
    try {
      const [smallServer, largeServer] = [await small.startOurs(), await large.startOurs()]
      for (const scenario of ['refresh', 'sign-in'] as const) {
        comparisons.push(
          await compare({
            name: `${scenario}, ${accounts.toLocaleString('en')} accounts`,
            against: '1,000 accounts',
            target: scenario === 'refresh' ? 0.85 : undefined,
            rounds,
            ours: () => large.measure('large', largeServer, { scenario, seconds }),
            theirs: () => small.measure('small', smallServer, { scenario, seconds }),
          }),
        )
      }
    } finally {
      await small.close()
      await large.close()
    }
  }
  return { comparisons }
}

/** Bearer checks while sign-ins keep every core busy. */
async function mixed({ rounds, seconds }: Effort) {
  const [signIns, bearers] = [await openStage(fewPeople), await openStage(fewPeople)]
  try {
    const server = await bearers.startOurs()
    const [p99, failed, delay]: number[][] = [[], [], []]
    for (let round = 0; round < rounds; round++) {
      await server.stats()
      const saturated = signIns.measure('sign-in', server, { scenario: 'sign-in', seconds: seconds + 2 })
      const result = await bearers.load.run({
        target: 'bearer',
        url: server.url,
        scenario: 'bearer',
        connections: 8,
        rate: 200,
        seconds,
        people: bearers.people,
      })
      p99?.push(result.p99)
      failed?.push(result.failed)
      await saturated
      delay?.push((await server.stats()).delayP99)
    }
    const figures: Figure[] = [
      { name: 'bearer check while sign-ins saturate: p99', unit: 'ms', value: spread(p99 ?? []), most: 30 },
      { name: 'bearer checks that failed meanwhile', unit: '', value: spread(failed ?? []), most: 0 },
      { name: 'event-loop delay meanwhile: p99', unit: 'ms', value: spread(delay ?? []) },
    ]
    return { figures }
  } finally {
    await bearers.close()
    await signIns.close()
  }
}
