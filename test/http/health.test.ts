import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import pg from 'pg'
import { select } from '../harness/database.ts'
import { credebl, minbil, type Person, register } from '../harness/doors.ts'
import { eventually } from '../harness/events.ts'
import {
  freshEmail,
  noPostgres,
  onEveryEngine,
  startTestServer,
  type TestServer,
  useServer,
} from '../harness/harness.ts'

onEveryEngine('health', (engine) => {
  const server = useServer(engine)

  it('reports liveness and readiness', async () => {
    for (const path of ['/healthz', '/readyz']) {
      const answer = await server.request('GET', path)
      assert.equal(answer.status, 200)
      assert.deepEqual(answer.body, { status: 'ok' })
      assert.equal(answer.headers.get('cache-control'), 'no-store')
    }
  })

  it('answers HEAD and OPTIONS, as load balancers ask', async () => {
    for (const path of ['/healthz', '/readyz'])
      for (const method of ['HEAD', 'OPTIONS'])
        assert.equal((await server.request(method, path)).status, 200, `${method} ${path}`)
  })
})

describe('a PostgreSQL that refuses connections', { skip: noPostgres }, () => {
  let server: TestServer
  let person: Person
  let access: string
  before(async () => {
    server = await startTestServer('postgres')
    person = await register(server)
    access = minbil.tokensOf(await minbil.signIn(server, person)).access
  })
  after(() => server?.close())

  it('ends no request in flight in an internal error', async () => {
    const underWay = Promise.all(Array.from({ length: 24 }, () => minbil.signIn(server, person)))
    await refuseConnections(server)
    const statuses = (await underWay).map(({ status }) => status)
    assert.deepEqual(
      statuses.filter((status) => status !== 200 && status !== 503),
      [],
    )
  })

  it('leaves the process live and not ready', async () => {
    assert.equal((await server.request('GET', '/healthz')).status, 200)
    assert.equal((await server.request('OPTIONS', '/readyz')).status, 503)
    const answer = await server.request('GET', '/readyz')
    assert.equal(answer.status, 503)
    assert.deepEqual(answer.body, { error: 'unavailable' })
    assert.match(answer.headers.get('retry-after') ?? '', /^[1-9]\d*$/)
  })

  it('is reported in the words of every door', async () => {
    const refused = await minbil.signIn(server, person)
    assert.deepEqual([refused.status, refused.body.code], [503, 'unavailable'])
    assert.equal(refused.headers.get('content-type'), 'application/problem+json; charset=utf-8')
    const wrongToken = await server.request('POST', '/api/co/auth/sign-out', { bearer: access })
    assert.deepEqual([wrongToken.status, wrongToken.body.code], [503, 'unavailable'])

    const { status, body, headers } = await credebl.signIn(server, person)
    assert.deepEqual([status, body.statusCode, body.error], [503, 503, 'Service Unavailable'])
    const page = await server.request('GET', '/ui/reset-password?token=x')
    assert.deepEqual([page.status, page.headers.get('content-type')], [503, 'text/html; charset=utf-8'])
    for (const { headers: each } of [refused, wrongToken, { headers }, page])
      assert.match(each.get('retry-after') ?? '', /^[1-9]\d*$/)
  })

  it('is reported verbatim in the log alone', async () => {
    const requests: [method: string, path: string][] = [
      ['POST', '/api/co/auth/forgot-password'],
      ['POST', '/auth/forgot-password'],
      ['GET', '/readyz'],
      ['GET', '/ui/reset-password?token=x'],
    ]
    for (const [method, path] of requests) {
      const { text } = await server.request(
        method,
        path,
        method === 'POST' ? { json: { email: person.email } } : {},
      )
      assert.doesNotMatch(text, /manydoors_test|postgres|connection|terminat|ECONN|\bat /i)
    }
    assert.ok(
      server.log.some(
        (line) => line.msg === 'unavailable' && JSON.stringify(line).includes('not currently accepting'),
      ),
    )
  })

  it('does not affect what needs no database', async () => {
    assert.equal((await server.request('GET', '/.well-known/jwks.json')).status, 200)
    assert.equal((await server.request('GET', '/auth/nowhere')).status, 404)
    assert.equal((await server.request('POST', '/auth/signin', { json: {} })).status, 400)
  })

  it('is over as soon as it accepts them again', async () => {
    await allowConnections(server)
    await eventually('readiness', async () => {
      const { status } = await server.request('GET', '/readyz')
      return status === 200 || undefined
    })
    for (const door of [minbil, credebl]) door.tokensOf(await door.signIn(server, person))
    assert.equal((await server.request('POST', '/api/co/auth/sign-out', { bearer: access })).status, 200)
    const email = freshEmail()
    await server.request('POST', '/auth/verification-mail', { json: { email } })
    await server.mail(email, /^Confirm/)
  })
})

describe('a PostgreSQL that accepts no new connection', { skip: noPostgres }, () => {
  const server = useServer('postgres')
  const readiness = async () => (await server.request('GET', '/readyz')).status

  it('is not ready, although it still answers open connections', async () => {
    const person = await register(server)
    assert.equal(await readiness(), 200)
    await asAdmin(`alter database ${databaseOf(server.env)} with allow_connections false`)
    await eventually('the end of readiness', async () => (await readiness()) === 503 || undefined)
    assert.equal((await minbil.signIn(server, person)).status, 200)
    await allowConnections(server)
    await eventually('readiness', async () => (await readiness()) === 200 || undefined)
  })

  it('is probed by at most one new connection in three seconds, however often readiness is', async () => {
    const before = await connectionsMade(server)
    for (let round = 0; round < 5; round++) await Promise.all(Array.from({ length: 20 }, readiness))
    assert.ok((await connectionsMade(server)) - before <= 12)
  })
})

/** How many connections to the server's database there have been, as PostgreSQL counts them. */
async function connectionsMade({ env }: TestServer): Promise<number> {
  const [row] = await select(
    process.env.TEST_DATABASE_URL ?? '',
    `select sessions from pg_stat_database where datname = '${databaseOf(env)}'`,
  )
  return Number(row?.sessions)
}

/** Ends all connections to the server's database and lets nobody open another. */
async function refuseConnections({ env }: TestServer): Promise<void> {
  const name = databaseOf(env)
  await asAdmin(`alter database ${name} with allow_connections false`)
  await asAdmin(`select pg_terminate_backend(pid) from pg_stat_activity where datname = '${name}'`)
}

async function allowConnections({ env }: TestServer): Promise<void> {
  await asAdmin(`alter database ${databaseOf(env)} with allow_connections true`)
}

function databaseOf(env: Record<string, string>): string {
  return new URL(env.DATABASE_URL ?? '').pathname.slice(1)
}

async function asAdmin(statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: process.env.TEST_DATABASE_URL })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}
