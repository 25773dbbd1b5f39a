import assert from 'node:assert/strict'
import { after, beforeEach, it } from 'node:test'
import { type Kysely, sql } from 'kysely'
import { connectDatabase } from '../../../src/store/database.ts'
import {
  applyChanges,
  readChanges,
  type SchemaChanges,
  SchemaTooNew,
} from '../../../src/store/migrations/migrate.ts'
import type { Database, Engine } from '../../../src/store/types.ts'
import { execute, select, tableNames } from '../../harness/database.ts'
import { createData, onEveryEngine, type TestData } from '../../harness/harness.ts'

const adding = (...statements: string[]) => ({
  up: async (db: Kysely<unknown>) => {
    for (const statement of statements) await sql.raw(statement).execute(db)
  },
})

const first: SchemaChanges = {
  '001-books': adding('create table books (id text primary key not null)'),
}
const second: SchemaChanges = {
  ...first,
  '002-titles': adding('alter table books add column title text'),
  '003-shelves': adding(
    'create table shelves (id text primary key not null)',
    'create index titles on books (title)',
  ),
}
const contracted: SchemaChanges = {
  ...second,
  '004-no-shelves': { ...adding('drop table shelves'), isBreaking: true },
}

onEveryEngine('changes of the tables', (engine) => {
  let data: TestData
  let nodes: Database[] = []
  beforeEach(async () => {
    await close()
    data = await createData(engine)
    nodes = [1, 2, 3].map(() => connectDatabase(locationOf(engine, data)))
  })
  after(() => close())

  async function close(): Promise<void> {
    await Promise.all(nodes.map((node) => node.destroy()))
    await data?.drop()
  }

  const apply = (changes: SchemaChanges, now: number, node = 0) =>
    (nodes[node] as Database).transaction().execute((db) => applyChanges(db, changes, now))
  const states = (changes: SchemaChanges) => readChanges(nodes[0] as Database, changes)
  const tables = async () =>
    (await tableNames(data.env.DATABASE_URL)).filter((name) => !name.startsWith('sqlite_'))

  it('wait, are made in the order of their names, and are written down with their time', async () => {
    assert.deepEqual(
      (await states(second)).map(({ name, appliedAt }) => [name, appliedAt]),
      Object.keys(second).map((name) => [name, undefined]),
    )
    assert.deepEqual(await apply(first, 1000), ['001-books'])
    assert.deepEqual(await apply(second, 2000), ['002-titles', '003-shelves'])
    assert.deepEqual(await apply(second, 3000), [])
    assert.deepEqual(
      (await states(second)).map(({ name, appliedAt }) => [name, appliedAt]),
      [
        ['001-books', 1000],
        ['002-titles', 2000],
        ['003-shelves', 2000],
      ],
    )
    assert.deepEqual(await tables(), ['books', 'schema_changes', 'shelves'])
  })

  it('keep the rows that are there', async () => {
    await apply(first, 1000)
    await execute(data.env.DATABASE_URL, `insert into books (id) values ('old')`)
    await apply(second, 2000)
    assert.deepEqual(
      (await select(data.env.DATABASE_URL, 'select id, title from books')).map((row) => ({ ...row })),
      [{ id: 'old', title: null }],
    )
  })

  it('are made by one of several that come at once, and the others find them made', async () => {
    await apply(first, 1000)
    const applied = await Promise.all([0, 1, 2].map((node) => apply(second, 2000, node)))
    assert.deepEqual(applied.flat().sort(), ['002-titles', '003-shelves'])
    assert.equal(applied.filter((names) => names.length > 0).length, 1)
  })

  it('leave the tables as they were when one of them fails', async () => {
    await apply(first, 1000)
    const failing = { ...second, '004-broken': adding('create table shelves (id text)') }
    await assert.rejects(apply(failing, 2000), /already exists/)
    assert.deepEqual(await tables(), ['books', 'schema_changes'])
    assert.deepEqual(
      (await states(failing)).map(({ appliedAt }) => appliedAt),
      [1000, undefined, undefined, undefined],
    )
    assert.deepEqual(await apply(second, 3000), ['002-titles', '003-shelves'])
  })

  it('of a newer release are left alone where they only add', async () => {
    await apply(second, 1000)
    assert.deepEqual(await apply(first, 2000), [])
    assert.deepEqual(
      (await states(first)).map(({ name, isKnown, isBreaking }) => [name, isKnown, isBreaking]),
      [
        ['001-books', true, false],
        ['002-titles', false, false],
        ['003-shelves', false, false],
      ],
    )
  })

  it('of a newer release are refused where they take something away', async () => {
    assert.equal((await states(contracted)).at(-1)?.isBreaking, true)
    await apply(contracted, 1000)
    await assert.rejects(
      apply(second, 2000),
      (error) => error instanceof SchemaTooNew && error.message.includes('(004-no-shelves)'),
    )
    assert.deepEqual(await apply(contracted, 3000), [])
  })
})

function locationOf(engine: Engine, { env }: TestData) {
  const url = env.DATABASE_URL
  return engine === 'postgres' ? { engine, url } : { engine, path: url.slice('sqlite:'.length) }
}
