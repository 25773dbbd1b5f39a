import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, before, it } from 'node:test'
import { execute, type Row, select, tableNames } from '../../harness/database.ts'
import {
  credebl,
  minbil,
  type Person,
  registerUnmailed,
  type Target,
  type TestDoor,
} from '../../harness/doors.ts'
import { eventually } from '../../harness/events.ts'
import { createData, type Engine, onEveryEngine } from '../../harness/harness.ts'
import { type Program, runProgram, startProgram } from '../../harness/program.ts'
import { lastRelease, type Release, unpackRelease } from '../../harness/releases.ts'

const version = await lastRelease()
const options = { skip: version === undefined && 'there is no release before this commit' }

onEveryEngine('an upgrade from the last release', (engine) => {
  let previous: Release
  before(async () => {
    if (version !== undefined) previous = await unpackRelease(version)
  })
  after(() => previous?.remove())

  it('changes no row, and loses no account, session or key', options, () =>
    withDatabase(engine, async (env) => {
      const old = await previous.start(env)
      const person = await registerUnmailed(old, env.DATABASE_URL)
      const opened = await openBoth(old, person)
      await old.stop()
      const before = await rowsOf(env.DATABASE_URL)

      const pending = await pendingOf(env)
      const migrated = await runProgram(env, ['migrate', '--json'])
      assert.equal(migrated.code, 0, migrated.stderr)
      assert.deepEqual(JSON.parse(migrated.stdout).applied, pending)
      assert.deepEqual(await pendingOf(env), [])
      assert.deepEqual(await rowsOf(env.DATABASE_URL, before), before)

      const program = await startProgram(env)
      try {
        for (const { door, refresh } of opened) door.tokensOf(await door.refresh(program, refresh))
        for (const { door } of opened) door.tokensOf(await door.signIn(program, person))
      } finally {
        await program.kill()
      }
    }),
  )

  it('lets that go on beside it, start again, and take turns with it', options, (test) =>
    withDatabase(engine, async (env) => {
      const programs: Program[] = [await previous.start(env)]
      try {
        const [old] = programs as [Program]
        const person = await registerUnmailed(old, env.DATABASE_URL)
        const [first, second] = await openBoth(old, person)
        const isOver = new AbortController()
        test.after(() => isOver.abort())
        const turning = Promise.all([first, second].map((chain) => keepTurning(old, chain, isOver.signal)))
        turning.catch(() => isOver.abort())
        await eventually('some turns', async () => (first.turns > 5 && second.turns > 5) || undefined)

        const beside = await startProgram(env)
        programs.push(beside)
        const [turns, others] = [first.turns, second.turns]
        await eventually('turns at the migrated database', async () =>
          first.turns > turns + 20 && second.turns > others + 20 ? true : undefined,
        )
        isOver.abort()
        await turning
        await useWhole(old, env)

        const again = await previous.start(env)
        programs.push(again)
        await useWhole(again, env)
        for (const program of [beside, again, beside, old, beside])
          for (const chain of [first, second]) await turn(program, chain)
        await useWhole(beside, env)
        assert.deepEqual(await select(env.DATABASE_URL, thefts), [])
      } finally {
        await Promise.all(programs.map((program) => program.kill()))
      }
    }),
  )

  it('is made once, however many start on it at once', options, () =>
    withDatabase(engine, async (env) => {
      const old = await previous.start(env)
      const person = await registerUnmailed(old, env.DATABASE_URL)
      await old.stop()
      const programs = await Promise.all([startProgram(env), startProgram(env), startProgram(env)])
      try {
        const changes = await select(env.DATABASE_URL, 'select name from schema_changes')
        assert.equal(new Set(changes.map(({ name }) => name)).size, changes.length)
        for (const program of programs) await openBoth(program, person)
      } finally {
        await Promise.all(programs.map((program) => program.kill()))
      }
    }),
  )
})

