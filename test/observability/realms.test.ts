import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { useServer } from '../harness/harness.ts'
import { linesOf } from '../harness/log-lines.ts'
import { sendAs } from '../realms/at-host.ts'
import { scrape } from './scrape.ts'

describe('metrics and log of several realms', () => {
  const server = useServer('sqlite', {
    yaml: `
logRequests: true
metrics: { port: 0 }
realms:
  main: { dialects: { minbil: } }
  shop: { hosts: [shop.localhost] }
`,
  })
  const wrong = { json: { email: 'ada@example.com', password: 'wrong password' } }

  it('tell the realms apart, for doors, pages and what no route takes', async () => {
    const signIn = '/api/co/auth/sign-in'
    assert.equal((await server.request('POST', signIn, wrong)).status, 401)
    for (const [method, path, status] of [
      ['POST', signIn, 401],
      ['POST', signIn, 401],
      ['GET', '/ui/sign-in', 400],
      ['GET', '/.well-known/jwks.json', 200],
      ['GET', '/nowhere', 404],
    ] as const) {
      const options = method === 'POST' ? wrong : {}
      const answer = await sendAs('shop.localhost', `${server.url}${path}`, method, options)
      assert.equal(answer.status, status, path)
    }
    // Logged and counted when an answer has gone, which may be after it has come.
    const lines = await linesOf(server, ({ msg }) => msg === 'request', 6)
    assert.deepEqual(
      lines.map(({ realm }) => realm),
      ['main', ...Array(5).fill('shop')],
    )
    const { one, sum } = await scrape(server.metricsUrl)
    const refused = { dialect: 'minbil', route: signIn, outcome: 'credentials_invalid' }
    assert.equal(one('manydoors_requests_total', { realm: 'main', ...refused }), 1)
    assert.equal(one('manydoors_requests_total', { realm: 'shop', ...refused }), 2)
    assert.equal(sum('manydoors_requests_total', { realm: 'main' }), 1)
    assert.equal(sum('manydoors_requests_total', { realm: 'shop', dialect: 'none' }), 3)
    assert.equal(one('manydoors_sign_ins_total', { realm: 'shop', outcome: 'credentials' }), 2)
    for (const realm of ['main', 'shop']) assert.ok(one('manydoors_signing_key_age_seconds', { realm }) >= 0)
  })
})
