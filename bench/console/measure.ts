import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { searchAccounts } from '../../src/core/accounts/search.ts'
import { openDatabase } from '../../src/store/database.ts'
import { realmStore, type Store } from '../../src/store/store.ts'
import type { Database, DatabaseLocation, Engine } from '../../src/store/types.ts'
import { createCluster } from '../../test/global-setup.ts'
import { listReads } from '../../test/harness/list-reads.ts'
import { fillMany, firstMadeAt, firstNames, idAt, planOf } from '../../test/harness/many-accounts.ts'
import type { Effort } from '../cases.ts'
import { spread } from '../compare.ts'
import type { Figure } from '../report.ts'
import { measureWrites } from './writes.ts'

/** Runs of each list in one round, each for something else. */
const runs = 200
/** What a list may take of the server's time. */
const mostMs = 20

/**
 * How long each list of the console takes on a large database of each engine, that each is read along an index, and what
 * their indexes cost whoever signs in or refreshes.
 */
export async function measureConsole({ rounds, records }: Effort): Promise<Figure[]> {
  const figures: Figure[] = []
  for (const engine of ['sqlite', 'postgres'] as const) {
    await onDatabase(engine, async (db, url, statements) => {
      await fillMany(db, engine, records)
      const { store, lists } = storeOf(db)
      for (const [name, read] of Object.entries(readsOf(store, lists, records))) {
        statements.clear()
        figures.push(await timesOf(`${name} (${engine})`, read, rounds))
        for (const statement of statements) await mustUseIndex(url, statement)
      }
      figures.push(...(await measureWrites(db, { engine, count: records, rounds })))
    })
  }
  return figures
}

function storeOf(db: Database): { store: Store; lists: Store['lists'] } {
  const store = realmStore(db, 'main')
  return { store, lists: store.lists }
}

/** The lists as the store reads them, and the search as the core makes it of them. */
function readsOf(store: Store, lists: Store['lists'], count: number): Record<string, () => Promise<unknown>> {
  const any = (most: number) => Math.floor(Math.random() * most)
  const many = { count, any }
  const plain = Object.entries(listReads).map(([name, { read }]) => [name, () => read(lists, many)] as const)
  const search = (text: () => string, state?: 'unverified' | 'disabled') => () =>
    searchAccounts({ store }, { text: text(), state, most: 50 })
  const name = () => firstNames[any(firstNames.length)] ?? ''
  return {
    ...Object.fromEntries(plain),
    'search: one letter': search(() => name().slice(0, 1)),
    'search: some letters': search(() => `${name()}.${any(100)}`),
    'search: a whole id': search(() => idAt(firstMadeAt + any(count) * 1000)),
    'search: a phone number': search(() => `+474${any(1000)}`),
    'search: one letter, unverified': search(() => name().slice(0, 1), 'unverified'),
    'search: one letter, disabled': search(() => name().slice(0, 1), 'disabled'),
    'search: nobody': search(() => 'zzz'),
  }
}

async function timesOf(name: string, read: () => Promise<unknown>, rounds: number): Promise<Figure> {
  const p99: number[] = []
  const all: number[] = []
  for (let round = 0; round < rounds; round++) {
    const times: number[] = []
    for (let run = 0; run < runs; run++) {
      const began = performance.now()
      await read()
      times.push(performance.now() - began)
    }
    times.sort((one, other) => one - other)
    all.push(...times)
    p99.push(times[Math.floor(0.99 * runs)] ?? 0)
  }
  const p50 = spread(all).median
  return { name: `${name}: p50 ${p50.toFixed(1)} ms, p99`, unit: 'ms', value: spread(p99), most: mostMs }
}

async function mustUseIndex(url: string, statement: string): Promise<void> {
  const plan = await planOf(url, statement)
  const whole = plan.filter((line) => /Seq Scan|^SCAN (?!looked_at|\w+ USING|counted)/.test(line))
  if (whole.length > 0) throw new Error(`a whole table is read: ${statement}\n${plan.join('\n')}`)
}

async function onDatabase(
  engine: Engine,
  work: (db: Database, url: string, statements: Set<string>) => Promise<void>,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'manydoors-bench-'))
  const cluster =
    engine === 'postgres' ? await createCluster(['shared_buffers=256MB', 'max_wal_size=4GB']) : undefined
  const path = join(folder, 'manydoors.db')
  const location: DatabaseLocation = cluster
    ? { engine: 'postgres', url: cluster.url }
    : { engine: 'sqlite', path }
  const statements = new Set<string>()
  const observer = { statement: ({ sql }: { sql: string }) => void statements.add(sql), pool: () => {} }
  const db = await openDatabase(location, 0, { observer })
  try {
    if (engine === 'sqlite') await sql`pragma synchronous = off`.execute(db)
    await work(db, cluster?.url ?? `sqlite:${path}`, statements)
  } finally {
    await db.destroy()
    await cluster?.remove()
    await rm(folder, { recursive: true, force: true })
  }
}
