import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readConfig } from '../src/config/read-config.ts'
import { importAccounts } from '../src/core/imports/import-accounts.ts'
import type { ImportEntry } from '../src/core/imports/neutral.ts'
import { openCore } from '../src/server/core.ts'
import { environmentOf } from './seed.ts'

/**
 * `node bench/imports.ts RECORDS [DATABASE_URL]`: how many records a second an import writes, and what memory it takes,
 * with hashes that are kept as they come. The database must be empty.
 */
const [records = '100000', databaseUrl] = process.argv.slice(2)

const hash = '$2b$12$R9h/cIPz0gi.URNNX3kh2OPST9/PgBkqquzi.Ss7KIUgO2t0jWMUW'

async function* entries(count: number): AsyncGenerator<ImportEntry> {
  for (let line = 1; line <= count; line++) {
    const sourceId = line.toString(16).padStart(24, '0')
    const record = {
      source: 'bench',
      sourceId,
      id: sourceId,
      email: `Person-${line}@Bench.example`,
      emailVerified: line % 2 === 0,
      username: `person ${line}`,
      passwordHash: hash,
      createdAt: '2020-01-02T03:04:05.000Z',
      profile: { name: `Person ${line}`, city: 'Bergen' },
    }
    yield { file: 'bench.ndjson', line, record }
  }
}

const folder = await mkdtemp(join(tmpdir(), 'manydoors-imports-'))
const core = await openCore(readConfig(environmentOf(folder, databaseUrl)), {
  now: Date.now,
  log: { info: () => {}, warn: console.warn, error: console.error },
  wakeWorker: () => {},
})
const ctx = core.realms.get('main')
if (!ctx) throw new Error('there is no realm main')
const seen = new Map<string, string>()
const startedAt = performance.now()
let most = 0
const report = await importAccounts(ctx, entries(Number(records)), {
  source: 'bench',
  format: 'bench',
  files: [],
  isDryRun: false,
  onConflict: 'skip',
  ids: 'keep',
  intake: {
    take: async () => ({ stored: hash, label: 'bcrypt 12', costMs: 215, isWrapped: false }),
    isOther: async () => false,
  },
  // Memory is told without what the index of a real import keeps on the disk.
  seen:
    process.env.SEEN === 'map'
      ? { get: (key) => seen.get(key), put: (key, place) => void seen.set(key, place) }
      : { get: () => undefined, put: () => {} },
  onProgress: (read) => {
    const { rss } = process.memoryUsage()
    most = Math.max(most, rss)
    if (read % 50_000 === 0) {
      const seconds = (performance.now() - startedAt) / 1000
      console.log(
        `${read} in ${seconds.toFixed(1)} s, ${Math.round(read / seconds)}/s, RSS ${Math.round(rss / 2 ** 20)} MiB`,
      )
    }
  },
})
console.log(`created ${report.created}, at most ${Math.round(most / 2 ** 20)} MiB`)
await core.close()
await rm(folder, { recursive: true })
