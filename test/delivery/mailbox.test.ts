import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { getAsHost } from '../harness/as-host.ts'
import { freshEmail, startTestServer, type TestServer, useServer } from '../harness/harness.ts'
import { failedJob } from '../harness/jobs.ts'
import { sampleKey } from '../harness/master-keys.ts'
import { ofOthers } from '../http/of-others.ts'
import { sendAs } from '../realms/at-host.ts'

describe('the development mailbox', () => {
  const server = useServer('sqlite')

  it('holds every message with its links, newest first', async () => {
    const [first, second] = [freshEmail(), freshEmail()]
    const earliest = server.clock.now()
    for (const email of [first, second]) {
      await askForVerification(server, { email })
      await server.mail(email, /^Confirm/)
    }
    const messages = await server.mailbox()
    assert.deepEqual(
      messages.map(({ to }) => to).filter((to) => to === first || to === second),
      [second, first],
    )
    const [newest] = messages
    assert.deepEqual(Object.keys(newest ?? {}).sort(), [
      'at',
      'channel',
      'html',
      'id',
      'links',
      'subject',
      'text',
      'to',
    ])
    assert.match(newest?.id ?? '', /^[0-9a-f-]{36}$/)
    assert.ok(newest && newest.at >= earliest && newest.at <= server.clock.now())
    assert.equal(newest.channel, 'mail')
    assert.equal(newest.subject, 'Confirm your e-mail address for CREDEBL')
    assert.equal(newest.links.length, 1)
    assert.ok(newest.text.includes(newest.links[0] ?? '-'))
    assert.match(newest.html, /^<!doctype html>/)
  })

  it('is for this machine under its own names', async () => {
    for (const host of ['localhost', 'localhost:5000', '127.0.0.1', '[::1]:5001']) {
      for (const path of ['/dev/mailbox', '/dev/mailbox.json', '/'])
        assert.equal((await getAsHost(`${server.url}${path}`, host)).status, 200, `${path} of ${host}`)
    }
  })

  it('leads browsers from an address to the name that passkeys and cookies are kept under', async () => {
    for (const host of ['127.0.0.1:5000', '[::1]:5000']) {
      const { status, headers } = await sendAs(host, `${server.url}/`, 'GET')
      assert.deepEqual([status, headers.get('location')], [302, 'http://localhost:5000/'])
    }
  })

  it('is for a proxy of this machine that speaks for this machine', async () => {
    const said: Record<string, string>[] = [
      { 'x-forwarded-for': '127.0.0.1:40001, [::1]:443, ::ffff:127.0.0.1' },
      { forwarded: 'for="[::1]:4711";proto=http;host="localhost:5000", For=127.0.0.1' },
      { 'x-real-ip': '::1', 'x-forwarded-host': 'localhost:3000', 'x-forwarded-proto': 'http' },
    ]
    for (const headers of said)
      assert.equal((await server.request('GET', '/dev/mailbox.json', { headers })).status, 200)
  })

  it('is not for a page elsewhere whose name points here', async () => {
    const email = freshEmail()
    await askForVerification(server, { email })
    await server.mail(email, /^Confirm/)
    const names = ['evil.example', 'localhost.evil.example', 'evil.example:5000', '127.0.0.1.evil.example']
    const malformed = 'localhost@evil.example'
    for (const host of [...names, 'notlocalhost', malformed, '203.0.113.7']) {
      for (const path of ['/dev/mailbox', '/dev/mailbox.json', '/']) {
        const headers = { 'x-forwarded-host': 'localhost', origin: `http://${host}` }
        const answer = await getAsHost(`${server.url}${path}`, host, headers)
        assert.equal(answer.status, host === malformed ? 400 : 404, `${path} of ${host}`)
        assert.ok(!answer.text.includes(email))
        assert.ok(!answer.text.includes('Manydoors'))
      }
    }
  })

  it('lets no other origin read it', async () => {
    const origins = ['http://localhost:3000', 'https://platform.minbil.no', 'null', 'http://127.0.0.1:5000']
    for (const origin of origins) {
      const { headers } = await server.request('GET', '/dev/mailbox.json', { headers: { origin } })
      assert.equal(headers.get('access-control-allow-origin'), null, origin)
    }
  })

  it('is not for those behind a proxy on this machine', async () => {
    await assertHidden(server)
  })

  it('is not for those behind a trusted proxy on this machine', async () => {
    const behindProxy = await startTestServer('sqlite', { env: { MANYDOORS_TRUSTED_PROXIES: '127.0.0.1' } })
    try {
      await assertHidden(behindProxy)
    } finally {
      await behindProxy.close()
    }
  })

  it('is absent in production, and nothing is lost for that', async () => {
    const production = await startTestServer('sqlite', {
      env: {
        NODE_ENV: 'production',
        MANYDOORS_SECRET: sampleKey(7).toString('base64'),
        MANYDOORS_PUBLIC_URL: 'https://auth.example.com',
      },
    })
    try {
      const email = freshEmail()
      await askForVerification(production, { email })
      const job = await failedJob(production, email, 1)
      assert.deepEqual([job.last_error, job.done_at, job.dead_at], ['SMTP_URL is not set', null, null])
      for (const path of ['/dev/mailbox', '/dev/mailbox.json', '/dev', '/dev/']) {
        const answer = await production.request('GET', path)
        assert.equal(answer.status, 404, path)
        assert.deepEqual(answer.body, { error: 'route_not_found' })
      }
    } finally {
      await production.close()
    }
  })
})

describe('the development mailbox of an app with a name like markup', () => {
  const name = `<img src=x onerror=alert(1)>"'&`
  const yaml = `realms: { main: { dialects: { credebl: { clients: [{ brand: { name: ${JSON.stringify(name)} } }] } } } }`
  const server = useServer('sqlite', { yaml })

  it('is a page that escapes what it shows', async () => {
    const email = freshEmail()
    await askForVerification(server, { email })
    const { subject, html } = await server.mail(email, /onerror/)
    assert.equal(subject, `Confirm your e-mail address for ${name}`)
    assert.doesNotMatch(html, /<img/)

    const page = await server.request('GET', '/dev/mailbox')
    assert.equal(page.status, 200)
    assert.equal(page.headers.get('content-type'), 'text/html; charset=utf-8')
    assert.match(page.headers.get('content-security-policy') ?? '', /default-src 'none'/)
    assert.doesNotMatch(page.text, /<img|<script(?! src="\/ui\/assets\/)/i)
    assert.ok(page.text.includes('&lt;img src=x onerror=alert(1)&gt;&#34;&#39;&amp;'), page.text)
    assert.ok(page.text.includes(email))
  })
})

async function askForVerification(server: TestServer, json: { email: string }): Promise<void> {
  const answer = await server.request('POST', '/auth/verification-mail', { json })
  assert.equal(answer.status, 201, answer.text)
}

/** That nobody whom a proxy speaks for is served, whatever else the header claims. */
async function assertHidden(server: TestServer): Promise<void> {
  const lists = [
    '203.0.113.7',
    '127.0.0.1, 203.0.113.7',
    '203.0.113.7, 127.0.0.1',
    '2001:db8::7',
    'unknown',
    '',
  ]
  const said = [...lists.map((list) => ({ 'x-forwarded-for': list })), ...ofOthers]
  for (const headers of said) {
    for (const path of ['/dev/mailbox', '/dev/mailbox.json', '/']) {
      const answer = await server.request('GET', path, { headers })
      assert.equal(answer.status, 404, `${path} for ${JSON.stringify(headers)}`)
    }
  }
}