onEveryEngine('a database that a newer release has changed', (engine) => {
  const write = (env: Environment, name: string, isBreaking: 0 | 1) =>
    execute(env.DATABASE_URL, `insert into schema_changes values ('${name}', 1, ${isBreaking})`)
  const migrated = (work: (env: Environment) => Promise<void>) =>
    withDatabase(engine, async (env) => {
      assert.equal((await runProgram(env, ['migrate'])).code, 0)
      await work(env)
    })

  it('is served where it was only added to', () =>
    migrated(async (env) => {
      await execute(env.DATABASE_URL, 'create table things_to_come (id text primary key not null)')
      await execute(env.DATABASE_URL, 'alter table accounts add column shoe_size bigint')
      await write(env, '999-things-to-come', 0)
      const program = await startProgram(env)
      try {
        await useWhole(program, env)
      } finally {
        await program.kill()
      }
      const { stdout } = await runProgram(env, ['migrate', '--status'])
      assert.match(stdout, /^newer +999-things-to-come/m)
    }))

  it('is served all the while that it is being changed', (test) =>
    withDatabase(engine, async (env) => {
      const program = await startProgram(env)
      try {
        const isOver = new AbortController()
        test.after(() => isOver.abort())
        const chains = await openBoth(program, await registerUnmailed(program, env.DATABASE_URL))
        const turning = Promise.all(chains.map((chain) => keepTurning(program, chain, isOver.signal)))
        turning.catch(() => isOver.abort())
        const turns = (more: number) => {
          const before = chains.map((chain) => chain.turns)
          return eventually('more turns', async () =>
            chains.every((chain, index) => chain.turns > (before[index] ?? 0) + more) ? true : undefined,
          )
        }
        await turns(10)
        for (const table of ['sessions', 'accounts', 'audit', 'tickets'])
          await execute(env.DATABASE_URL, `alter table ${table} add column shoe_size bigint`)
        await turns(20)
        isOver.abort()
        await turning
        await useWhole(program, env)
      } finally {
        await program.kill()
      }
    }))

  it('is refused in one sentence where this release cannot work with it', () =>
    migrated(async (env) => {
      await write(env, '999-contracted', 1)
      for (const args of [[], ['migrate']]) {
        const { code, stdout, stderr } = await runProgram({ ...env, PORT: '0' }, args)
        assert.equal(code, 1)
        assert.equal(stdout, '')
        assert.equal(
          stderr,
          'a newer release has changed this database so that this one cannot use it (999-contracted): ' +
            'start the newer release, or restore the backup that was made before the upgrade\n',
        )
      }
    }))
})

/** The names of the changes that wait. */
async function pendingOf(env: Environment): Promise<string[]> {
  const { stdout } = await runProgram(env, ['migrate', '--status', '--json'])
  const { changes }: { changes: { name: string; state: string }[] } = JSON.parse(stdout)
  return changes.filter(({ state }) => state === 'pending').map(({ name }) => name)
}

const thefts = `select id from audit where event = 'session.reuse_detected'`

type Environment = { MANYDOORS_DATA: string; DATABASE_URL: string; MANYDOORS_SECRET: string }

async function withDatabase(engine: Engine, work: (env: Environment) => Promise<void>): Promise<void> {
  const data = await createData(engine)
  try {
    await work({ ...data.env, MANYDOORS_SECRET: randomBytes(32).toString('base64') })
  } finally {
    await data.drop()
  }
}

/** The refresh tokens of one session, which anybody may turn. */
interface Chain {
  door: TestDoor
  refresh: string
  turns: number
}

async function openBoth(target: Target, person: Person): Promise<[Chain, Chain]> {
  const open = async (door: TestDoor): Promise<Chain> => {
    const { refresh } = door.tokensOf(await door.signIn(target, person))
    return { door, refresh, turns: 0 }
  }
  return [await open(minbil), await open(credebl)]
}

async function turn(target: Target, chain: Chain): Promise<void> {
  chain.refresh = chain.door.tokensOf(await chain.door.refresh(target, chain.refresh)).refresh
  chain.turns++
}

/** Turns again and again; a refusal must be one that says that it may be tried again. */
async function keepTurning(target: Target, chain: Chain, isOver: AbortSignal): Promise<void> {
  while (!isOver.aborted) {
    const answer = await chain.door.refresh(target, chain.refresh)
    if (answer.status === 503) continue
    chain.refresh = chain.door.tokensOf(answer).refresh
    chain.turns++
  }
}

/** Signs somebody up and in, and refreshes. */
async function useWhole(target: Target, env: Environment): Promise<void> {
  const person = await registerUnmailed(target, env.DATABASE_URL)
  for (const chain of await openBoth(target, person)) await turn(target, chain)
  assert.equal((await minbil.signIn(target, { ...person, password: 'wrong' })).status, 401)
}

/** What a start writes by itself: the clients that are declared, and which changes the schema has had. */
const writtenByStarts = ['clients', 'schema_changes']

/** Every row of every table of ours, each as text; of those in `known`, with the columns of then. */
async function rowsOf(databaseUrl: string, known?: Map<string, Row[]>): Promise<Map<string, Row[]>> {
  const tables = known
    ? [...known.keys()]
    : (await tableNames(databaseUrl)).filter((name) => !writtenByStarts.includes(name))
  const rows = new Map<string, Row[]>()
  for (const table of tables) {
    const columns = Object.keys(known?.get(table)?.[0] ?? {})
    const list = columns.length > 0 ? columns.map((name) => `"${name}"`).join(', ') : '*'
    const found = await select(databaseUrl, `select ${list} from "${table}"`)
    if (found.length > 0)
      rows.set(
        table,
        found.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)),
      )
  }
  return rows
}
