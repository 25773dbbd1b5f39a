import { copyFile, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { LoadResult, Scenario } from './load.ts'
import { type Load, type ServerProcess, startLoad, startServer } from './processes.ts'
import { environmentOf, type Population, seed, writePeople } from './seed.ts'

/** In the order of their size: what most cases need, which is enough for ten rounds. */
export const fewPeople: Population = { accounts: 1000, people: 64, minbil: 24, credebl: 2 }

/** Servers on one seeded database and the load on them. The caller closes it. */
export interface Stage {
  folder: string
  env: Record<string, string>
  people: string
  load: Load
  /** Manydoors itself. */
  startOurs(options?: ServerOptions): Promise<ServerProcess>
  /** The bare server, on a copy of the database. */
  startFloor(options?: ServerOptions): Promise<ServerProcess>
  /** Another server of `bench/`. */
  start(file: string, env: Record<string, string>): Promise<ServerProcess>
  measure(name: string, server: ServerProcess, work: Work): Promise<LoadResult>
  close(): Promise<void>
}

interface ServerOptions {
  env?: Record<string, string>
}

interface Work {
  scenario: Scenario
  connections?: number
  /** The file of those on whose behalf it is, where these are not the stage's own. */
  people?: string
  seconds?: number
  amount?: number
}

/** Where the databases lie: BENCH_FOLDER, or else the folder for temporary files. */
const base = process.env.BENCH_FOLDER ?? tmpdir()

export async function openStage(population: Population, databaseUrl?: string): Promise<Stage> {
  const folder = await mkdtemp(join(base, 'manydoors-bench-'))
  const env = environmentOf(folder, databaseUrl)
  const people = await writePeople(folder, await seed(env, population))
  const floorDatabase = join(folder, 'floor.db')
  if (!databaseUrl) await copyFile(join(folder, 'manydoors.db'), floorDatabase)
  const load = startLoad()
  const servers: ServerProcess[] = []
  const keep = async (starting: Promise<ServerProcess>) => {
    const server = await starting
    servers.push(server)
    return server
  }
  return {
    folder,
    env,
    people,
    load,
    startOurs: (options) => keep(startServer('servers/manydoors.ts', { env: { ...env, ...options?.env } })),
    startFloor: (options) =>
      keep(
        startServer('servers/floor.ts', { env: { ...env, FLOOR_DATABASE: floorDatabase, ...options?.env } }),
      ),
    start: (file, env) => keep(startServer(file, { env })),
    measure: async (target, server, { connections = 64, ...work }) => {
      const before = server.cpu()
      const result = await load.run({ target, url: server.url, connections, people, ...work })
      return { ...result, cpu: (server.cpu() - before) / result.answers }
    },
    close: async () => {
      await load.stop()
      await Promise.all(servers.map((server) => server.stop()))
      await rm(folder, { recursive: true, force: true })
    },
  }
}
