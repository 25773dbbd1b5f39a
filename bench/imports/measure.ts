import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { createCluster } from '../../test/global-setup.ts'
import { spread } from '../compare.ts'
import type { Figure } from '../report.ts'
import { environmentOf, seed } from '../seed.ts'
import { checksumOf } from './checksum.ts'
import { accountsOf, forms, writeImportFiles } from './files.ts'
import { type ProgramRun, runImport } from './program.ts'

/** How often an import is killed before it comes to its end. */
const kills = 10

/** An empty database, and the environment of commands on it. */
interface Place {
  url: string
  env: Record<string, string>
}

interface Bench {
  folder: string
  records: number
  place(): Promise<Place>
}

/**
 * Imports of so many records on both engines: a dry run and a run of each format, what they hold in memory, and one that
 * is killed again and again.
 */
export async function measureImports({ records }: { records: number }): Promise<Figure[]> {
  const folder = await mkdtemp(join(process.env.BENCH_FOLDER ?? tmpdir(), 'manydoors-bench-'))
  const cluster = await createCluster()
  try {
    const sqlite = { folder, records, place: placesOnSqlite(folder) }
    const postgres = { folder, records, place: placesOnPostgres(folder, cluster.url) }
    const figures: Figure[] = []
    for (const format of Object.keys(forms)) {
      const args = await writeImportFiles(folder, format, records)
      figures.push(...(await measureFormat(sqlite, 'SQLite', args)))
      if (format === 'manydoors') figures.push(...(await measureFormat(postgres, 'PostgreSQL', args)))
    }
    return figures
  } finally {
    await cluster.remove()
    await rm(folder, { recursive: true })
  }
}

async function measureFormat(bench: Bench, engine: string, args: string[]): Promise<Figure[]> {
  const place = await bench.place()
  const name = `import of ${bench.records.toLocaleString('en')} on ${engine}, ${args[0]}`
  const dry = whole(await runImport(place.env, args), bench)
  const run = whole(await runImport(place.env, [...args, '--commit']), bench)
  const rate = ({ seconds }: ProgramRun) => spread([bench.records / seconds])
  const figures: Figure[] = [
    { name: `${name}: dry run`, unit: '/s', value: rate(dry) },
    { name, unit: '/s', value: rate(run) },
    { name: `${name}: memory`, unit: 'MiB', value: spread(afterStart(run)) },
    { name: `${name}: growth of memory from the second to the last fifth`, unit: 'MiB', value: growth(run) },
  ]
  if (args[0] !== 'manydoors') return figures
  return [...figures, ...(await measureKills(bench, { name, args, unbroken: place, seconds: run.seconds }))]
}

/** An import that came to its end, with all of its records. */
function whole(run: ProgramRun, { records }: Bench): ProgramRun {
  if (run.code !== 0) throw new Error(`an import ended with ${run.code}: ${run.stderr}`)
  const { created, read } = JSON.parse(run.stdout)
  if (created !== accountsOf(records)) throw new Error(`of ${read} records ${created} became accounts`)
  return run
}

/** Until then the program is loading, and its caches fill. */
function afterStart({ memory }: ProgramRun): number[] {
  return memory.slice(Math.floor(memory.length / 5))
}

function growth(run: ProgramRun) {
  const after = afterStart(run)
  const quarter = Math.ceil(after.length / 4)
  const [first, last] = [spread(after.slice(0, quarter)), spread(after.slice(-quarter))]
  return spread([last.median - first.median])
}

/** Kills an import at random, goes on with it to its end, and compares what is there with an unbroken one. */
async function measureKills(
  bench: Bench,
  given: { name: string; args: string[]; unbroken: Place; seconds: number },
): Promise<Figure[]> {
  const place = await bench.place()
  const args = [...given.args, '--commit']
  const began = performance.now()
  let killed = 0
  while (killed < kills) {
    // So that the last one does not come after the end.
    const killAfterMs = 500 + Math.random() * 2 * ((given.seconds * 1000) / kills)
    const { code, stderr } = await goOn(place, args, killAfterMs)
    if (code === 0) break
    if (code !== null) throw new Error(stderr)
    killed++
  }
  if (killed === kills) whole(await goOn(place, args), bench)
  const isSame = (await checksumOf(place.url)) === (await checksumOf(given.unbroken.url))
  const seconds = (performance.now() - began) / 1000
  return [
    { name: `${given.name}, killed ${killed} times: seconds in all`, unit: 's', value: spread([seconds]) },
    {
      name: `${given.name}, killed ${killed} times: differs`,
      unit: '',
      value: spread([isSame ? 0 : 1]),
      most: 0,
    },
  ]
}

/** Goes on with the run that was killed, or begins one where none has got so far. */
async function goOn({ env }: Place, args: string[], killAfterMs?: number): Promise<ProgramRun> {
  const resumed = await runImport(env, [...args, '--resume'], { killAfterMs })
  return resumed.stderr.startsWith('there is no run') ? runImport(env, args, { killAfterMs }) : resumed
}

function placesOnSqlite(folder: string): () => Promise<Place> {
  let count = 0
  return async () => {
    const data = join(folder, `data-${++count}`)
    return { url: `sqlite:${join(data, 'manydoors.db')}`, env: await emptyAt(data) }
  }
}

function placesOnPostgres(folder: string, clusterUrl: string): () => Promise<Place> {
  let count = 0
  return async () => {
    const name = `bench_${++count}`
    const client = new pg.Client({ connectionString: clusterUrl })
    await client.connect()
    await client.query(`create database ${name}`)
    await client.end()
    const url = new URL(clusterUrl)
    url.pathname = name
    return { url: url.href, env: await emptyAt(join(folder, name), url.href) }
  }
}

/** The environment of commands on that folder, with the tables made. */
async function emptyAt(data: string, databaseUrl?: string): Promise<Record<string, string>> {
  const env = environmentOf(data, databaseUrl)
  await seed(env, { accounts: 0, people: 0, minbil: 0, credebl: 0 })
  return env
}
