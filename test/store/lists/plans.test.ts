import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { openDatabase } from '../../../src/store/database.ts'
import { realmStore, type Store } from '../../../src/store/store.ts'
import type { DatabaseLocation, Engine } from '../../../src/store/types.ts'
import { select } from '../../harness/database.ts'
import { createData, onEveryEngine } from '../../harness/harness.ts'
import { listReads } from '../../harness/list-reads.ts'
import { fillMany, firstMadeAt, idAt, planOf } from '../../harness/many-accounts.ts'

const accounts = 10_000

onEveryEngine('the lists of the console', (engine) => {
  const opened = {} as { url: string; location: DatabaseLocation; lists: Store['lists'] }
  const statements: string[] = []
  const closing: (() => Promise<void>)[] = []

  before(async () => {
    const { env, drop } = await createData(engine)
    const url = env.DATABASE_URL
    const observer = { statement: ({ sql }: { sql: string }) => void statements.push(sql), pool: () => {} }
    opened.location = engine === 'sqlite' ? { engine, path: url.replace('sqlite:', '') } : { engine, url }
    const db = await openDatabase(opened.location, 0, { observer })
    closing.push(() => db.destroy(), drop)
    opened.url = url
    opened.lists = realmStore(db, 'main').lists
    await fillMany(db, engine, accounts)
  })
  after(async () => {
    for (const close of closing) await close()
  })

  it('are each read along an index in its order, whatever is asked for', async () => {
    for (const [name, { read, indexes }] of Object.entries(listReads)) {
      statements.length = 0
      await read(opened.lists, { count: accounts, any: (most) => Math.floor(most / 2) })
      const asked = statements.slice()
      assert.ok(asked.length > 0, name)
      for (const statement of asked) {
        const plan = await planOf(opened.url, statement)
        const text = `${name}: ${statement}\n${plan.join('\n')}`
        const used = indexesIn(engine, plan)
        assert.ok(used.length > 0 && used.every((index) => indexes.test(index)), text)
        assert.deepEqual(wholeReads(engine, plan), [], text)
      }
    }
  })

  // SQLite leaves alone what an update does not change.
  if (engine === 'postgres')
    it('have no entry in their indexes for a refresh, which finds room beside the row', async () => {
      const db = await openDatabase(opened.location, 0)
      const { sessions } = realmStore(db, 'main')
      const ids = Array.from({ length: 1000 }, (_, index) => idAt(firstMadeAt + (1 + index * 10) * 1000))
      for (const id of ids) {
        const dialect = (await sessions.byId(id))?.dialect ?? ''
        const step = { dialect, generation: 1, idleExpiresAt: firstMadeAt, now: firstMadeAt }
        assert.ok(await sessions.rotate(id, step), id)
      }
      // A connection that ends has told what it has done.
      await db.destroy()
      const counted = 'select n_tup_upd as updates, n_tup_hot_upd as beside from pg_stat_user_tables'
      const [{ updates, beside } = {}] = await select(opened.url, `${counted} where relname = 'sessions'`)
      assert.equal(Number(updates), ids.length)
      assert.equal(Number(beside), ids.length)
    })
})

function indexesIn(engine: Engine, plan: string[]): string[] {
  const pattern =
    engine === 'postgres'
      ? /Index (?:Only )?Scan (?:Backward )?(?:using|on) (\w+)/
      : /USING (?:COVERING )?INDEX (\w+)/
  return plan.flatMap((line) => pattern.exec(line)?.[1] ?? [])
}

/** What reads a table from end to end, or sorts more than what it returns. */
function wholeReads(engine: Engine, plan: string[]): string[] {
  return plan.filter((line) =>
    engine === 'postgres'
      ? /Seq Scan/.test(line)
      : /^SCAN (?!looked_at)(?!\w+ USING (COVERING )?INDEX)(?!\(subquery|CONSTANT)/.test(line),
  )
}
