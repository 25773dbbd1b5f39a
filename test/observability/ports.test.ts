import assert from 'node:assert/strict'
import { createServer } from 'node:net'
import { availableParallelism } from 'node:os'
import { describe, it } from 'node:test'
import { getAsHost } from '../harness/as-host.ts'
import { eventually } from '../harness/events.ts'
import { createData, noPostgres, send, startTestServer } from '../harness/harness.ts'
import { sampleKey } from '../harness/master-keys.ts'
import { startProgram } from '../harness/program.ts'
import { ofOthers } from '../http/of-others.ts'
import { scrape } from './scrape.ts'

const production = {
  NODE_ENV: 'production',
  MANYDOORS_PUBLIC_URL: 'https://auth.example.com',
  MANYDOORS_SECRET: sampleKey(7).toString('base64'),
}

describe('metrics in production', () => {
  it('are on a port of their own, and never on the public one', async () => {
    const server = await startTestServer('sqlite', { env: { ...production, MANYDOORS_METRICS_PORT: '0' } })
    try {
      const own = server.metricsUrl
      await server.request('GET', '/healthz')
      const { one } = await scrape(own)
      const labels = { realm: 'main', dialect: 'none', method: 'GET', route: '/healthz', outcome: 'ok' }
      assert.equal(one('manydoors_requests_total', labels), 1)

      const onPublic = await server.request('GET', '/metrics')
      assert.deepEqual([onPublic.status, onPublic.body], [404, { error: 'route_not_found' }])
      for (const [method, path] of [
        ['GET', '/'],
        ['GET', '/healthz'],
        ['POST', '/metrics'],
        ['POST', '/api/co/auth/sign-in'],
        ['GET', '/metrics/x'],
      ] as const)
        assert.equal((await send(`${own}${path}`, method)).status, 404, path)
    } finally {
      await server.close()
    }
  })

  it('are nowhere when they are switched off', async () => {
    const server = await startTestServer('sqlite', { env: { ...production, MANYDOORS_METRICS_PORT: 'off' } })
    try {
      assert.equal((await server.request('GET', '/metrics')).status, 404)
    } finally {
      await server.close()
    }
  })

  it('keep no server from starting, unless that port was asked for', async () => {
    const occupant = createServer()
    await new Promise<void>((listening) => occupant.listen(0, '127.0.0.1', listening))
    const { port } = occupant.address() as { port: number }
    try {
      const env = { ...production, MANYDOORS_METRICS_PORT: String(port) }
      await assert.rejects(startTestServer('sqlite', { env }), new RegExp(`EADDRINUSE.*${port}`))
    } finally {
      occupant.close()
    }
  })

  it('are not served where the default port is taken, and the start says so', async () => {
    const occupant = createServer()
    const isOurs = await new Promise<boolean>((settled) => {
      occupant.once('error', () => settled(false))
      occupant.listen(9464, '127.0.0.1', () => settled(true))
    })
    const data = await createData('sqlite')
    const program = await startProgram({ ...production, ...data.env })
    try {
      assert.equal((await program.request('GET', '/healthz')).status, 200)
    } finally {
      const { stdout } = await program.stop()
      occupant.close()
      await data.drop()
      // Whoever else has the port may let go of it at any time.
      if (isOurs)
        assert.match(stdout, /^ {2}metrics {3}not served, as 127\.0\.0\.1:9464 cannot be had \(EADDRINUSE\)/m)
    }
  })

  it('refuse the start with an invalid port', async () => {
    await assert.rejects(
      startTestServer('sqlite', { env: { MANYDOORS_METRICS_PORT: 'on', MANYDOORS_LOG_REQUESTS: 'maybe' } }),
      /MANYDOORS_LOG_REQUESTS must be true or false\n.*MANYDOORS_METRICS_PORT must be a port number, or off/,
    )
  })
})

describe('metrics in development', () => {
  it('are shown to callers of this machine, and to nobody whom a proxy speaks for', async () => {
    for (const proxies of ['', '127.0.0.1']) {
      const server = await startTestServer('sqlite', { env: { MANYDOORS_TRUSTED_PROXIES: proxies } })
      try {
        assert.ok((await scrape(server.url)).names.has('manydoors_requests_total'))
        for (const headers of ofOthers) {
          const far = await server.request('GET', '/metrics', { headers })
          assert.deepEqual(
            [far.status, far.body],
            [404, { error: 'route_not_found' }],
            JSON.stringify(headers),
          )
        }
      } finally {
        await server.close()
      }
    }
  })
})

describe('metrics in development, asked for under another name', () => {
  it('are not shown to a page elsewhere whose name points here', async () => {
    const server = await startTestServer('sqlite')
    try {
      for (const host of ['localhost', '127.0.0.1:5000', '[::1]:5000', 'auth.localhost'])
        assert.equal((await getAsHost(`${server.url}/metrics`, host)).status, 200, host)
      for (const host of ['evil.example', 'localhost.evil.example', '127.0.0.1.evil.example', '203.0.113.7'])
        assert.equal((await getAsHost(`${server.url}/metrics`, host)).status, 404, host)
    } finally {
      await server.close()
    }
  })
})

describe('metrics of several workers', { skip: noPostgres }, () => {
  const skip = availableParallelism() < 2 && 'there is one core, and so one worker'

  it('are added up in one scrape', { skip }, async () => {
    const data = await createData('postgres')
    const env = { ...data.env, LOG_LEVEL: 'info', MANYDOORS_METRICS_PORT: '0' }
    const program = await startProgram(env, ['serve', '--workers', '2'])
    try {
      const own = await eventually('the port of the metrics', async () => {
        const [, url] = /^ {2}metrics {3}(http:\/\/127\.0\.0\.1:\d+)\/metrics$/m.exec(program.output()) ?? []
        return url
      })
      const requests = 40
      for (let count = 0; count < requests; count++) {
        // A connection each, so that both workers get some.
        await program.request('GET', '/healthz', { headers: { connection: 'close' } })
      }
      const now = await eventually('the last of the requests', async () => {
        const now = await scrape(own)
        return now.sum('manydoors_requests_total', { route: '/healthz' }) >= requests ? now : undefined
      })
      assert.equal(now.sum('manydoors_requests_total', { route: '/healthz' }), requests)
      assert.equal(now.one('manydoors_build_info'), 1)
      assert.equal(now.one('manydoors_database_up'), 1)
      assert.equal(now.one('manydoors_jobs_waiting'), 0)
      assert.ok(now.one('manydoors_database_pool_connections', { state: 'total' }) >= 2)
    } finally {
      await program.stop()
      await data.drop()
    }
  })
})
