import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createMetrics } from '../../src/observability/metrics.ts'
import { minbil, register } from '../harness/doors.ts'
import { bring, useSwitch } from '../harness/old-server.ts'
import { oldServerAt, upstreamOf } from '../upstream/ask.ts'
import { type FakeServer, sendJson, useFakeServer } from '../upstream/fake-server.ts'
import { readMetrics, type Scrape, scrape } from './scrape.ts'

const door = { realm: 'main', dialect: 'minbil' }
const question = { identifier: { email: 'ada@example.com' }, password: 'a secret password' }
const right = { access_token: 'a', refresh_token: 'r', user: { id: '7', email: 'ada@example.com' } }

describe('a server with an old one', () => {
  const servers = useSwitch('sqlite')

  it('counts what its sign-ins ask, by realm and door', async () => {
    const person = await register(servers.old)
    await bring(servers.next, { email: person.email, pending: 'minbil' })
    await minbil.signIn(servers.next, { ...person, password: 'not the password' })
    minbil.tokensOf(await minbil.signIn(servers.next, person))
    // Is known here by now.
    minbil.tokensOf(await minbil.signIn(servers.next, person))
    const found = await scrape(servers.next.url)
    const asks = (outcome: string) => found.sum('manydoors_old_server_asks_total', { ...door, outcome })
    assert.deepEqual([asks('wrong'), asks('right'), asks('busy')], [1, 1, 0])
    assert.equal(found.one('manydoors_old_server_duration_seconds_count', door), 2)
    assert.equal(found.one('manydoors_old_server_resting', door), 0)
    assert.equal(found.one('manydoors_old_server_waiting', { ...door, dialect: 'pm2' }), 0)
  })
})

describe('metrics of an old server', () => {
  const fake = useFakeServer()

  /** Asks as often as it is told what the old server answers, one after the other. */
  async function asked(...answers: FakeServer['answer'][]): Promise<Scrape> {
    const metrics = createMetrics('sqlite', 1)
    const observer = metrics.observers.oldServer(door)
    const oldServer = oldServerAt(fake.origin, upstreamOf('minbil'), { observer })
    for (const answer of answers) {
      fake.answer = answer
      await oldServer.checkPassword(question)
    }
    await oldServer.close()
    return readMetrics(await metrics.text())
  }

  it('count what came of each question, and time those that it has answered', async () => {
    const found = await asked(
      (response, { path }) => sendJson(response, 200, path.endsWith('/sign-in') ? right : {}),
      (response) => sendJson(response, 401, { code: 'invalid_credentials' }),
      (response) => sendJson(response, 401, { code: 'invalid_credentials' }),
      (response) => response.writeHead(429, { 'retry-after': '7' }).end(),
      (response) => response.writeHead(302, { location: 'http://169.254.169.254/' }).end(),
    )
    const counts = found.samples
      .filter(({ name }) => name === 'manydoors_old_server_asks_total')
      .map(({ labels, value }) => [labels, value])
    assert.deepEqual(counts, [
      [{ ...door, outcome: 'right' }, 1],
      [{ ...door, outcome: 'wrong' }, 2],
      [{ ...door, outcome: 'busy' }, 1],
      [{ ...door, outcome: 'redirected' }, 1],
    ])
    assert.equal(found.one('manydoors_old_server_duration_seconds_count', door), 4)
    assert.equal(found.sum('manydoors_old_server_sign_outs_total', door), 1)
    assert.equal(found.one('manydoors_old_server_resting', door), 0)
    assert.doesNotMatch(found.text, /ada@|secret/)
  })

  it('say that it is left alone once it has failed too often', async () => {
    const fail: FakeServer['answer'] = (response) => response.writeHead(500).end()
    const found = await asked(fail, fail, fail, fail, fail, fail)
    assert.equal(found.one('manydoors_old_server_resting', door), 1)
    const asks = (outcome: string) => found.one('manydoors_old_server_asks_total', { ...door, outcome })
    assert.deepEqual([asks('server_error'), asks('resting')], [5, 1])
    assert.equal(found.one('manydoors_old_server_duration_seconds_count', door), 5)
  })
})
