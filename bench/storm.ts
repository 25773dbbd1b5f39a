import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as pause } from 'node:timers/promises'
import bcrypt from 'bcrypt'
import { spread } from './compare.ts'
import type { LoadResult } from './load.ts'
import { type Load, type ServerProcess, startLoad } from './processes.ts'
import type { Figure } from './report.ts'
import { password } from './seed.ts'
import { fewPeople, openStage } from './stage.ts'

/** As many systems have it today: 18 times the work of one of our own hashes. */
const cost = 12

/** People who sign in for the first time, for each second of a measurement; with the usual four, a thousand. */
const newcomersPerSecond = 250

/** What one storm was like. */
interface Storm {
  quiet: LoadResult
  bearer: LoadResult
  signIn: LoadResult
  refusals: number
  lost: number
  secondsToLast: number
  delayP99: number
}

/** The morning after an import: all sign in at once for the first time, each against bcrypt, while others are at work. */
export async function measureStorm(effort: { rounds: number; seconds: number }): Promise<Figure[]> {
  const storms: Storm[] = []
  for (let round = 0; round < effort.rounds; round++) storms.push(await storm(effort.seconds))
  const of = (pick: (storm: Storm) => number) => spread(storms.map(pick))
  return [
    { name: 'bearer check before first sign-ins: p99', unit: 'ms', value: of(({ quiet }) => quiet.p99) },
    {
      name: 'bearer check while all sign in first: p99',
      unit: 'ms',
      value: of(({ bearer }) => bearer.p99),
      most: 50,
    },
    {
      name: 'bearer checks that failed meanwhile',
      unit: '',
      value: of(({ bearer }) => bearer.failed),
      most: 0,
    },
    { name: 'sign-in of settled people meanwhile: p50', unit: 'ms', value: of(({ signIn }) => signIn.p50) },
    { name: 'sign-in of settled people meanwhile: p99', unit: 'ms', value: of(({ signIn }) => signIn.p99) },
    {
      name: 'sign-ins of settled people that failed',
      unit: '',
      value: of(({ signIn }) => signIn.failed),
      most: 0,
    },
    { name: 'event-loop delay meanwhile: p99', unit: 'ms', value: of(({ delayP99 }) => delayP99) },
    { name: 'first sign-ins asked to come again', unit: '', value: of(({ refusals }) => refusals) },
    { name: 'until the last of them was in', unit: 's', value: of(({ secondsToLast }) => secondsToLast) },
    { name: 'first sign-ins that were lost', unit: '', value: of(({ lost }) => lost), most: 0 },
  ]
}

async function storm(seconds: number): Promise<Storm> {
  const newcomers = newcomersPerSecond * seconds
  const { people } = fewPeople
  const stage = await openStage({ ...fewPeople, accounts: people + newcomers })
  const others = startLoad()
  try {
    await importHashes(join(stage.folder, 'manydoors.db'))
    const server = await stage.startOurs()
    const bearers = (load: Load) => atWork(load, server, stage.people, 'bearer', 200, seconds)
    const quiet = await bearers(stage.load)
    await server.stats()
    const began = performance.now()
    const arrivals = Array.from({ length: newcomers }, (_, index) => arrive(server, index + 1))
    const [bearer, signIn] = await Promise.all([
      bearers(stage.load),
      atWork(others, server, stage.people, 'sign-in', 5, seconds),
    ])
    const { delayP99 } = await server.stats()
    const outcomes = await Promise.all(arrivals)
    return {
      quiet,
      bearer,
      signIn,
      delayP99,
      refusals: outcomes.reduce((sum, { refusals }) => sum + refusals, 0),
      lost: outcomes.filter(({ isIn }) => !isIn).length,
      secondsToLast: (performance.now() - began) / 1000,
    }
  } finally {
    await others.stop()
    await stage.close()
  }
}

function atWork(
  load: Load,
  { url }: ServerProcess,
  people: string,
  scenario: 'bearer' | 'sign-in',
  rate: number,
  seconds: number,
): Promise<LoadResult> {
  return load.run({ target: scenario, url, scenario, connections: 8, rate, seconds, people })
}

/** Leaves the accounts that nobody uses as an import would. */
async function importHashes(path: string): Promise<void> {
  const hash = await bcrypt.hash(password, cost)
  const database = new DatabaseSync(path)
  database
    .prepare(`update accounts set password_hash = ?, password_kind = ? where email like 'filler-%'`)
    .run(hash, `bcrypt ${cost}`)
  database.close()
}

/** Signs in, and comes again when asked to, as often as it takes. */
async function arrive({ url }: ServerProcess, number: number): Promise<{ isIn: boolean; refusals: number }> {
  const email = `filler-${number}@bench.example`
  for (let refusals = 0; ; refusals++) {
    const answer = await fetch(`${url}/api/co/auth/sign-in`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'x-forwarded-for': `198.19.${number >> 8}.${number & 255}`,
      },
      body: JSON.stringify({ email, password }),
    })
    await answer.arrayBuffer()
    const retryAfter = Number(answer.headers.get('retry-after'))
    if (answer.status !== 503 || !(retryAfter > 0)) return { isIn: answer.status === 200, refusals }
    await pause(retryAfter * 1000)
  }
}
