import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { openRaw, readAnswers } from '../abuse/raw-connection.ts'
import { assertRefused } from '../contract/refusals.ts'
import { statusesOf } from '../contract/support.ts'
import { adapters } from '../dialects/adapters.ts'
import { app } from '../dialects/vastly/door.ts'
import { useServer } from '../harness/harness.ts'

// No database is asked before a request is whole.
describe('a request that does not come to its end', () => {
  const server = useServer('sqlite', { requestTimeoutMs: 1000 })

  /** The one answer on a connection of its own, which the server ends. */
  const answerTo = async (said: string) => {
    const connection = await openRaw(server.url)
    try {
      await connection.say(said)
      const [answer, ...more] = readAnswers(await connection.ended())
      assert.ok(answer)
      assert.deepEqual(more, [])
      return answer
    } finally {
      connection.close()
    }
  }

  it("is refused in the words of the dialect that is meant, when it is the body that's slow", async () => {
    const targets = adapters.flatMap((dialect) => {
      const route = dialect.routes.find(({ method, path }) => method === 'POST' && !path.includes(':'))
      assert.ok(route)
      return [`${dialect.prefixes[0]}/no-such-thing`, route.path].map((target) => ({ dialect, target }))
    })
    const checks = targets.map(async ({ dialect, target }) => {
      const head = `POST ${target} HTTP/1.1\r\nHost: x\r\nclient_id: ${app.id}\r\nOrigin: ${app.origin}\r\n`
      const type = 'Content-Type: application/json\r\n'
      for (const body of [
        'Content-Length: 100\r\n\r\n{"email":',
        'Transfer-Encoding: chunked\r\n\r\n5\r\n{"e',
      ]) {
        const answer = await answerTo(head + type + body)
        assertRefused(dialect, answer, statusesOf(dialect).tooSlow)
        assert.equal(answer.headers.get('connection'), 'close')
        assert.equal(answer.headers.get('x-content-type-options'), 'nosniff')
      }
    })
    await Promise.all(checks)
  })

  it('is refused in plain words when its headers are slow', async () => {
    const said = ['POST /api/co/auth/sign-in HTTP/1.1\r\nHost: x\r\nX-Slow', 'GE', 'GET /auth']
    for (const { status, body } of await Promise.all(said.map(answerTo))) {
      assert.equal(status, 408)
      assert.deepEqual(body, { error: 'request_timeout' })
    }
  })

  it('is refused on a connection that has served others', async () => {
    const connection = await openRaw(server.url)
    try {
      await connection.say('GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n')
      await connection.hears('"ok"')
      await connection.say('GET /healthz HTTP/1.1\r\nHost')
      const answers = readAnswers(await connection.ended())
      assert.deepEqual(
        answers.map(({ status }) => status),
        [200, 408],
      )
    } finally {
      connection.close()
    }
  })

  it('holds up nobody else, and leaves no trace of a fault', async () => {
    const slow = await Promise.all(Array.from({ length: 100 }, () => openRaw(server.url)))
    try {
      for (const connection of slow) await connection.say('POST /auth/signin HTTP/1.1\r\nHost: x\r\n')
      assert.equal((await server.request('GET', '/healthz')).status, 200)
      for (const connection of slow) assert.match(await connection.ended(), /^HTTP\/1\.1 408 /)
    } finally {
      for (const connection of slow) connection.close()
    }
    assert.deepEqual(
      server.log.filter(({ level }) => Number(level) >= 50),
      [],
    )
  })
})
