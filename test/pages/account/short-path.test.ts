import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { wolfpal } from '../../dialects/wolfpal/adapter.ts'
import { type TestServer, useServer } from '../../harness/harness.ts'

/** What a browser sends of itself when somebody types an address, or follows a link. */
const opened = { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document', accept: 'text/html' }

async function assertLedTo(server: TestServer, paths: Record<string, string>, headers = {}): Promise<void> {
  for (const [path, location] of Object.entries(paths)) {
    const answer = await server.request('GET', path, { headers })
    assert.deepEqual([answer.status, answer.headers.get('location')], [303, location], path)
    assert.match(answer.headers.get('content-security-policy') ?? '', /frame-ancestors 'none'/)
  }
}

const led = {
  '/account': '/ui/account',
  '/account/': '/ui/account/',
  '/account?x=1': '/ui/account?x=1',
  '/account/security': '/ui/account/security',
  '/account//example.com': '/ui/account',
}

describe('/account beside a door of that path', () => {
  const server = useServer('sqlite')

  it('leads who opens it in a browser to the account page', () => assertLedTo(server, led, opened))

  it('is the door to everybody else, in its own words', async () => {
    for (const [path, status] of Object.entries({ '/account': 401, '/account/security': 404 })) {
      const answer = await server.request('GET', path)
      wolfpal.assertError(answer, status)
    }
    for (const method of ['POST', 'PUT', 'DELETE', 'PATCH'])
      wolfpal.assertError(await server.request(method, '/account', { headers: opened }), 404)
    const other = await server.request('GET', '/accounts', { headers: opened })
    assert.deepEqual([other.status, other.body], [404, { error: 'route_not_found' }])
  })
})

describe('/account where no door has that path', () => {
  const server = useServer('sqlite', { yaml: 'realms: { main: { dialects: { minbil: {} } } }' })

  it('leads whoever asks to the account page', async () => {
    await assertLedTo(server, led, opened)
    await assertLedTo(server, led)
  })

  it('takes nothing else', async () => {
    const answer = await server.request('POST', '/account')
    assert.deepEqual([answer.status, answer.body], [404, { error: 'route_not_found' }])
  })
})
