import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { freshPerson, registration } from '../dialects/pm2/door.ts'
import { app } from '../dialects/vastly/door.ts'
import { select } from '../harness/database.ts'
import { freshEmail, useServer } from '../harness/harness.ts'
import { launchBrowser, noBrowser } from '../pages/browser.ts'
import { startTlsProxy } from '../pages/passkeys/tls.ts'
import { submit } from '../pages/ways/ways.ts'
import { isInstalled, type RunningProxy, sendThrough, startCaddy, startNginx } from './proxy.ts'

const proxies = [
  { name: 'nginx', start: startNginx, skip: !(isInstalled('nginx') && isInstalled('openssl')) },
  { name: 'caddy', start: startCaddy, skip: !isInstalled('caddy') },
]
const password = 'correct horse battery staple'
const client = '127.0.0.2'
const host = 'auth.example.com'

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

    it('people sign in to their account page, send its forms and sign out', { skip: noBrowser }, async () => {
      const person = { ...freshPerson(), password }
      await post('/api/oauth/register', registration(person))
      const tls = proxy.url.protocol === 'https:' ? undefined : await startTlsProxy(proxy.url.origin, [host])
      const browser = await launchBrowser([
        `--host-resolver-rules=MAP ${host}:443 ${tls ? `127.0.0.1:${tls.port}` : proxy.url.host}`,
        '--ignore-certificate-errors',
      ])
      try {
        const page = await browser.newPage()
        await page.goto(`https://${host}/ui/account`)
        await submit(page, { identifier: person.email, password })
        assert.equal(page.url(), `https://${host}/ui/account`)
        const cookies = await page.context().cookies()
        const session = cookies.find(({ name }) => name === '__Host-manydoors-session')
        assert.ok(session?.secure && session.httpOnly && session.domain === host, JSON.stringify(cookies))
        await submit(page, { name: 'Ada Example' })
        assert.equal(await page.locator('input[name="name"]').inputValue(), 'Ada Example')
        await page.goto(`https://${host}/ui/account/devices`)
        await page.locator('form[action="/ui/account/sign-out"] button').click()
        await page.getByRole('heading', { name: 'You are signed out' }).waitFor()
        await page.goto(`https://${host}/ui/account`)
        await page.getByRole('heading', { name: 'Sign in' }).waitFor()
      } finally {
        await browser.close()
        await tls?.close()
      }
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
