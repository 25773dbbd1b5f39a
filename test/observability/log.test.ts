import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { minbil, register } from '../harness/doors.ts'
import { freshEmail, startTestServer, useServer } from '../harness/harness.ts'
import { linesOf } from '../harness/log-lines.ts'

const uuid = /^[\da-f]{8}-[\da-f]{4}-7[\da-f]{3}-[\da-f]{4}-[\da-f]{12}$/

describe('the log', () => {
  const server = useServer('sqlite')
  const linesOf = (requestId: string | null) => server.log.filter((line) => line.requestId === requestId)

  it('has one line for each event, by which the request is found, and none for the request', async () => {
    const person = await register(server)
    const right = await minbil.signIn(server, person)
    const wrong = await minbil.signIn(server, { ...person, password: 'wrong password' })
    const outcomes = [right, wrong].map(({ headers }) =>
      linesOf(headers.get('x-request-id')).map(({ msg, outcome, realm, dialect }) => [
        msg,
        outcome,
        realm,
        dialect,
      ]),
    )
    assert.deepEqual(outcomes, [
      [['sign_in', 'success', 'main', 'minbil']],
      [['sign_in', 'refused', 'main', 'minbil']],
    ])
    assert.ok(server.log.every(({ msg }) => msg !== 'request'))
  })
})

describe('the log of jobs that fail', () => {
  it('names the job and the request that caused it', async () => {
    const server = await startTestServer('sqlite', { env: { SMTP_URL: 'smtp://127.0.0.1:1' } })
    try {
      const asked = await server.request('POST', '/auth/verification-mail', { json: { email: freshEmail() } })
      const [line] = await linesOf(server, ({ msg }) => msg === 'job failed, will be retried')
      assert.equal(line?.requestId, asked.headers.get('x-request-id'))
      assert.match(String(line?.requestId), uuid)
      assert.deepEqual([line?.realm, line?.kind, line?.attempts], ['main', 'verify-email-mail', 1])
      assert.match(String(line?.job), uuid)
    } finally {
      await server.close()
    }
  })
})

describe('the log of requests', () => {
  it('has a line for each, when that is wanted, and nothing of what was asked for', async () => {
    const server = await startTestServer('sqlite', { env: { MANYDOORS_LOG_REQUESTS: 'true' } })
    try {
      const found = await server.request('POST', '/api/co/auth/sign-in?token=a-secret', { json: {} })
      const lost = await server.request('GET', '/nowhere/a-secret?token=a-secret')
      // Written when an answer has gone, which may be after it has come.
      const [first, second] = await Promise.all(
        [found, lost].map(({ headers }) => {
          const id = headers.get('x-request-id')
          return linesOf(server, ({ requestId, msg }) => requestId === id && msg === 'request')
        }),
      )
      assert.deepEqual([first?.length, second?.length], [1, 1])
      const { requestId, ms, time, level, ...said } = first?.[0] ?? {}
      assert.deepEqual(said, {
        msg: 'request',
        realm: 'main',
        dialect: 'minbil',
        method: 'POST',
        route: '/api/co/auth/sign-in',
        status: 400,
        outcome: 'validation_failed',
      })
      assert.ok(Number(ms) >= 0 && Number(time) > 0 && level === 30)
      const { method, route, status, outcome } = second?.[0] ?? {}
      assert.deepEqual([method, route, status, outcome], ['GET', undefined, 404, 'route_not_found'])
      assert.doesNotMatch(JSON.stringify(server.log), /a-secret/)
    } finally {
      await server.close()
    }
  })
})

describe('the id of a request', () => {
  const ours = 'edge-7/01HZX.request:42'

  it('is that of a trusted proxy, when it is well-formed', async () => {
    const server = await startTestServer('sqlite', {
      env: { MANYDOORS_TRUSTED_PROXIES: '10.0.0.0/8,127.0.0.1,::1', LOG_LEVEL: 'info' },
    })
    try {
      const idFor = async (given: string) => {
        const headers = { 'x-request-id': given }
        const person = { email: freshEmail(), password: 'wrong password' }
        const { headers: answered } = await server.request('POST', '/api/co/auth/sign-in', {
          json: person,
          headers,
        })
        const id = answered.get('x-request-id')
        assert.equal(server.log.filter(({ requestId }) => requestId === id).length, 1)
        return id ?? ''
      }
      assert.equal(await idFor(ours), ours)
      for (const given of ['', ' ', 'two words', 'quote"', '<b>', '{}', 'ä', 'x'.repeat(129), 'a,b'])
        assert.match(await idFor(given), uuid)
      assert.equal(await idFor('x'.repeat(128)), 'x'.repeat(128))
    } finally {
      await server.close()
    }
  })

  it('is never that of anybody else', async () => {
    for (const proxies of ['', '10.0.0.0/8']) {
      const server = await startTestServer('sqlite', { env: { MANYDOORS_TRUSTED_PROXIES: proxies } })
      try {
        const { headers } = await server.request('GET', '/healthz', { headers: { 'x-request-id': ours } })
        assert.match(headers.get('x-request-id') ?? '', uuid)
      } finally {
        await server.close()
      }
    }
  })
})
