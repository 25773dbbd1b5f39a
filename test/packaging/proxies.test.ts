import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { app } from '../dialects/vastly/door.ts'
import { select } from '../harness/database.ts'
import { freshEmail, useServer } from '../harness/harness.ts'
import { isInstalled, type RunningProxy, sendThrough, startCaddy, startNginx } from './proxy.ts'

const proxies = [
  { name: 'nginx', start: startNginx, skip: !(isInstalled('nginx') && isInstalled('openssl')) },
  { name: 'caddy', start: startCaddy, skip: !isInstalled('caddy') },
]
const password = 'correct horse battery staple'
const client = '127.0.0.2'

for (const { name, start, skip } of proxies) {
  describe(`behind ${name}`, { skip: skip && `${name} is not installed` }, () => {
    const server = useServer('sqlite', {
      env: { MANYDOORS_PUBLIC_URL: 'https://auth.example.com', MANYDOORS_TRUSTED_PROXIES: '127.0.0.1' },
    })
    let proxy: RunningProxy
    before(async () => {
      proxy = await start(server.url)
    })
    after(() => proxy?.stop())

    const post = (path: string, json: unknown, headers: Record<string, string> = {}) =>
      sendThrough(proxy.url, {
        from: client,
        method: 'POST',
        path,
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify(json),
      })

    it('the client IP is the one that the proxy sees, whatever the client claims', async () => {
      const credentials = { email: freshEmail(), password }
      const forged = { 'x-forwarded-for': '203.0.113.9' }
      const signedUp = await post('/api/co/auth/sign-up', credentials, forged)
      assert.equal(signedUp.status, 201, signedUp.text)
      const signedIn = await post('/api/co/auth/sign-in', credentials, forged)
      assert.equal(signedIn.status, 200, signedIn.text)
      const sessions = await select(server.env.DATABASE_URL ?? '', 'select ip from sessions')
      assert.deepEqual(
        sessions.map(({ ip }) => ip),
        [client],
      )
    })

    it('a header with an underscore passes, as the clients of vastly send one', async () => {
      const person = { email: freshEmail(), password, passwordConfirm: password }
      const headers = { client_id: app.id, origin: app.origin }
      const { status, text } = await post('/api/v1/auth/register', person, headers)
      assert.equal(status, 201, text)
    })

    it('an oversized request is refused in the words of the dialect', async () => {
      const { status, text } = await post('/api/co/auth/sign-in', { email: 'x'.repeat(100_000) })
      assert.equal(status, 413)
      assert.equal(JSON.parse(text).status, 413)
    })

    it('the host passes, and answers carry the headers of HTTPS', async () => {
      const { status, headers } = await sendThrough(proxy.url, { from: client, path: '/healthz' })
      assert.equal(status, 200)
      assert.match(String(headers['strict-transport-security']), /max-age=\d+/)
    })
  })
}

describe('nginx', { skip: proxies[0]?.skip && 'nginx is not installed' }, () => {
  const server = useServer('sqlite')
  let proxy: RunningProxy
  before(async () => {
    proxy = await startNginx(server.url)
  })
  after(() => proxy?.stop())

  it('plain HTTP is redirected to HTTPS', async () => {
    const { status, headers } = await sendThrough(proxy.plainUrl, { from: client, path: '/ui/x?y=1' })
    assert.equal(status, 308)
    assert.equal(headers.location, 'https://auth.example.com/ui/x?y=1')
  })

  it('the log has the request id, and no secret of a link', async () => {
    const secret = 'Zx0QbLr7mNvE2ahW3kT9uZx0QbLr7mNvE2a'
    for (const path of [`/api/oauth/reset_password/${secret}`, `/ui/reset-password?token=${secret}`])
      await sendThrough(proxy.url, {
        from: client,
        path,
        headers: { referer: `https://x.example/${secret}` },
      })
    await sendThrough(proxy.url, { from: client, path: '/users/ada+studio@lovelace.example' })
    const log = await proxy.accessLog()
    assert.match(log, /"GET \/users\/\.{3}" \d{3} /)
    assert.ok(!log.includes('lovelace'))
    assert.match(log, /"GET \/api\/oauth\/reset_password\/\.{3}" \d{3} /)
    assert.match(log, /"GET \/ui\/reset-password" \d{3} /)
    assert.ok(!log.includes(secret))
  })
})
