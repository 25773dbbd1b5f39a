import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { eraseAccount } from '../../../src/core/accounts/erasure.ts'
import { importAccounts } from '../../../src/core/imports/import-accounts.ts'
import type { ImportEntry, ImportRecord } from '../../../src/core/imports/neutral.ts'
import { type ImportOptions, RunRefused } from '../../../src/core/imports/options.ts'
import { listRuns } from '../../../src/core/imports/runs.ts'
import { onEveryEngine } from '../../harness/harness.ts'
import { entriesOf, freshId, importAll, optionsOf, recordOf, useRealm } from './importing.ts'

onEveryEngine('a run of an import', (engine) => {
  const realm = useRealm(engine)

  /** The entries, until so many were given: then reading fails, as when the process dies. */
  async function* brokenAfter(count: number, records: ImportRecord[]): AsyncGenerator<ImportEntry> {
    let given = 0
    for await (const entry of entriesOf(records)) {
      if (given++ === count) throw new Error('killed')
      yield entry
    }
  }

  const lastRun = async () => (await listRuns(realm.ctx)).at(-1)

  /** Begins a run that ends early, the last one. */
  async function breakAfter(count: number, records: ImportRecord[], options: Partial<ImportOptions>) {
    realm.clock.now += 1000
    const entries = brokenAfter(count, records)
    await importAccounts(realm.ctx, entries, optionsOf(options)).catch((error: Error) =>
      assert.equal(error.message, 'killed'),
    )
  }

  it('goes on where it ended, once, whatever the batches are, and reports the same in the end', async () => {
    const shape = fc.record({
      kinds: fc.array(fc.nat(5), { minLength: 1, maxLength: 12 }),
      deaths: fc.array(fc.nat(12), { maxLength: 3 }),
      sizes: fc.tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 5 })),
    })
    await fc.assert(
      fc.asyncProperty(shape, async ({ kinds, deaths, sizes }) => {
        const own = freshId()
        const records = kinds.map((kind, index) => recordFor(own, kind, index))
        const dry = await importAll(realm, records, { isDryRun: true, batchSize: sizes[1] })
        let resume: string | undefined
        for (const death of deaths) {
          if (death >= records.length) continue
          await breakAfter(death, records, { batchSize: sizes[0], resume })
          const run = await lastRun()
          assert.equal(run?.finishedAt, undefined)
          resume = run?.id
        }
        const { report } = await importAll(realm, records, { batchSize: sizes[1], resume })
        assert.deepEqual(
          { ...report, runId: undefined },
          { ...dry.report, isDryRun: false, runId: undefined },
        )
        const links = await realm.rows(`select account_id from legacy_links where run_id = '${report.runId}'`)
        assert.equal(links.length, report.created)
        assert.equal(new Set(links.map(({ account_id }) => account_id)).size, report.created)
      }),
      { numRuns: engine === 'sqlite' ? 30 : 10 },
    )
  })

  /** Records that collide with one another now and then. */
  function recordFor(own: string, kind: number, index: number): ImportRecord {
    const email = `${own}-${kind}@example.com`
    if (kind === 0) return recordOf(`${own}-${index}`, {})
    if (kind === 1) return recordOf(`${own}-same`, { email: `${own}-${index}@example.com` })
    if (kind === 2) return recordOf(`${own}-${index}`, { email, passwordHash: '$bcrypt$x' })
    if (kind === 3) return recordOf(`${own}-${index}`, { username: `${own.replace('-', 'x')}${kind}` })
    return recordOf(`${own}-${index}`, { email: `${own}-${index}@example.com`, id: `${own}-${kind}` })
  }

  it('that goes on holds no names back for an entry that was left out, though a later one has its id', async () => {
    const [own, known] = [freshId(), freshId()]
    await importAll(realm, [recordOf(known, { email: `${known}@example.com` })])
    const records = [
      recordOf(own, { email: `${known}@example.com`, username: `free ${own}` }),
      recordOf(own, { email: `${own}@example.com` }),
      recordOf(`${own}-next`, { email: `${own}-next@example.com`, username: `free ${own}` }),
    ]
    await breakAfter(2, records, { batchSize: 2 })
    const { report, outcomes } = await importAll(realm, records, { resume: (await lastRun())?.id })
    assert.equal(outcomes.get(3)?.what, 'created')
    assert.deepEqual([report.created, report.skipped.length], [2, 1])
  })

  it('goes on with the same files and options alone, and not after its end', async () => {
    const records = [freshId(), freshId()].map((id) => recordOf(id, { email: `${id}@example.com` }))
    await breakAfter(1, records, { batchSize: 1 })
    const run = await lastRun()
    assert.deepEqual([run?.position, run?.finishedAt, run?.report.isFinished], [1, undefined, false])
    const resume = run?.id ?? ''
    const others = [
      { files: [{ name: 'users.json', size: 1, sha256: 'y' }] },
      { onConflict: 'fill' as const },
      { format: 'other' },
      { isDryRun: true },
      { resume: 'nothing' },
    ]
    for (const other of others)
      await assert.rejects(importAll(realm, records, { resume, ...other }), RunRefused)
    await assert.rejects(importAll(realm, [], { resume }), RunRefused)
    const { report } = await importAll(realm, records, { resume })
    assert.deepEqual([report.created, report.runId, report.isFinished], [2, resume, true])
    await assert.rejects(importAll(realm, records, { resume }), RunRefused)
    assert.equal((await lastRun())?.finishedAt, realm.clock.now)
  })

  it('ends after the batch in hand when it is told to', async () => {
    const records = [freshId(), freshId(), freshId()].map((id) =>
      recordOf(id, { email: `${id}@example.com` }),
    )
    const controller = new AbortController()
    const { report } = await importAll(realm, records, {
      batchSize: 2,
      signal: controller.signal,
      onProgress: () => controller.abort(),
    })
    assert.deepEqual([report.created, report.isFinished], [2, false])
    const rest = await importAll(realm, records, { resume: report.runId })
    assert.deepEqual([rest.report.created, rest.report.read], [3, 3])
  })

  it('shares its accounts with another one that runs at the same time, each of them once', async () => {
    const ids = Array.from({ length: 40 }, freshId)
    const records = ids.map((id) => recordOf(id, { email: `${id}@example.com`, username: `u ${id}` }))
    const both = await Promise.all([
      importAll(realm, records, { batchSize: 3 }),
      importAll(realm, records.toReversed(), { batchSize: 4 }),
    ])
    const sum = (count: 'created' | 'unchanged') =>
      both.reduce((total, { report }) => total + report[count], 0)
    assert.deepEqual([sum('created'), sum('unchanged')], [40, 40])
    const inserted = await realm.rows(
      `select count(*) as n from accounts where email in (${ids.map((id) => `'${id}@example.com'`).join(', ')})`,
    )
    assert.equal(Number(inserted[0]?.n), 40)
  })

  it('goes on in one of two processes that resume it at once', async () => {
    const records = Array.from({ length: 30 }, freshId).map((id) =>
      recordOf(id, { email: `${id}@example.com` }),
    )
    await breakAfter(2, records, { batchSize: 2 })
    const resume = (await lastRun())?.id
    const ends = await Promise.allSettled(
      [3, 3].map((batchSize) => importAll(realm, records, { batchSize, resume })),
    )
    const done = ends.flatMap((end) => (end.status === 'fulfilled' ? [end.value.report] : []))
    for (const end of ends) if (end.status === 'rejected') assert.ok(end.reason instanceof RunRefused)
    assert.ok(done.length >= 1)
    assert.deepEqual([done[0]?.created, done[0]?.read], [30, 30])
  })

  it('lets a sign-up have a name that it takes at the same moment', async () => {
    const ids = Array.from({ length: 12 }, freshId)
    const records = ids.map((id) => recordOf(id, { email: `${id}@example.com` }))
    const signUps = ids.map((id) =>
      realm.ctx.store.accounts.create({ id: realm.ctx.newId(), email: `${id}@example.com` }, realm.clock.now),
    )
    const [{ report }, ...made] = await Promise.all([importAll(realm, records, { batchSize: 2 }), ...signUps])
    const signedUp = made.filter((account) => account !== undefined).length
    assert.equal(report.created + signedUp, 12)
    assert.equal(report.skipped[0]?.count ?? 0, signedUp)
  })

  it('leaves an account that was erased since to be imported anew', async () => {
    const id = freshId()
    const records = [recordOf(id, { id, email: `${id}@example.com` })]
    await importAll(realm, records)
    await eraseAccount(realm.ctx, id)
    const { report } = await importAll(realm, records)
    assert.equal(report.created, 1)
  })
})
