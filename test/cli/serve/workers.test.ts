import assert from 'node:assert/strict'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { type IncomingMessage, request } from 'node:http'
import { createServer } from 'node:net'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { json } from 'node:stream/consumers'
import { after, before, describe, it } from 'node:test'
import { shareOf } from '../../../src/cli/serve/worker.ts'
import { beginSignIn, bodyOf, isListening, openConnection } from '../../harness/connection.ts'
import { select } from '../../harness/database.ts'
import { eventually } from '../../harness/events.ts'
import { claimsOf, createData, freshEmail, type TestData } from '../../harness/harness.ts'
import { type Program, runProgram, startProgram } from '../../harness/program.ts'

const two = ['serve', '--workers', '2']
const skip = availableParallelism() < 2 && 'there is one core, and so one worker'

describe('serve --workers', () => {
  const data = useData('postgres')

  it('prints one banner, with the number of workers', { skip }, async () => {
    const program = await startProgram({ ...data.env, LOG_LEVEL: 'info' }, two)
    await workersOf(program, 2)
    const { code, stdout, stderr } = await program.stop()
    assert.equal(stderr, '')
    assert.equal(code, 0)
    assert.equal(stdout.match(/^Manydoors is listening on /gm)?.length, 1)
    assert.match(stdout, /^ {2}processes 2, each with a mailbox of its own$/m)
  })

  it('leaves no worker behind when the primary is killed', { skip }, async () => {
    const program = await startProgram({ ...data.env, LOG_LEVEL: 'info' }, two)
    const pids = await workersOf(program, 2)
    assert.equal((await program.kill()).code, null)
    await eventually('the end of all workers', async () => !pids.some(isRunning) || undefined)
    assert.equal(await isListening(program.url), false)
  })

  it('starts no more workers than there are cores, and says so', async () => {
    const program = await startProgram(data.env, ['serve', '--workers', '999'])
    const { stderr } = await program.stop()
    const cores = availableParallelism()
    assert.equal(stderr, `--workers 999: this machine has ${cores} cores, so ${cores} serve.\n`)
  })

  it('refuses an invalid number', async () => {
    for (const number of ['0', '1e2']) {
      const { code, stdout, stderr } = await runProgram({ ...data.env, PORT: '0' }, [
        'serve',
        '--workers',
        number,
      ])
      assert.equal(code, 1)
      assert.equal(stdout, '')
      assert.match(stderr, /'--workers <number>'.* It must be a number from 1 to 999\./)
    }
  })

  it('refuses several workers on SQLite, in one line', async () => {
    const env = { ...data.env, DATABASE_URL: '', PORT: '0' }
    const { code, stdout, stderr } = await runProgram(env, two)
    assert.equal(code, 1)
    assert.equal(stdout, '')
    assert.equal(
      stderr,
      '--workers 2 needs PostgreSQL (DATABASE_URL=postgres://…): SQLite serves one process.\n',
    )
  })

  it('reports once, not once a worker, why it cannot start', async () => {
    const occupant = createServer()
    await new Promise<void>((listening) => occupant.listen(0, '127.0.0.1', listening))
    const { port } = occupant.address() as { port: number }
    const ending = await runProgram({ ...data.env, PORT: String(port) }, two)
    occupant.close()
    assert.equal(ending.code, 1)
    assert.equal(ending.stdout, '')
    assert.match(ending.stderr, /^[^\n]*EADDRINUSE[^\n]*: set PORT to another one\.\n$/)
  })
})

