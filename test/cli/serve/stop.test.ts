import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { after, before, describe, it } from 'node:test'
import { beginSignIn, bodyOf, isListening, openConnection } from '../../harness/connection.ts'
import { select } from '../../harness/database.ts'
import { eventually } from '../../harness/events.ts'
import {
  createData,
  type Engine,
  onEveryEngine,
  startTestServer,
  type TestData,
} from '../../harness/harness.ts'
import { endOfJobs } from '../../harness/jobs.ts'
import { launchProgram, type Program, startProgram } from '../../harness/program.ts'

const credentials = { email: 'owner@example.com', password: '12345678' }

onEveryEngine('a stop by SIGTERM', (engine) => {
  let data: TestData
  let program: Program
  before(async () => {
    data = await createData(engine)
    program = await startProgram(data.env)
    const { status } = await program.request('POST', '/api/co/auth/sign-up', { json: credentials })
    assert.equal(status, 201)
  })
  after(async () => {
    await program?.kill()
    await data?.drop()
  })

  it('answers running requests, refuses new ones, and closes the database', async () => {
    const keptAlive = await openConnection(program.url)
    keptAlive.write('GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n')
    assert.match(await keptAlive.answer(), /^HTTP\/1\.1 200 OK\r\n.*\{"status":"ok"\}$/s)
    // The first half of a request is no request yet, but keeps the connection from being idle.
    keptAlive.write('POST /api/co/auth/sign-in HTTP/1.1\r\nHost: localhost\r\n')
    const signIns = await Promise.all(Array.from({ length: 6 }, () => beginSignIn(program.url, credentials)))

    const ending = program.stop()
    await eventually('the end of listening', async () =>
      (await isListening(program.url)) ? undefined : true,
    )

    keptAlive.write('Content-Length: 0\r\n\r\n')
    const refused = await keptAlive.answer()
    assert.match(refused, /^HTTP\/1\.1 503 Service Unavailable\r\n/)
    assert.match(refused, /\r\ncontent-type: application\/problem\+json/i)
    assert.match(refused, /\r\nretry-after: \d+\r\n/i)
    assert.match(refused, /\r\nconnection: close\r\n/i)
    assert.equal(JSON.parse(bodyOf(refused)).code, 'unavailable')

    for (const { finish } of signIns) finish()
    for (const { connection } of signIns) {
      const answer = await connection.answer()
      assert.match(answer, /^HTTP\/1\.1 200 OK\r\n/)
      // Or the end would wait until the client lets go of it.
      assert.match(answer, /\r\nconnection: close\r\n/i)
      assert.ok(JSON.parse(bodyOf(answer)).access_token)
    }

    const { code, stderr } = await ending
    assert.equal(code, 0)
    assert.equal(stderr, '')
    await assertClosed(engine, data.env.DATABASE_URL)
    const sessions = await select(data.env.DATABASE_URL, 'select id from sessions where ended_at is null')
    assert.equal(sessions.length, signIns.length)
  })
})

onEveryEngine('a stop', (engine) => {
  it('waits for running requests, also of clients that have gone, without errors', async () => {
    const server = await startTestServer(engine)
    await server.request('POST', '/api/co/auth/sign-up', { json: credentials })
    await endOfJobs(server)
    const gone = new AbortController()
    const body = JSON.stringify(credentials)
    const headers = { 'content-type': 'application/json' }
    const signIns = Array.from({ length: 20 }, () =>
      fetch(`${server.url}/api/co/auth/sign-in`, { method: 'POST', headers, body, signal: gone.signal }),
    )
    await Promise.race(signIns)
    gone.abort()
    await Promise.allSettled(signIns)
    await server.close()
    const complaints = server.log.filter(({ level }) => !['info', 30].includes(level as string | number))
    assert.deepEqual(complaints, [])
  })
})

describe('a stop by SIGTERM while it starts', () => {
  it('waits until it has started, announces nothing, and closes the database', async () => {
    const data = await createData('postgres')
    const database = new URL(data.env.DATABASE_URL)
    const gate = await openGate(Number(database.port))
    database.port = String(gate.port)
    const program = launchProgram({ ...data.env, DATABASE_URL: database.href, PORT: '0' })
    try {
      await gate.reached
      program.signal('SIGTERM')
      gate.open()
      assert.deepEqual(await program.ended, { code: 0, stdout: '', stderr: '' })
      await assertClosed('postgres', data.env.DATABASE_URL)
    } finally {
      program.signal('SIGKILL')
      await program.ended
      gate.close()
      await data.drop()
    }
  })
})

/** Stands before a port of this machine, and lets nobody through until it is opened. */
async function openGate(port: number) {
  const opened = Promise.withResolvers<void>()
  const reached = Promise.withResolvers<void>()
  const gate = createServer(async (socket) => {
    reached.resolve()
    await opened.promise
    const behind = connect(port, '127.0.0.1')
    for (const [from, to] of [[socket, behind] as const, [behind, socket] as const])
      from.on('error', () => to.destroy()).pipe(to)
  })
  await new Promise<void>((listening) => gate.listen(0, '127.0.0.1', listening))
  return {
    port: (gate.address() as { port: number }).port,
    reached: reached.promise,
    open: opened.resolve,
    close: () => void gate.close(),
  }
}

/** SQLite leaves one file when its last connection closes; PostgreSQL lists its connections. */
async function assertClosed(engine: Engine, databaseUrl: string): Promise<void> {
  if (engine === 'sqlite') {
    const path = databaseUrl.slice('sqlite:'.length)
    for (const suffix of ['-wal', '-shm']) assert.equal(existsSync(path + suffix), false, suffix)
    return
  }
  await eventually('the end of all connections', async () => {
    const others = await select(
      databaseUrl,
      'select pid from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
    )
    return others.length === 0 || undefined
  })
}
