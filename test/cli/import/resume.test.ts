import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { spawnCommand } from '../../harness/command.ts'
import { rowsOnce, select } from '../../harness/database.ts'
import { onEveryEngine, startTestServer, type TestServer } from '../../harness/harness.ts'
import { launchProgram } from '../../harness/program.ts'

const records = 2000
const batch = 5

/** Accounts in the neutral form, one a line; every hundredth has the address of the one before. */
function neutralFile(): string {
  const line = (n: number) =>
    JSON.stringify({
      source: 'acme',
      sourceId: `${n}`,
      id: `acme-${n}`,
      email: `person-${n % 100 === 99 ? n - 1 : n}@example.com`,
      emailVerified: true,
    })
  return Array.from({ length: records }, (_, n) => `${line(n)}\n`).join('')
}

onEveryEngine('an import that ends early', (engine) => {
  let folder = ''
  let server: TestServer
  let args: string[] = []

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'manydoors-import-'))
    const file = join(folder, 'accounts.ndjson')
    await writeFile(file, neutralFile())
    args = ['--json', 'import', 'manydoors', file, '--commit', '--batch', `${batch}`]
  })
  after(() => rm(folder, { recursive: true, force: true }))

  /** Starts an import and ends it by a signal once it has come so far. */
  async function endAt(position: number, signal: NodeJS.Signals, more: string[] = []) {
    const started = launchProgram(server.env, [...args, ...more])
    await rowsOnce(server.env.DATABASE_URL ?? '', {
      what: `an import at ${position}`,
      statement: 'select position from import_runs where finished_at is null',
      areWanted: ([run]) => Number(run?.position) >= position,
    })
    started.signal(signal)
    return { ending: await started.ended, errors: started.errors() }
  }

  async function assertWhole(report: Record<string, unknown>) {
    const doubles = records / 100
    const url = server.env.DATABASE_URL ?? ''
    const [found] = await select(
      url,
      `select (select count(*) from accounts) as accounts, (select count(distinct id) from accounts) as ids,
        (select count(distinct source_id) from legacy_links where created_account = 1) as links`,
    )
    const counts = Object.values(found ?? {}).map(Number)
    assert.deepEqual(counts, [records - doubles, records - doubles, records - doubles])
    assert.equal(report.read, records)
    assert.equal(report.created, records - doubles)
  }

  describe('by kill -9', () => {
    before(async () => {
      server = await startTestServer(engine)
    })
    after(() => server.close())

    it('goes on from where it was, and nothing is lost or twice there', async () => {
      await endAt(Math.ceil(Math.random() * 600), 'SIGKILL')
      await endAt(700 + Math.ceil(Math.random() * 600), 'SIGKILL', ['--resume'])
      const { code, stdout, stderr } = await spawnCommand(server, [...args, '--resume'])
      assert.equal(code, 0, stderr)
      await assertWhole(JSON.parse(stdout))
      const again = await spawnCommand(server, [...args, '--resume'])
      assert.deepEqual([again.code, again.stdout], [1, ''])
      assert.match(again.stderr, /^there is no run of manydoors that ended early\n$/)
    })
  })

  describe('by SIGINT', () => {
    before(async () => {
      server = await startTestServer(engine)
    })
    after(() => server.close())

    it('has written whole batches, and says how to go on', async () => {
      const { ending, errors } = await endAt(1, 'SIGINT')
      assert.equal(ending.code, 130, errors)
      assert.equal(ending.stdout, '')
      const [, entries, run = ''] =
        /^stopped after (\d+) entries, .* --resume ([\da-f-]{36})\n$/.exec(errors) ?? []
      assert.equal(Number(entries) % batch, 0, errors)
      const { code, stdout, stderr } = await spawnCommand(server, [...args, '--resume', run])
      assert.equal(code, 0, stderr)
      await assertWhole(JSON.parse(stdout))
    })
  })
})
