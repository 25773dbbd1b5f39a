import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createCluster } from '../../test/global-setup.ts'
import { type Comparison, compareAll } from '../compare.ts'
import type { LoadResult } from '../load.ts'
import type { ServerProcess } from '../processes.ts'
import type { Figure } from '../report.ts'
import type { Person } from '../seed.ts'
import { fewPeople, openStage, type Stage } from '../stage.ts'
import { type BenchClient, es256Client, rs256Client } from './clients.ts'
import type { OpenidScenario } from './load.ts'
import { type Browsers, openBrowsers } from './prepare.ts'

interface Effort {
  rounds: number
  seconds: number
}

/** One kind of request, by one app. */
interface Row {
  name: string
  scenario: OpenidScenario
  client: BenchClient
  /** Of the rate of minbil's refresh. */
  target?: number
}

/** Of each person in one measurement; each takes one to get. */
const codesPerPerson = 16
/** The load has some under way when it ends. */
const spareCodes = 2
/** Of a core; what a thousand answers a second may take. */
const cpuBudget = 1000

const refreshWithIdToken: Row = {
  name: 'OpenID refresh, ID token ES256',
  scenario: 'openid-refresh',
  client: es256Client,
  target: 0.3,
}
const exchange: Row = {
  name: 'OpenID code exchange, ES256',
  scenario: 'openid-code',
  client: es256Client,
  target: 0.3,
}
const rows: Row[] = [
  refreshWithIdToken,
  { name: 'OpenID refresh, ID token RS256', scenario: 'openid-refresh', client: rs256Client },
  {
    name: 'OpenID refresh, no ID token',
    scenario: 'openid-narrow-refresh',
    client: es256Client,
    target: 0.3,
  },
  exchange,
  { name: 'OpenID code exchange, RS256', scenario: 'openid-code', client: rs256Client },
  { name: 'OpenID userinfo', scenario: 'openid-userinfo', client: es256Client, target: 0.3 },
  { name: 'OpenID introspection', scenario: 'openid-introspection', client: es256Client, target: 0.3 },
]

type Measured = { comparisons: Comparison[]; figures: Figure[] }

/** OpenID Connect on SQLite: beside minbil's refresh on the same server, and beside the library alone. */
export function measureOpenid(effort: Effort): Promise<Measured> {
  return measureRows(rows, effort)
}

/** The two that write most on a PostgreSQL of its own, which all contenders share. */
export async function measureOpenidOnPostgres(effort: Effort): Promise<Measured> {
  const cluster = await createCluster()
  const named = [refreshWithIdToken, exchange].map((row) => ({ ...row, name: `${row.name}, PostgreSQL` }))
  try {
    return await measureRows(named, effort, cluster.url)
  } finally {
    await cluster.remove()
  }
}

async function measureRows(rows: Row[], effort: Effort, postgres?: string): Promise<Measured> {
  const minbil = rows.length * (effort.rounds + 1)
  const stage = await openStage({ ...fewPeople, minbil }, postgres)
  try {
    const library = await stage.start('servers/openid-library.ts', {
      PEER_DATABASE: join(stage.folder, 'library.db'),
      ...(postgres && { PEER_POSTGRES: postgres }),
    })
    const contenders = await openContenders(stage, { ours: await stage.startOurs(), library })
    const comparisons: Comparison[] = []
    for (const row of rows) comparisons.push(...(await measureRow(row, effort, contenders)))
    return { comparisons, figures: comparisons.flatMap(cpuFigure) }
  } finally {
    await stage.close()
  }
}

interface Contenders {
  ours(row: Row, seconds: number): Promise<LoadResult>
  library(row: Row, seconds: number): Promise<LoadResult>
  /** Of minbil, on the server that is ours. */
  refresh(seconds: number): Promise<LoadResult>
}

async function openContenders(
  stage: Stage,
  servers: { ours: ServerProcess; library: ServerProcess },
): Promise<Contenders> {
  const people: Person[] = JSON.parse(await readFile(stage.people, 'utf8'))
  const { folder } = stage
  const contender = async (name: 'ours' | 'library') => {
    const server = servers[name]
    const browsers: Browsers = await openBrowsers(server.url, { people, folder, name })
    return async ({ scenario, client }: Row, seconds: number) => {
      const isExchange = scenario === 'openid-code'
      // Fetched before the clock runs, and before the processor's.
      const file = await browsers.come(client, isExchange ? codesPerPerson + spareCodes : 0)
      const effort = isExchange ? { amount: people.length * codesPerPerson } : { seconds }
      return stage.measure(file, server, { scenario, people: file, ...effort })
    }
  }
  return {
    ours: await contender('ours'),
    library: await contender('library'),
    refresh: (seconds) => stage.measure('minbil', servers.ours, { scenario: 'refresh', seconds }),
  }
}

function measureRow(row: Row, { rounds, seconds }: Effort, contenders: Contenders): Promise<Comparison[]> {
  const { name, target } = row
  return compareAll({
    name,
    rounds,
    ours: () => contenders.ours(row, seconds),
    others: [
      { against: 'minbil refresh', target, measure: () => contenders.refresh(seconds) },
      { against: 'oidc-provider, plain SQL', measure: () => contenders.library(row, seconds) },
    ],
  })
}

/** What the refresh may take of the processor. */
function cpuFigure({ name, against, ours }: Comparison): Figure[] {
  if (!name.startsWith(refreshWithIdToken.name) || against !== 'minbil refresh' || !ours.cpu) return []
  return [{ name: `${name}: CPU a request`, unit: 'µs', value: ours.cpu, most: cpuBudget }]
}
