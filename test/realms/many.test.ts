import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import pg from 'pg'
import { freePort } from '../global-setup.ts'
import { eventually } from '../harness/events.ts'
import { createData, noPostgres, send, type TestData } from '../harness/harness.ts'
import { launchProgram, type Program, startProgram } from '../harness/program.ts'
import { readMetrics } from '../observability/scrape.ts'
import { sendAs } from './at-host.ts'

const count = 200
const hostOf = (index: number) => `realm-${index}.localhost`
const manyRealms = [
  'realms:',
  ...Array.from({ length: count }, (_, index) => `  realm-${index}: { hosts: [${hostOf(index)}] }`),
].join('\n')

describe('two hundred realms of six doors', () => {
  let data: TestData
  let program: Program
  before(async () => {
    data = await createData('sqlite')
    const settings = join(data.env.MANYDOORS_DATA, 'many.yaml')
    await writeFile(settings, manyRealms)
    program = await startProgram({ ...data.env, MANYDOORS_CONFIG: settings })
  })
  after(async () => {
    await program.stop()
    await data.drop()
  })
  const signUpAt = (index: number) =>
    sendAs(hostOf(index), `${program.url}/api/co/auth/sign-up`, 'POST', {
      json: { email: 'ada@example.com', password: 'StrongPass123!' },
    })

  it('start with less than three times the work of one realm', async () => {
    const one = await createData('sqlite')
    const other = await startProgram(one.env)
    try {
      const [many, single] = await Promise.all([cpuSeconds(program), cpuSeconds(other)])
      assert.ok(many < 3 * single, `${many} s beside ${single} s`)
    } finally {
      await other.stop()
      await one.drop()
    }
  })

  it('are each served from the first request on, also under concurrent requests', async () => {
    const answers = await Promise.all([0, 0, 7, 7, 7, 199].map((index) => signUpAt(index)))
    const statuses = answers.map(({ status }) => status).sort()
    assert.deepEqual(statuses, [201, 201, 201, 409, 409, 409])
  })

  it('share no account', async () => {
    assert.equal((await signUpAt(12)).status, 201)
    assert.equal((await signUpAt(13)).status, 201)
    assert.equal((await signUpAt(12)).status, 409)
  })

  it('have no time series for each of their routes', async () => {
    await sendAs(hostOf(3), `${program.url}/api/co/auth/me`, 'GET')
    const { samples } = await eventually('the answer', async () => {
      const found = readMetrics((await sendAs(hostOf(0), `${program.url}/metrics`, 'GET')).text)
      return found.sum('manydoors_requests_total', { realm: 'realm-3' }) > 0 ? found : undefined
    })
    const routes = new Set(
      samples.filter(({ name }) => name === 'manydoors_requests_total').map(({ labels }) => labels.route),
    )
    assert.deepEqual([...routes], ['any'])
  })
})

/** What a process has used of all processors since it began. */
async function cpuSeconds({ pid }: Program): Promise<number> {
  const [, fields = ''] = (await readFile(`/proc/${pid}/stat`, 'utf8')).split(') ')
  const [user, system] = fields.split(' ').slice(11, 13).map(Number)
  // The kernel counts in hundredths of a second.
  return ((user ?? Number.NaN) + (system ?? Number.NaN)) / 100
}

describe('a start that waits for its database', { skip: noPostgres }, () => {
  it('is live from the beginning, and ready once it serves', async () => {
    const data = await createData('postgres')
    const port = String(await freePort())
    const migrating = new pg.Client({ connectionString: data.env.DATABASE_URL })
    await migrating.connect()
    await migrating.query('begin')
    // As a process does that changes the tables: a start waits for that however long it takes.
    await migrating.query('select pg_advisory_xact_lock(3853314791062309107)')
    const program = launchProgram({ ...data.env, PORT: port })
    try {
      const ask = (path: string, method = 'GET') => send(`http://127.0.0.1:${port}${path}`, method)
      await eventually('the answer', async () => {
        const answer = await ask('/healthz').catch(() => undefined)
        return answer?.status === 200 ? answer : undefined
      })
      assert.equal((await ask('/healthz/')).status, 200)
      const early = await ask('/readyz')
      assert.equal(early.status, 503)
      assert.equal(early.headers.get('retry-after'), '1')
      assert.deepEqual(early.body, { error: 'unavailable' })
      assert.equal((await ask('/api/co/auth/sign-in', 'POST')).status, 503)

      await migrating.query('rollback')
      await eventually('the answer', async () => ((await ask('/readyz')).status === 200 ? true : undefined))
      assert.equal((await ask('/api/co/auth/sign-in', 'POST')).status, 400)
    } finally {
      await migrating.end()
      program.signal('SIGTERM')
      const { code, stderr } = await program.ended
      assert.equal(code, 0, stderr)
      await data.drop()
    }
  })
})
