import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import pg from 'pg'
import type { DialectUnderTest } from '../contract/dialect-under-test.ts'
import {
  assertAlive,
  assertSuccess,
  openSession,
  type Session,
  tokensOf,
  writeOnce,
} from '../contract/support.ts'
import { adapters } from '../dialects/adapters.ts'
import { credebl } from '../dialects/credebl/adapter.ts'
import { execute } from '../harness/database.ts'
import { eventually } from '../harness/events.ts'
import { type TestServer, useServer } from '../harness/harness.ts'
import { assertUnavailable, patiently } from './outage.ts'

describe('PostgreSQL that has become read-only, as a standby is', () => {
  const server = useServer('postgres')
  const sessions = new Map<DialectUnderTest, Session>()

  it('refuses writes as unavailable, at every door', async () => {
    for (const dialect of adapters) sessions.set(dialect, await openSession(dialect, server))
    await setReadOnly(server, 'on')
    for (const [dialect, session] of sessions)
      assertUnavailable(dialect, await writeOnce(dialect, server, session))
    await eventually('the end of readiness', async () => (await readiness(server)) === 503 || undefined)
  })

  it('is used again once writable', async () => {
    await setReadOnly(server, 'off')
    // A connection that was ended may be met before its end is noticed.
    const { request } = patiently(server)
    const patient: TestServer = Object.setPrototypeOf({ request }, server)
    for (const [dialect, session] of sessions) await assertAlive(dialect, patient, session)
    await eventually('readiness', async () => (await readiness(server)) === 200 || undefined)
  })
})

describe('tables with a column of a newer release', () => {
  const server = useServer('postgres')

  it('are still used, on every connection, as soon as the change is noticed', async () => {
    const people = await Promise.all(Array.from({ length: 12 }, () => openSession(credebl, server)))
    // As many at once as there are connections, so that each has prepared the same statements.
    const look = () => Promise.all(people.map(({ access }) => credebl.ask(server, access)))
    const enter = () => Promise.all(people.map((person) => credebl.signIn(server, person)))
    await look()
    await enter()
    for (const table of ['accounts', 'sessions', 'jobs', 'tickets', 'clients'])
      await execute(server.env.DATABASE_URL ?? '', `alter table ${table} add column later text`)

    for (const answer of await look()) assertSuccess(answer)
    for (const { answer, tokens } of await enter()) if (!tokens) assertUnavailable(credebl, answer)
    for (const answer of await enter()) tokensOf(answer)
    assert.deepEqual(
      server.log.filter(({ msg }) => msg === 'internal'),
      [],
    )
  })
})

async function readiness(server: TestServer): Promise<number> {
  return (await server.request('GET', '/readyz')).status
}

/** For every connection that is made from now on; those that are open are ended. */
async function setReadOnly({ env }: TestServer, value: 'on' | 'off'): Promise<void> {
  const name = new URL(env.DATABASE_URL ?? '').pathname.slice(1)
  const client = new pg.Client({ connectionString: process.env.TEST_DATABASE_URL })
  await client.connect()
  try {
    await client.query(`alter database ${name} set default_transaction_read_only = ${value}`)
    await client.query(`select pg_terminate_backend(pid) from pg_stat_activity where datname = '${name}'`)
  } finally {
    await client.end()
  }
}
