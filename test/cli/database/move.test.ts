import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { DatabaseSync } from 'node:sqlite'
import { after, before, describe, it } from 'node:test'
import {
  answerChallenge,
  challengeFor,
  nextCode,
  registerWithSecondFactor,
  tokensOf,
  whoAmI,
} from '../../dialects/wolfpal/door.ts'
import { runCommand } from '../../harness/command.ts'
import { execute, type Row, select, tableNames } from '../../harness/database.ts'
import { minbil, type Person, register } from '../../harness/doors.ts'
import { createData, startTestServer, type TestData, type TestServer } from '../../harness/harness.ts'
import { type Ending, startProgram } from '../../harness/program.ts'
import { examine } from '../doctor/examination.ts'
import { type Chain, openChainOf, turn } from './chains.ts'

const crowd = 5000

describe('a move from SQLite to PostgreSQL', () => {
  const place = usePlaces()
  let server: TestServer
  let person: Person
  let chain: Chain
  let careful: Awaited<ReturnType<typeof registerWithSecondFactor>>
  let source: Map<string, string[]>
  let ending: Ending

  before(async () => {
    server = await startTestServer('sqlite', { env: place.env })
    person = await register(server)
    chain = await openChainOf(server, person)
    careful = await registerWithSecondFactor(server)
    await server.close()
    addCrowd(place.env.DATABASE_URL)
    source = await rowsOf(place.env.DATABASE_URL)
    ending = await runCommand({ env: place.env }, ['move', '--to', place.target, '--json'])
  })

  it('copies every row of every table unchanged', async () => {
    assert.equal(ending.code, 0, ending.stderr)
    assert.equal(ending.stderr, '')
    const { tables, to } = JSON.parse(ending.stdout) as {
      tables: { name: string; rows: number }[]
      to: string
    }
    const counts = tables.map(({ name, rows }): [string, number] => [name, rows])
    assert.deepEqual(
      new Map(counts.sort()),
      new Map([...source].map(([table, rows]) => [table, rows.length])),
    )
    assert.ok((source.get('accounts')?.length ?? 0) > crowd)
    assert.ok(source.has('totp') && source.has('signing_keys'))
    const target = await rowsOf(place.target)
    for (const [table, rows] of source) assert.deepEqual(target.get(table), rows, table)
    assert.doesNotMatch(to, /:[^/@]+@/)
  })

  it('leaves the source as it is', async () => {
    assert.deepEqual(await rowsOf(place.env.DATABASE_URL), source)
  })

  it('is served from with the same sessions, passwords and second factors', async () => {
    const env = { ...place.env, DATABASE_URL: place.target }
    const moved = await startTestServer('postgres', { beside: server, env })
    try {
      await turn(moved, chain)
      await turn(moved, chain)
      assert.equal((await whoAmI(moved, careful.access)).status, 200)
      minbil.tokensOf(await minbil.signIn(moved, person))
      const challenge = await challengeFor(moved, careful)
      const code = nextCode(moved, careful.secret)
      assert.ok(tokensOf(await answerChallenge(moved, challenge, code)).access)
      await register(moved)
    } finally {
      await moved.close()
    }
  })

  it('refuses to run twice', async () => {
    const before = await rowsOf(place.target)
    const said = await refusal(place.env, ['move', '--to', place.target])
    assert.match(said, /^nothing was moved: the target is not empty: it has rows in accounts, /)
    assert.deepEqual(await rowsOf(place.target), before)
  })
})

