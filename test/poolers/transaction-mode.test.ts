import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import pg from 'pg'
import { readConfig } from '../../src/config/read-config.ts'
import { startServer } from '../../src/server/server.ts'
import { examine } from '../cli/doctor/examination.ts'
import { execute } from '../harness/database.ts'
import { minbil, type Person, registerUnmailed } from '../harness/doors.ts'
import { eventually } from '../harness/events.ts'
import { createData, startTestServer, type TestServer } from '../harness/harness.ts'
import { hasPgbouncer, type Pgbouncer, startPgbouncer } from '../harness/pgbouncer.ts'

const notice = /^a pooler in transaction mode lies before PostgreSQL/

describe('behind PgBouncer in transaction mode', { skip: !hasPgbouncer }, () => {
  let pooler: Pgbouncer
  before(async () => {
    pooler = await startPgbouncer(postgresUrl(), { pool_mode: 'transaction' })
  })
  after(() => pooler?.close())

  describe('a server', () => {
    let server: TestServer
    let person: Person
    before(async () => {
      server = await startTestServer('postgres', { through: pooler.through })
      person = await registerUnmailed(server, databaseOf(server))
    })
    after(() => server?.close())

    it('is ready, and logs the pooler once', async () => {
      assert.equal((await server.request('GET', '/readyz')).status, 200)
      assert.equal(server.log.filter(({ msg }) => notice.test(String(msg))).length, 1)
    })

    it('leaves no setting and no prepared statement on its connections', async () => {
      await Promise.all(Array.from({ length: 12 }, () => minbil.signIn(server, person)))
      for (const found of await settingsThrough(databaseOf(server)))
        assert.deepEqual(found, { timeout: '0', idle: '0', check: '0', prepared: '0' })
    })

    it('is unavailable, and nothing worse, while PostgreSQL refuses the pooler', async () => {
      const name = new URL(databaseOf(server)).pathname.slice(1)
      const statuses = new Set<number>()
      const untilStatus = (wanted: number) =>
        eventually(`the status ${wanted}`, async () => {
          const { status } = await minbil.signIn(server, person)
          statuses.add(status)
          return status === wanted || undefined
        })
      await execute(postgresUrl(), `alter database ${name} with allow_connections false`)
      await execute(
        postgresUrl(),
        `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${name}'`,
      )
      await untilStatus(503)
      assert.equal((await server.request('GET', '/readyz')).status, 503)
      await execute(postgresUrl(), `alter database ${name} with allow_connections true`)
      await untilStatus(200)
      assert.deepEqual([...statuses].sort(), [200, 503])
    })

    it('passes the doctor', async () => {
      const { state, says } = (await examine(server.env)).of('database')
      assert.equal(state, 'ok')
      assert.match(says, /, behind a pooler in transaction mode$/)
      const direct = (await examine({ ...server.env, DATABASE_URL: directly(databaseOf(server)) })).of(
        'database',
      )
      assert.doesNotMatch(direct.says, /pooler/)
    })
  })

  it('agrees on keys when several start at once on an empty database', async () => {
    const data = await createData('postgres')
    const DATABASE_URL = pooler.through(data.env.DATABASE_URL)
    const config = readConfig({ ...data.env, DATABASE_URL, LOG_LEVEL: 'silent', PORT: '0' })
    const servers = await Promise.all([1, 2, 3].map(() => startServer(config)))
    try {
      const keys = await Promise.all(
        servers.map(async ({ port }) =>
          (await fetch(`http://127.0.0.1:${port}/.well-known/jwks.json`)).json(),
        ),
      )
      assert.equal((keys[0] as { keys: unknown[] }).keys.length, 2)
      for (const others of keys) assert.deepEqual(others, keys[0])
    } finally {
      for (const server of servers) await server.close()
      await data.drop()
    }
  })
})

describe('a PgBouncer that changes from session to transaction mode', { skip: !hasPgbouncer }, () => {
  it('is noticed by its first refusal: no request ends in an internal error', async () => {
    const pooler = await startPgbouncer(postgresUrl(), { pool_mode: 'session', default_pool_size: 40 })
    const first = await startTestServer('postgres', { through: pooler.through })
    const second = await startTestServer('postgres', { beside: first })
    try {
      const person = await registerUnmailed(first, databaseOf(first))
      const signIns = () =>
        Promise.all(
          Array.from({ length: 24 }, (_, index) => minbil.signIn(index % 2 ? first : second, person)),
        )
      for (const answer of await signIns()) minbil.tokensOf(answer)
      const isNoticed = () => [...first.log, ...second.log].some(({ msg }) => notice.test(String(msg)))
      assert.equal(isNoticed(), false)

      await pooler.reload({ pool_mode: 'transaction', default_pool_size: 3 })
      const statuses = new Set<number>()
      await eventually('the first refusal', async () => {
        for (const { status } of await signIns()) statuses.add(status)
        return isNoticed() || undefined
      })
      // The other node may have its own first refusal still to come.
      for (let round = 0; round < 3; round++) for (const { status } of await signIns()) statuses.add(status)
      assert.ok(
        [...statuses].every((status) => status === 200 || status === 503),
        `${[...statuses]}`,
      )
      for (const answer of await signIns()) minbil.tokensOf(answer)
    } finally {
      await second.close()
      await first.close()
      await pooler.close()
    }
  })
})

function postgresUrl(): string {
  return process.env.TEST_DATABASE_URL ?? ''
}

function databaseOf({ env }: TestServer): string {
  return env.DATABASE_URL ?? ''
}

/** The same database, without a pooler. */
function directly(url: string): string {
  const direct = new URL(postgresUrl())
  direct.pathname = new URL(url).pathname
  return direct.href
}

/** What others find on the connections of the pooler, several of them at a time. */
async function settingsThrough(url: string): Promise<Record<string, string>[]> {
  const clients = Array.from({ length: 8 }, () => new pg.Client({ connectionString: url }))
  await Promise.all(clients.map((client) => client.connect()))
  try {
    // Each keeps its own until all have looked.
    await Promise.all(clients.map((client) => client.query('begin')))
    const found = await Promise.all(
      clients.map((client) =>
        client.query(`select current_setting('statement_timeout') as timeout,
          current_setting('idle_in_transaction_session_timeout') as idle,
          current_setting('client_connection_check_interval') as check,
          (select count(*) from pg_prepared_statements) as prepared`),
      ),
    )
    return found.flatMap(({ rows }) => rows)
  } finally {
    await Promise.all(clients.map((client) => client.end()))
  }
}
