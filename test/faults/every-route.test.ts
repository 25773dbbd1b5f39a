import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { DialectUnderTest, Example, RouteUnderTest } from '../contract/dialect-under-test.ts'
import { labelOf, sendExample } from '../contract/support.ts'
import { adapters } from '../dialects/adapters.ts'
import { eventually } from '../harness/events.ts'
import { startTestServer, type TestServer } from '../harness/harness.ts'
import { assertUnavailable } from './outage.ts'
import { type OwnPostgres, startOwnPostgres } from './own-postgres.ts'

describe('every route of every dialect, while PostgreSQL is gone', () => {
  let postgres: OwnPostgres
  let server: TestServer
  const requests: { dialect: DialectUnderTest; route: RouteUnderTest; example: Example }[] = []
  before(async () => {
    postgres = await startOwnPostgres()
    server = await startTestServer('postgres', { env: { DATABASE_URL: postgres.url } })
    for (const dialect of adapters)
      for (const route of dialect.routes)
        requests.push({ dialect, route, example: await route.example(server) })
    await postgres.stop('SIGQUIT')
  })
  after(async () => {
    await server?.close()
    await postgres?.remove()
  })

  it("refuses in its dialect's words, unless it needs no database", async () => {
    for (const { dialect, route, example } of requests) {
      const answer = await sendExample(server, route, example)
      if (route.needsNoDatabase) assert.equal(answer.status, route.status, labelOf(route))
      else assertUnavailable(dialect, answer)
    }
  })

  it('does again what it did as soon as PostgreSQL is back', async () => {
    await postgres.start()
    await eventually('readiness', async () => {
      const { status } = await server.request('GET', '/readyz')
      return status === 200 || undefined
    })
    for (const { route, example } of requests.filter(({ route }) => route.method === 'GET'))
      assert.equal((await sendExample(server, route, example)).status, route.status, labelOf(route))
  })
})