describe('a move that cannot be', () => {
  const place = usePlaces()
  const move = (env = place.env, to = place.target) => refusal(env, ['move', '--to', to])

  before(async () => {
    const server = await startTestServer('sqlite', { env: place.env })
    await register(server)
    await server.close()
    addCrowd(place.env.DATABASE_URL)
  })

  it('refuses while a server runs', async () => {
    const program = await startProgram(place.env)
    try {
      assert.match(await move(), / is in use: stop the server first$/)
    } finally {
      await program.stop()
    }
    assert.deepEqual(await tableNames(place.target), [])
  })

  it('leaves nothing behind when it fails in the middle', async () => {
    await execute(
      place.env.DATABASE_URL,
      `update sessions set user_agent = 'a' || char(0) || 'b' where id = 'crowd-99'`,
    )
    const reason = 'sessions.user_agent has a NUL character, which PostgreSQL cannot keep'
    assert.equal(await move(), `nothing was moved: ${reason}`)
    assert.deepEqual(await tableNames(place.target), [])
    await execute(place.env.DATABASE_URL, `update sessions set user_agent = null where id = 'crowd-99'`)
  })

  it('refuses tables and columns that it does not know', async () => {
    await execute(place.env.DATABASE_URL, 'create table recipes (id text primary key not null)')
    assert.equal(await move(), 'nothing was moved: the target has no table recipes')
    await execute(place.env.DATABASE_URL, 'drop table recipes')
    await execute(place.env.DATABASE_URL, 'alter table accounts add column shoe_size bigint')
    assert.equal(await move(), 'nothing was moved: accounts of the target has no column shoe_size')
    await execute(place.env.DATABASE_URL, 'alter table accounts drop column shoe_size')
    assert.deepEqual(await tableNames(place.target), [])
  })

  it('reports in one line what is wrong with the target or the source', async () => {
    const nowhere = new URL(place.target)
    nowhere.pathname = '/manydoors_nowhere'
    assert.match(await move(place.env, nowhere.href), /^the database is unavailable: .*does not exist$/)
    assert.match(await move(place.env, 'sqlite:elsewhere.db'), /It must be postgres:/)
    const refused = await move(place.env, 'postgres://me:hunter2@a,b/auth')
    assert.match(refused, /^--to cannot be used\. It names several hosts/)
    assert.doesNotMatch(refused, /hunter2/)
    const env = { ...place.env, DATABASE_URL: place.target }
    assert.equal(await move(env), 'the database is on PostgreSQL already')
    const DATABASE_URL = `${place.env.DATABASE_URL}.not`
    assert.match(await move({ ...place.env, DATABASE_URL }), /^there is no database at .*\.not$/)
    await writeFile(`${place.env.DATABASE_URL.slice('sqlite:'.length)}.not`, 'no database')
    assert.match(await move({ ...place.env, DATABASE_URL }), /\.not is not a database of SQLite$/)
  })

  it('refuses a target that is not UTF-8, and one of another owner', async () => {
    const other = new URL(place.target)
    other.pathname = `${other.pathname}_ascii`
    const name = other.pathname.slice(1)
    const ascii = "encoding 'SQL_ASCII' locale 'C' template template0"
    await execute(place.target, `create database ${name} ${ascii}`)
    await execute(place.target, `create role ${name} login password 'guest'`)
    try {
      const reason = 'the encoding of the target is SQL_ASCII and must be UTF8'
      assert.equal(await move(place.env, other.href), `nothing was moved: ${reason}`)
      assert.deepEqual(await tableNames(other.href), [])
      const guest = new URL(place.target)
      Object.assign(guest, { username: name, password: 'guest' })
      assert.match(
        await move(place.env, guest.href),
        /^permission denied for schema public: let the database belong to the user who connects/,
      )
      const { of, code } = await examine({ ...place.env, DATABASE_URL: guest.href })
      assert.equal(code, 1)
      assert.equal(of('schema').state, 'problem')
      assert.match(of('schema').says, new RegExp(`^waiting: 001-core.*; ${name} may make no tables$`))
      assert.match(of('schema').advice ?? '', new RegExp(`alter database \\w+ owner to ${name}$`))
    } finally {
      await execute(place.target, `drop database ${name} with (force)`)
      await execute(place.target, `drop role ${name}`)
    }
  })

  it('succeeds afterwards, also into empty tables', async () => {
    const env = { ...place.env, DATABASE_URL: place.target }
    assert.equal((await runCommand({ env }, ['migrate'])).code, 0)
    const { code, stdout, stderr } = await runCommand({ env: place.env }, ['move', '--to', place.target])
    assert.equal(code, 0, stderr)
    assert.match(stdout, new RegExp(`^accounts +${crowd + 1} rows$`, 'm'))
  })
})

/** Text as people write it, and text that a careless copy would read as something else. */
const texts = [
  'Åse Ødegård',
  '李小龙',
  '👩‍👩‍👧',
  '',
  'NULL',
  '{"a",b\\}',
  "O'Hara\t\n",
  '\\x00',
  '\u{10ffff}',
  '￿',
  'a"b,c',
]

function addCrowd(databaseUrl: string): void {
  const database = new DatabaseSync(databaseUrl.slice('sqlite:'.length))
  const addAccount = database.prepare(
    `insert into accounts (id, realm, username, username_key, email, profile, created_at, updated_at)
     values (?, 'main', ?, ?, ?, ?, ?, ?)`,
  )
  const addSession = database.prepare(
    `insert into sessions (id, realm, account_id, client_id, dialect, generation, rotated_at, created_at,
       last_used_at, idle_expires_at, absolute_expires_at, user_agent, master_key_id)
     values (?, 'main', ?, '', 'minbil', ?, 1, 2, 3, 4, 5, ?, 'none')`,
  )
  database.exec('begin')
  for (let i = 0; i < crowd; i++) {
    const id = `crowd-${i}`
    const text = texts[i % texts.length] ?? ''
    const email = i % 3 === 0 ? null : `${id}@example.com`
    addAccount.run(id, text, `${text}-${i}`, email, JSON.stringify({ text }), i, Number.MAX_SAFE_INTEGER)
    addSession.run(id, id, i, text)
  }
  database.exec('commit')
  database.close()
}

/** Every row of every table of ours but the notes on its form, as sorted text. */
async function rowsOf(databaseUrl: string): Promise<Map<string, string[]>> {
  const tables = (await tableNames(databaseUrl)).filter(
    (table) => !/^(schema_changes$|limits$|sqlite_)/.test(table),
  )
  const asText = (row: Row) =>
    JSON.stringify(
      Object.entries(row)
        .map(([name, value]) => [name, value === null ? null : String(value)])
        .sort(),
    )
  const rows = new Map<string, string[]>()
  for (const table of tables)
    rows.set(table, (await select(databaseUrl, `select * from "${table}"`)).map(asText).sort())
  return rows
}

interface Places {
  /** Of a server on SQLite. */
  env: TestData['env'] & { MANYDOORS_SECRET: string }
  /** The URL of an empty database of PostgreSQL. */
  target: string
}

function usePlaces(): Places {
  const places = {} as Places
  const dropping: (() => Promise<void>)[] = []
  before(async () => {
    const from = await createData('sqlite')
    dropping.push(from.drop)
    const to = await createData('postgres')
    dropping.push(to.drop)
    const MANYDOORS_SECRET = randomBytes(32).toString('base64')
    Object.assign(places, { env: { ...from.env, MANYDOORS_SECRET }, target: to.env.DATABASE_URL })
  })
  after(async () => {
    for (const drop of dropping) await drop()
  })
  return places
}

/** What a command says that must fail: all of it, on standard error alone. */
async function refusal(env: Record<string, string>, args: string[]): Promise<string> {
  const { code, stdout, stderr } = await runCommand({ env }, args)
  assert.equal(code, 1, stderr)
  assert.equal(stdout, '')
  return stderr.trimEnd()
}
