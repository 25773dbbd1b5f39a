import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import type { DialectUnderTest } from '../test/contract/dialect-under-test.ts'
import { openSession, type Session, signInAgain } from '../test/contract/support.ts'
import { adapters } from '../test/dialects/adapters.ts'
import { assertUnavailable, dialectOf } from '../test/faults/outage.ts'
import { type OwnPostgres, startOwnPostgres } from '../test/faults/own-postgres.ts'
import { minbil, type Person, register } from '../test/harness/doors.ts'
import { eventually } from '../test/harness/events.ts'
import { type Answer, startTestServer, type TestServer } from '../test/harness/harness.ts'

/** In milliseconds: no client waits longer. A statement is given up after ten seconds, a new connection after five. */
const maxWaitMs = 60_000

describe('PostgreSQL that accepts connections and never answers', () => {
  let postgres: OwnPostgres
  let server: TestServer
  let person: Person
  const sessions = new Map<DialectUnderTest, Session>()
  before(async () => {
    postgres = await startOwnPostgres()
    server = await startTestServer('postgres', { env: { DATABASE_URL: postgres.url } })
    person = await register(server)
    for (const dialect of adapters) sessions.set(dialect, await openSession(dialect, server))
    // Opens every connection that the server may have.
    await Promise.all(Array.from({ length: 40 }, () => server.request('GET', '/readyz')))
  })
  after(async () => {
    postgres?.thaw()
    await server?.close()
    await postgres?.remove()
  })

  it('hangs no request: every door answers unavailable in its own words', async () => {
    await postgres.freeze()
    const asked = [...sessions].flatMap(([dialect, { access, refresh }]) => {
      const requests = [dialect.ask(server, access)]
      // The frozen statement is run when PostgreSQL goes on, and by then minbil's ten seconds may be over.
      if (dialect.refreshing && dialect.refreshing.rotation !== 'grace')
        requests.push(dialect.refreshing.refresh(server, refresh).then(({ answer }) => answer))
      return requests.map(async (request) => assertUnavailable(dialect, await inTime(request)))
    })
    // More than there are connections, so that some of them wait for one.
    const crowd = Array.from({ length: 40 }, () => inTime(minbil.signIn(server, person)))
    assert.equal((await inTime(server.request('GET', '/healthz'))).status, 200)
    assert.equal((await inTime(server.request('GET', '/.well-known/jwks.json'))).status, 200)

    await Promise.all(asked)
    for (const answer of await Promise.all(crowd))
      assertUnavailable(dialectOf('/api/co/auth/sign-in'), answer)
    assert.equal((await inTime(server.request('GET', '/readyz'))).status, 503)
  })

  it('is used again as soon as it answers, by new connections', async () => {
    postgres.thaw()
    await eventually('readiness', async () => {
      const { status } = await server.request('GET', '/readyz')
      return status === 200 || undefined
    })
    minbil.tokensOf(await minbil.signIn(server, person))
    for (const [dialect, session] of sessions) await signInAgain(dialect, server, session)
    await register(server)
  })
})

/** Fails when the answer does not come. */
async function inTime(answer: Promise<Answer>): Promise<Answer> {
  const end = new AbortController()
  const late = pause(maxWaitMs, undefined, { signal: end.signal }).then(() => assert.fail('no answer came'))
  late.catch(() => {})
  try {
    return await Promise.race([answer, late])
  } finally {
    end.abort()
  }
}
