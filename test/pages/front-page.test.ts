import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { getAsHost } from '../harness/as-host.ts'
import { startTestServer, useServer } from '../harness/harness.ts'
import { sampleKey } from '../harness/master-keys.ts'
import { plainBrowser } from './jar.ts'

describe('the front page', () => {
  const server = useServer('sqlite')

  it('lists the doors and what to do next, in development', async () => {
    const page = await server.request('GET', '/')
    assert.equal(page.status, 200)
    assert.equal(page.headers.get('content-type'), 'text/html; charset=utf-8')
    assert.match(page.headers.get('content-security-policy') ?? '', /default-src 'none'/)
    for (const [door, prefix] of [
      ['minbil', '/api/co/auth'],
      ['credebl', '/auth'],
      ['credebl', '/v1/auth'],
    ])
      assert.match(page.text, new RegExp(`<dt>${door}</dt><dd>.*<code>${prefix}/…</code>`))
    assert.ok(page.text.includes(`${server.url}/api/co/auth/sign-up`))
    assert.match(page.text, /href="\/dev\/mailbox"/)
    assert.match(page.text, /href="\/ui\/account"/)
    assert.doesNotMatch(page.text, /<script(?! src="\/ui\/assets\/)/)
  })

  it('has no dead link', async () => {
    const browser = plainBrowser(server)
    const { text } = await browser.open('/')
    const links = [...text.matchAll(/(?:href|src)="(\/[^"]*)"/g)].map(([, link = '']) => link)
    assert.ok(links.length >= 3)
    for (const link of links) assert.equal((await browser.open(link)).status, 200, link)
  })

  it('is absent for another name of this machine', async () => {
    const answer = await getAsHost(`${server.url}/`, 'evil.example"><script>')
    assert.ok([400, 404].includes(answer.status))
    assert.ok(!answer.text.includes('evil'))
  })

  it('is absent in production', async () => {
    const production = await startTestServer('sqlite', {
      env: {
        NODE_ENV: 'production',
        MANYDOORS_SECRET: sampleKey(7).toString('base64'),
        MANYDOORS_PUBLIC_URL: 'https://auth.example.com',
      },
    })
    try {
      const answer = await production.request('GET', '/')
      assert.equal(answer.status, 404)
      assert.deepEqual(answer.body, { error: 'route_not_found' })
      assert.equal((await production.request('GET', '/ui/style.css')).status, 200)
    } finally {
      await production.close()
    }
  })
})
