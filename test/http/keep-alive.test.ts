import assert from 'node:assert/strict'
import { Agent, get, type IncomingMessage } from 'node:http'
import { describe, it } from 'node:test'
import { readConfig } from '../../src/config/read-config.ts'
import { useServer } from '../harness/harness.ts'

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

describe('a connection that nobody uses', () => {
  const usual = useServer('sqlite')
  const set = useServer('sqlite', { yaml: 'keepAlive: 2m' })
  const realms = 'realms: { main: , shop: { hosts: [shop.localhost] } }'
  const withRealms = useServer('sqlite', { env: { MANYDOORS_KEEP_ALIVE: '90s' }, yaml: realms })

  it('is kept open for longer than load balancers keep one, or as long as is set', async () => {
    assert.equal(await promisedBy(usual.url), 75)
    assert.equal(await promisedBy(set.url), 120)
    assert.equal(await promisedBy(withRealms.url), 90)
  })

  it('is set in time, within bounds', () => {
    for (const MANYDOORS_KEEP_ALIVE of ['0s', '75', '2h', 'forever'])
      assert.throws(
        () => readConfig({ MANYDOORS_KEEP_ALIVE }),
        /MANYDOORS_KEEP_ALIVE must be a time from 1s to 1h/,
      )
  })
})
