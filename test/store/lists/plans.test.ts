import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { openDatabase } from '../../../src/store/database.ts'
import { realmStore, type Store } from '../../../src/store/store.ts'
import type { Engine } from '../../../src/store/types.ts'
import { createData, onEveryEngine } from '../../harness/harness.ts'
import { listReads } from '../../harness/list-reads.ts'
import { fillMany, planOf } from '../../harness/many-accounts.ts'

const accounts = 10_000

onEveryEngine('the lists of the console', (engine) => {
  const opened = {} as { url: string; lists: Store['lists'] }
  const statements: string[] = []
  const closing: (() => Promise<void>)[] = []

  before(async () => {
    const { env, drop } = await createData(engine)
    const url = env.DATABASE_URL
    const observer = { statement: ({ sql }: { sql: string }) => void statements.push(sql), pool: () => {} }
    const location =
      engine === 'sqlite' ? { engine, path: url.replace('sqlite:', '') } : ({ engine, url } as const)
    const db = await openDatabase(location, 0, { observer })
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
