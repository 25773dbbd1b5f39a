import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { execute } from '../harness/database.ts'
import { minbil, register } from '../harness/doors.ts'
import { eventually } from '../harness/events.ts'
import { noPostgres, startTestServer, type TestServer } from '../harness/harness.ts'
import { scrape } from './scrape.ts'

describe('metrics while PostgreSQL refuses connections', { skip: noPostgres }, () => {
  let server: TestServer
  before(async () => {
    server = await startTestServer('postgres')
  })
  after(() => server?.close())

  it('are still served, say so, and leave out what only the database knows', async () => {
    const person = await register(server)
    const before = await scrape(server.url)
    assert.deepEqual(
      [before.one('manydoors_database_up'), before.sum('manydoors_database_errors_total')],
      [1, 0],
    )
    assert.equal(before.one('manydoors_jobs_dead'), 0)

    await refuseConnections(server)
    const down = await eventually('a scrape that says it', async () => {
      await minbil.signIn(server, person)
      const now = await scrape(server.url)
      const hasRefused = now.sum('manydoors_requests_total', { status: '5xx', outcome: 'unavailable' }) >= 1
      return hasRefused && now.one('manydoors_database_up') === 0 ? now : undefined
    })
    const labels = { engine: 'postgres', reason: 'unavailable' }
    assert.ok(down.one('manydoors_database_errors_total', labels) >= 1)
    for (const name of ['manydoors_jobs_dead', 'manydoors_jobs_waiting', 'manydoors_job_lag_seconds'])
      assert.ok(!down.samples.some((sample) => sample.name === name), name)

    await allowConnections(server)
    const up = await eventually('a scrape that takes it back', async () => {
      const now = await scrape(server.url)
      return now.one('manydoors_database_up') === 1 ? now : undefined
    })
    assert.equal(up.one('manydoors_jobs_dead'), 0)
  })
})

/** Lets nobody open another connection to the server's database, and ends all that there are. */
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
  await execute(process.env.TEST_DATABASE_URL ?? '', statement)
}
