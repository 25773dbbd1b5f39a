import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { connect } from 'node:net'
import { after, before, it } from 'node:test'
import { select } from './database.ts'
import { createData, type Engine, eventually, onEveryEngine, type TestData } from './harness.ts'
import { type Program, startProgram } from './program.ts'

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

  it('answers what has begun, refuses what comes, and closes the database', async () => {
    const keptAlive = await openConnection(program.url)
    keptAlive.write('GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n')
    assert.match(await keptAlive.answer(), /^HTTP\/1\.1 200 OK\r\n.*\{"status":"ok"\}$/s)
    // The first half of a request is no request yet, but keeps the connection from being idle.
    keptAlive.write('POST /api/co/auth/sign-in HTTP/1.1\r\nHost: localhost\r\n')
    const signIns = await Promise.all(Array.from({ length: 6 }, () => beginSignIn(program.url)))

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

interface Connection {
  write(text: string): void
  /** Waits for the next whole answer. */
  answer(): Promise<string>
}

async function openConnection(url: string): Promise<Connection> {
  const { port, hostname } = new URL(url)
  const socket = connect(Number(port), hostname)
  let received = ''
  let failure: Error | undefined
  socket.setEncoding('utf8').on('data', (text) => {
    received += text
  })
  socket.on('error', (error) => {
    failure = error
  })
  await new Promise((connected) => socket.once('connect', connected))
  return {
    write: (text) => void socket.write(text),
    answer: () =>
      eventually('an answer', async () => {
        if (failure) throw failure
        const end = received.indexOf('\r\n\r\n') + 4
        if (end < 4) return undefined
        const length = Number(/\r\ncontent-length: (\d+)/i.exec(received.slice(0, end))?.[1] ?? 0)
        if (received.length < end + length) return undefined
        const answer = received.slice(0, end + length)
        received = received.slice(end + length)
        return answer
      }),
  }
}

/** A sign-in whose head the server has read, as it says, and whose body it waits for. */
async function beginSignIn(url: string): Promise<{ connection: Connection; finish(): void }> {
  const connection = await openConnection(url)
  const body = JSON.stringify(credentials)
  connection.write(
    [
      'POST /api/co/auth/sign-in HTTP/1.1',
      'Host: localhost',
      'Content-Type: application/json',
      `Content-Length: ${body.length}`,
      'Expect: 100-continue',
      '\r\n',
    ].join('\r\n'),
  )
  assert.match(await connection.answer(), /^HTTP\/1\.1 100 Continue\r\n/)
  return { connection, finish: () => connection.write(body) }
}

function bodyOf(answer: string): string {
  return answer.slice(answer.indexOf('\r\n\r\n') + 4)
}

async function isListening(url: string): Promise<boolean> {
  const { port, hostname } = new URL(url)
  return new Promise((known) => {
    const socket = connect(Number(port), hostname)
    socket.once('connect', () => {
      socket.destroy()
      known(true)
    })
    socket.once('error', () => known(false))
  })
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
