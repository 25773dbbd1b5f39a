import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type Answer, freshEmail, type RequestOptions, useServer } from '../harness/harness.ts'

/** One of everything that a server can be asked. */
const requests: [what: string, status: number, method: string, path: string, options?: RequestOptions][] = [
  ['a success', 200, 'GET', '/auth/clientAliases'],
  ['a refusal', 401, 'GET', '/users/profile'],
  ['an invalid request', 400, 'POST', '/auth/signin', { json: {} }],
  [
    'a body that cannot be read',
    400,
    'POST',
    '/auth/signin',
    { raw: '{', headers: { 'content-type': 'application/json' } },
  ],
  ['a body that is too large', 413, 'POST', '/auth/signin', { json: { email: 'x'.repeat(70_000) } }],
  [
    'a body of another type',
    415,
    'POST',
    '/auth/signin',
    { raw: 'a', headers: { 'content-type': 'text/plain' } },
  ],
  ['an unknown route of a door', 404, 'GET', '/api/co/auth/nowhere'],
  ['an unknown route', 404, 'GET', '/nowhere'],
  ['an address that cannot be read', 400, 'GET', '/auth/%zz'],
  ['a preflight', 204, 'OPTIONS', '/auth/signin', { headers: { origin: 'https://evil.example' } }],
  ['health', 200, 'GET', '/healthz'],
  ['readiness', 200, 'GET', '/readyz'],
  ['the keys', 200, 'GET', '/.well-known/jwks.json'],
  ['a page', 404, 'GET', '/ui/reset-password'],
  ['the stylesheet', 200, 'GET', '/ui/style.css'],
  ['the mailbox', 200, 'GET', '/dev/mailbox'],
  ['the mailbox as JSON', 200, 'GET', '/dev/mailbox.json'],
]

/** What anybody may keep a copy of. */
const cacheable = ['/.well-known/jwks.json', '/ui/style.css']

describe('headers', () => {
  const server = useServer('sqlite')

  for (const [what, status, method, path, options] of requests) {
    it(`protect ${what}`, async () => {
      const answer = await server.request(method, path, options)
      assert.equal(answer.status, status, answer.text)
      assertProtected(answer)
      assert.equal(answer.headers.get('strict-transport-security'), null)
      const cacheControl = answer.headers.get('cache-control') ?? ''
      assert.match(cacheControl, cacheable.includes(path) ? /^public, max-age=[1-9]\d*$/ : /^no-store$/)
    })
  }

  it('forbid caching of tokens', async () => {
    const json = { email: freshEmail(), password: '12345678' }
    await server.request('POST', '/api/co/auth/sign-up', { json })
    const signedIn = await server.request('POST', '/api/co/auth/sign-in', { json })
    assert.ok(signedIn.body.access_token)
    assertProtected(signedIn)
    assert.equal(signedIn.headers.get('cache-control'), 'no-store')
  })

  it('carry a new request id, whatever the client sends', async () => {
    const headers = { 'x-request-id': 'mine', 'request-id': 'mine' }
    const ids = new Set<string>()
    for (let times = 0; times < 3; times++) {
      const answer = await server.request('GET', '/auth/nowhere', { headers })
      ids.add(answer.headers.get('x-request-id') ?? '')
      assert.ok(!answer.text.includes('mine'))
    }
    assert.equal(ids.size, 3)
    assert.ok(!ids.has('mine'))
  })

  it('carry the request id of the log', async () => {
    const json = { email: freshEmail(), password: 'wrong password' }
    const { headers } = await server.request('POST', '/auth/signin', { json })
    const lines = server.log.filter(({ requestId }) => requestId === headers.get('x-request-id'))
    assert.deepEqual(
      lines.map(({ msg }) => msg),
      ['sign_in'],
    )
  })

  it('do not influence the links of mails', async () => {
    const email = freshEmail()
    const headers = {
      'x-forwarded-host': 'evil.example',
      'x-forwarded-proto': 'https',
      forwarded: 'host=evil.example',
      origin: 'https://evil.example',
      referer: 'https://evil.example/',
    }
    await server.request('POST', '/auth/verification-mail', { json: { email }, headers })
    const { links, text, html } = await server.mail(email, /^Confirm/)
    assert.ok(links[0]?.startsWith('http://localhost:5000/'), links[0])
    assert.doesNotMatch(`${text}${html}`, /evil/)
  })
})

describe('headers behind HTTPS', () => {
  const server = useServer('sqlite', { env: { MANYDOORS_PUBLIC_URL: 'https://auth.example.com' } })

  for (const [what, , method, path, options] of requests) {
    it(`keep browsers to HTTPS with ${what}`, async () => {
      const { headers } = await server.request(method, path, options)
      const [, seconds] = /^max-age=(\d+)\b/.exec(headers.get('strict-transport-security') ?? '') ?? []
      assert.ok(Number(seconds) >= 31_536_000, headers.get('strict-transport-security') ?? 'no header')
    })
  }
})

function assertProtected({ headers }: Answer): void {
  const policy = headers.get('content-security-policy') ?? ''
  assert.match(policy, /(^|; )default-src 'none'(;|$)/)
  assert.match(policy, /(^|; )frame-ancestors 'none'(;|$)/)
  assert.doesNotMatch(policy, /script-src(?! 'self';)|unsafe|\*/)
  assert.equal(headers.get('referrer-policy'), 'no-referrer')
  assert.equal(headers.get('x-content-type-options'), 'nosniff')
  assert.equal(headers.get('x-frame-options'), 'DENY')
  assert.match(
    headers.get('x-request-id') ?? '',
    /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/,
  )
  for (const name of ['server', 'x-powered-by']) assert.equal(headers.get(name), null, name)
}
