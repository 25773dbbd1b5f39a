import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { execute } from '../harness/database.ts'
import { minbil } from '../harness/doors.ts'
import { eventually } from '../harness/events.ts'
import {
  createData,
  noPostgres,
  startTestServer,
  type TestData,
  type TestServer,
} from '../harness/harness.ts'
import { type Ending, startProgram } from '../harness/program.ts'

describe('the log of a failure that repeats', { skip: noPostgres }, () => {
  let server: TestServer
  before(async () => {
    server = await startTestServer('postgres')
  })
  after(() => server?.close())
  /** Of requests that were refused as PostgreSQL lets nobody in. */
  const lines = () =>
    server.log.filter((line) => /^unavailable/.test(String(line.msg)) && causeOf(line).code === '55000')
  const signIn = async () => {
    const { status } = await minbil.signIn(server, { email: 'a@example.com', password: 'a password' })
    assert.equal(status, 503)
  }

  it('has the first with its stack and the code of PostgreSQL', async () => {
    await refuseConnections(server)
    await eventually('a line that has it', async () => {
      await signIn()
      return lines().length > 0 || undefined
    })
    const [line] = lines()
    assert.match(String(causeOf(line).stack), /\bat /)
    assert.match(causeOf(line).message, /not currently accepting connections/)
  })

  it('counts the rest, and says how many they were when the minute is over', async () => {
    const before = lines().length
    for (let asked = 0; asked < 20; asked++) await signIn()
    assert.equal(lines().length, before)

    server.clock.advance(61_000)
    await signIn()
    const [count, first, ...others] = lines().slice(before)
    assert.deepEqual(others, [])
    assert.match(String(count?.msg), /^unavailable: (\d+) more of this kind in the last minute$/)
    assert.ok(Number(count?.count) >= 20)
    assert.doesNotMatch(JSON.stringify(count), /\bat .*\.ts:\d/)
    assert.equal(first?.msg, 'unavailable')
    assert.match(String(causeOf(first).stack), /\bat /)
  })
})

describe('the log of jobs that fail again and again', () => {
  it('names each of them, and has the stack once', async () => {
    const server = await startTestServer('sqlite', { env: { SMTP_URL: 'smtp://127.0.0.1:1' } })
    try {
      for (const name of ['ann', 'ben', 'cid'])
        await server.request('POST', '/auth/verification-mail', { json: { email: `${name}@example.com` } })
      const lines = await eventually('a line for each job', () => {
        const lines = server.log.filter(({ msg }) => msg === 'job failed, will be retried')
        return new Set(lines.map(({ job }) => job)).size === 3 ? lines : undefined
      })
      const stacks = lines.filter(({ err }) => (err as Logged | undefined)?.stack !== undefined)
      assert.ok(stacks.length <= 1, `${stacks.length} stacks`)
    } finally {
      await server.close()
    }
  })
})

describe('a failure that nobody has caught', () => {
  let data: TestData
  before(async () => {
    data = await createData('sqlite')
  })
  after(() => data?.drop())

  const failures = {
    'a call': `throw new Error('lost at sea')`,
    'a promise': `Promise.reject(new Error('lost at sea'))`,
  }
  for (const [what, code] of Object.entries(failures)) {
    it(`ends the process with 1 and one line of the log: ${what}`, async () => {
      const onSignal = `process.on('SIGUSR2', () => { ${code} })`
      const NODE_OPTIONS = `--import data:text/javascript,${encodeURIComponent(onSignal)}`
      const program = await startProgram({ ...data.env, NODE_OPTIONS })
      program.signal('SIGUSR2')
      assertLastWords(await program.ended)
    })
  }
})

function assertLastWords({ code, stdout, stderr }: Ending): void {
  assert.equal(code, 1)
  assert.equal(stderr, '')
  const lines = stdout.split('\n').filter((line) => line.startsWith('{'))
  assert.equal(lines.length, 1)
  const line = JSON.parse(lines[0] ?? '')
  assert.deepEqual([line.level, line.err.message], [60, 'lost at sea'])
  assert.match(line.err.stack, /\bat /)
}

interface Logged {
  message: string
  code?: string
  stack?: string
  cause?: Logged
}

/** What the logged error was caused by; itself when nothing did. */
function causeOf(line: Record<string, unknown> | undefined): Logged {
  const err = (line?.err ?? { message: '' }) as Logged
  return err.cause ?? err
}

/** Ends all connections to the server's database and lets nobody open another. */
async function refuseConnections({ env }: TestServer): Promise<void> {
  const name = new URL(env.DATABASE_URL ?? '').pathname.slice(1)
  const admin = process.env.TEST_DATABASE_URL ?? ''
  await execute(admin, `alter database ${name} with allow_connections false`)
  await execute(admin, `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${name}'`)
}
