import { after, before } from 'node:test'
import { readConfig } from '../../../src/config/read-config.ts'
import type { RealmContext } from '../../../src/core/context.ts'
import type { HashIntake } from '../../../src/core/imports/hash-intake.ts'
import { importAccounts } from '../../../src/core/imports/import-accounts.ts'
import type { EntryPlace, ImportEntry, ImportRecord } from '../../../src/core/imports/neutral.ts'
import type { ImportOptions, ImportOutcome } from '../../../src/core/imports/options.ts'
import type { ImportReport } from '../../../src/core/imports/report.ts'
import { openCore } from '../../../src/server/core.ts'
import { cheapArgon2 } from '../../harness/cheap-hashing.ts'
import { type Row, select } from '../../harness/database.ts'
import { createData, type Engine, templateOf } from '../../harness/harness.ts'

/** A realm on a database of its own, without a server. */
export interface TestRealm {
  ctx: RealmContext
  url: string
  /** Goes forward only when a test says so. */
  clock: { now: number }
  /** Every line that was logged. */
  log: string[]
  rows(statement: string): Promise<Row[]>
}

/** A realm for all tests of the suite that this is called in. */
export function useRealm(engine: Engine): TestRealm {
  const realm = {} as TestRealm
  const closing: (() => Promise<void>)[] = []
  before(async () => {
    const { env, drop } = await createData(engine, templateOf(engine))
    closing.unshift(drop)
    const clock = { now: Date.parse('2026-11-30T08:00:00Z') }
    const log: string[] = []
    const write = (fields: object, text: string) => void log.push(JSON.stringify({ ...fields, text }))
    const core = await openCore(readConfig({ ...env, MANYDOORS_PUBLIC_URL: 'http://localhost:5000' }), {
      now: () => clock.now,
      log: { info: write, warn: write, error: write },
      wakeWorker: () => {},
      argon2: cheapArgon2,
      cores: 1,
    })
    closing.unshift(() => core.close())
    const ctx = core.realms.get('main')
    if (!ctx) throw new Error('there is no realm main')
    const url = env.DATABASE_URL
    Object.assign(realm, { ctx: { ...ctx, actor: 'cli' }, url, clock, log })
    realm.rows = (statement) => select(url, statement)
  })
  after(async () => {
    for (const close of closing) await close()
  })
  return realm
}

/** Takes what begins with a dollar sign for a hash of a kind that is its first word, and refuses the rest. */
export const fakeIntake: HashIntake = {
  take: async (given) => {
    const hash = typeof given === 'string' ? given : given.hash
    const [, kind] = /^\$(\w+)\$/.exec(hash) ?? []
    return kind === undefined
      ? { refused: 'of an unknown kind' }
      : { stored: hash, label: `${kind} 10`, costMs: 53, isWrapped: false }
  },
  isOther: async (stored, given) => stored !== (typeof given === 'string' ? given : given.hash),
}

/** A record of the source `old`. */
export function recordOf(sourceId: string, record: Partial<ImportRecord> = {}): ImportRecord {
  return { source: 'old', sourceId, ...record }
}

/** Entries of a file, each in a line of its own. */
export async function* entriesOf(
  given: (ImportRecord | { refused: string } | { skipped: string })[],
  file = 'users.json',
): AsyncGenerator<ImportEntry> {
  for (const [index, entry] of given.entries())
    yield 'sourceId' in entry ? { file, line: index + 1, record: entry } : { ...entry, file, line: index + 1 }
}

/** What an import is asked for when nothing else is said. */
export function optionsOf(options: Partial<ImportOptions> = {}): ImportOptions {
  return {
    source: 'old',
    format: 'test',
    files: [{ name: 'users.json', size: 1, sha256: 'x' }],
    isDryRun: false,
    onConflict: 'skip',
    ids: 'keep',
    intake: fakeIntake,
    seen: seenIndex(),
    ...options,
  }
}

function seenIndex(): ImportOptions['seen'] {
  const texts = new Map<string, string>()
  return { get: (key) => texts.get(key), put: (key, text) => void texts.set(key, text) }
}

export interface Imported {
  report: ImportReport
  /** By the lines of the entries. */
  outcomes: Map<number, ImportOutcome>
}

/** Imports records. */
export async function importAll(
  { ctx }: TestRealm,
  records: Parameters<typeof entriesOf>[0],
  options: Partial<ImportOptions> = {},
): Promise<Imported> {
  const outcomes: Imported['outcomes'] = new Map()
  const onOutcome = ({ line }: EntryPlace, outcome: ImportOutcome) => void outcomes.set(line, outcome)
  const report = await importAccounts(ctx, entriesOf(records), optionsOf({ onOutcome, ...options }))
  return { report, outcomes }
}

let people = 0

/** A source id that no other test of the process uses. */
export function freshId(): string {
  return `person-${++people}`
}