describe('workers', { skip }, () => {
  const data = useData('postgres')
  const credentials = { email: freshEmail(), password: '12345678' }
  let program: Program
  before(async () => {
    // One account signs in for as long as it takes.
    const settings = join(data.env.MANYDOORS_DATA, 'settings.yaml')
    await writeFile(settings, 'limits: { sign-in-rate: off }')
    program = await startProgram({ ...data.env, MANYDOORS_CONFIG: settings, LOG_LEVEL: 'info' }, two)
    const { status } = await program.request('POST', '/api/co/auth/sign-up', { json: credentials })
    assert.equal(status, 201)
  })
  after(() => program?.kill())

  it('share the port; a killed worker loses no acknowledged write, and is restarted', async () => {
    const pids = await workersOf(program, 2)
    const connections = await Promise.all(Array.from({ length: 4 }, () => openConnection(program.url)))
    for (const connection of connections) assert.equal(await health(connection), 200)

    const acknowledged: string[] = []
    let isOver = false
    let patience = new AbortController()
    const load = Array.from({ length: 6 }, async () => {
      while (!isOver) {
        const session = await signIn(program.url, credentials, patience.signal).catch(() => undefined)
        if (session) acknowledged.push(session)
      }
    })
    const [victim = 0, survivor = 0] = pids
    let heir: number | undefined
    try {
      await eventually('some sign-ins', async () => acknowledged.length >= 5 || undefined)
      process.kill(victim, 'SIGKILL')
      const outcomes = await Promise.allSettled(connections.map(health))
      const broken = outcomes.filter(({ status }) => status === 'rejected').length
      assert.ok(broken > 0 && broken < outcomes.length, `${broken} of ${outcomes.length} connections broke`)

      const replaced = await workersOf(program, 3)
      heir = replaced.find((pid) => !pids.includes(pid))
      // Whoever was being handed to the process that was killed gets no answer.
      patience.abort()
      patience = new AbortController()
      const enough = acknowledged.length + 5
      await eventually('more sign-ins', async () => acknowledged.length >= enough || undefined)
    } finally {
      isOver = true
      patience.abort()
      await Promise.all(load)
    }

    for (const pid of [survivor, heir ?? 0]) assert.ok(isRunning(pid), `${pid} runs`)
    // An account keeps its newest hundred; one that had to end for that was kept until then.
    const kept = `ended_at is null or ended_why = 'too_many_sessions'`
    const rows = await select(data.env.DATABASE_URL, `select id from sessions where ${kept}`)
    const ids = new Set(rows.map(({ id }) => id))
    assert.deepEqual(
      acknowledged.filter((session) => !ids.has(session)),
      [],
    )
    const deaths = linesOf(program).filter(({ msg }) => msg === 'worker exited, restarting')
    assert.deepEqual(
      deaths.map(({ pid, signal }) => ({ pid, signal })),
      [{ pid: victim, signal: 'SIGKILL' }],
    )
  })

  it('finish running requests on repeated stop signals, and leave nothing behind', async () => {
    const pids = (await workersOf(program, 3)).filter(isRunning)
    const signIns = await Promise.all(Array.from({ length: 6 }, () => beginSignIn(program.url, credentials)))

    const ending = program.stop()
    program.signal('SIGTERM')
    program.signal('SIGINT')
    for (const pid of pids) process.kill(pid, 'SIGINT')
    await eventually('the end of listening', async () =>
      (await isListening(program.url)) ? undefined : true,
    )
    for (const { finish } of signIns) finish()
    for (const { connection } of signIns) {
      const answer = await connection.answer()
      assert.match(answer, /^HTTP\/1\.1 200 OK\r\n/)
      assert.ok(JSON.parse(bodyOf(answer)).access_token)
    }

    const { code, stderr } = await ending
    assert.equal(stderr, '')
    assert.equal(code, 0)
    assert.deepEqual(pids.filter(isRunning), [])
    await eventually('the end of all connections to the database', async () => {
      const others = await select(
        data.env.DATABASE_URL,
        'select pid from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
      )
      return others.length === 0 || undefined
    })
  })
})

it('the cores are divided among the workers, so that each core hashes once', () => {
  for (let cores = 1; cores <= 16; cores++) {
    for (let count = 1; count <= cores; count++) {
      const shares = Array.from({ length: count }, (_, index) => shareOf(cores, { index, count }))
      assert.equal(
        shares.reduce((sum, share) => sum + share, 0),
        cores,
      )
      assert.ok(Math.max(...shares) - Math.min(...shares) <= 1)
    }
  }
})

function useData(engine: 'postgres' | 'sqlite'): TestData {
  const data = {} as TestData
  before(async () => {
    Object.assign(data, await createData(engine))
  })
  after(() => data.drop?.())
  return data
}

/** What a program has logged. */
function linesOf(program: Program): Record<string, unknown>[] {
  return program
    .output()
    .split('\n')
    .filter((line) => line.startsWith('{') && line.endsWith('}'))
    .map((line) => JSON.parse(line))
}

/** The processes that have served, in the order in which they said so; waits until there are so many. */
function workersOf(program: Program, count: number): Promise<number[]> {
  return eventually(`${count} workers`, async () => {
    const pids = linesOf(program)
      .filter(({ msg }) => msg === 'worker ready')
      .map(({ pid }) => Number(pid))
    return pids.length >= count ? pids : undefined
  })
}

async function health(connection: Awaited<ReturnType<typeof openConnection>>): Promise<number> {
  connection.write('GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n')
  return Number(/^HTTP\/1\.1 (\d+)/.exec(await connection.answer())?.[1])
}

/** The session that the server says it has opened, asked for on a connection of its own. */
async function signIn(url: string, credentials: object, signal: AbortSignal): Promise<string | undefined> {
  const headers = { 'content-type': 'application/json' }
  const asked = request(`${url}/api/co/auth/sign-in`, { method: 'POST', headers, signal, agent: false })
  // One that breaks off in the middle of an answer says so there.
  asked.on('error', () => {}).end(JSON.stringify(credentials))
  const [answer] = (await once(asked, 'response')) as [IncomingMessage]
  const { access_token: token } = (await json(answer)) as { access_token?: string }
  return token === undefined ? undefined : claimsOf(token).sid
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
