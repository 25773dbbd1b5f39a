import assert from 'node:assert/strict'
import { once } from 'node:events'
import { Agent, get, type IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import { describe, it } from 'node:test'
import { readConfig } from '../../src/config/read-config.ts'
import { startTestServer, useServer } from '../harness/harness.ts'

/** What a server says of how long it keeps a connection, in seconds. */
function promisedBy(url: string): Promise<number> {
  const agent = new Agent({ keepAlive: true })
  return new Promise((resolve, reject) => {
    get(`${url}/healthz`, { agent }, (answer: IncomingMessage) => {
      answer.resume().once('end', () => {
        agent.destroy()
        resolve(Number(/timeout=(\d+)/.exec(String(answer.headers['keep-alive']))?.[1]))
      })
    }).once('error', reject)
  })
}

describe('an idle connection', () => {
  const byDefault = useServer('sqlite')
  const set = useServer('sqlite', { yaml: 'keepAlive: 2m' })
  const realms = 'realms: { main: , shop: { hosts: [shop.localhost] } }'
  const withRealms = useServer('sqlite', { env: { MANYDOORS_KEEP_ALIVE: '90s' }, yaml: realms })

  it('is kept open for longer than load balancers do, or as configured', async () => {
    assert.equal(await promisedBy(byDefault.url), 75)
    assert.equal(await promisedBy(set.url), 120)
    assert.equal(await promisedBy(withRealms.url), 90)
  })

  it('has a configured timeout within bounds', () => {
    for (const MANYDOORS_KEEP_ALIVE of ['0s', '75', '2h', 'forever'])
      assert.throws(
        () => readConfig({ MANYDOORS_KEEP_ALIVE }),
        /MANYDOORS_KEEP_ALIVE must be a time from 1s to 1h/,
      )
  })
})

describe('a connection without a complete request', () => {
  for (const [what, sent] of Object.entries({ silent: '', half: 'GET /healthz HTTP/1.1\r\nHost: x' }))
    it(`is closed by a stop, and hardly delays it, when it is ${what}`, async () => {
      const server = await startTestServer('sqlite')
      const socket = connect(Number(new URL(server.url).port), '127.0.0.1')
      await once(socket, 'connect')
      socket.write(sent)
      // Answered on another connection, so the server has accepted the one before.
      assert.equal((await server.request('GET', '/healthz')).status, 200)
      const gone = once(socket.on('error', () => {}).resume(), 'close')
      const start = performance.now()
      await server.close()
      await gone
      assert.ok(performance.now() - start < 10_000, 'less than a third of the time that a request may take')
    })
})
