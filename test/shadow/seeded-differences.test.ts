import assert from 'node:assert/strict'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { describe, it } from 'node:test'
import { reportOf } from '../../src/shadow/report.ts'
import { send } from '../harness/harness.ts'
import { listen, startShadow } from './through-shadow.ts'

interface Given {
  status?: number
  headers?: Record<string, string | string[]>
  body?: unknown
}

/** A server that answers every request so, but for the tokens, which are its own. */
async function startFake(answer: (request: IncomingMessage) => Given) {
  const server = createServer((request, response: ServerResponse) => {
    request.resume().on('end', () => {
      const { status = 200, headers = {}, body = {} } = answer(request)
      response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...headers })
      response.end(typeof body === 'string' ? body : JSON.stringify(body))
    })
  })
  return {
    url: await listen(server),
    [Symbol.asyncDispose]: async () => void server.close().closeAllConnections(),
  }
}

const answer = {
  status: 400,
  headers: { 'cache-control': 'no-store', 'retry-after': '5', 'set-cookie': ['a=1; Path=/; HttpOnly'] },
  body: { code: 'INVALID', error: 'Invalid.', user: { _id: 'a'.repeat(24), role: 'user' }, list: [1] },
} satisfies Given

const seeded: Record<string, { fresh: Given; found: string[] }> = {
  'another status': { fresh: { ...answer, status: 401 }, found: ['status status'] },
  'a missing key': {
    fresh: { ...answer, body: { ...answer.body, user: { _id: 'b'.repeat(24) } } },
    found: ['shape /user/role'],
  },
  'a key more': { fresh: { ...answer, body: { ...answer.body, more: 1 } }, found: ['shape /more'] },
  'another text': {
    fresh: { ...answer, body: { ...answer.body, error: 'Not valid.' } },
    found: ['value /error'],
  },
  'another type': { fresh: { ...answer, body: { ...answer.body, code: 400 } }, found: ['shape /code'] },
  'an id of another form': {
    fresh: { ...answer, body: { ...answer.body, user: { ...answer.body.user, _id: 'b'.repeat(20) } } },
    found: ['value /user/_id'],
  },
  'a longer list': {
    fresh: { ...answer, body: { ...answer.body, list: [1, 2] } },
    found: ['shape /list'],
  },
  'another item of a list': {
    fresh: { ...answer, body: { ...answer.body, list: [2] } },
    found: ['value /list/*'],
  },
  'no JSON': { fresh: { ...answer, body: 'Invalid.' }, found: ['value body'] },
  'a missing header': {
    fresh: { ...answer, headers: { ...answer.headers, 'cache-control': [] } },
    found: ['header header cache-control'],
  },
  'no time to come again': {
    fresh: { ...answer, headers: { ...answer.headers, 'retry-after': [] } },
    found: ['header header retry-after'],
  },
  'a cookie that scripts can read': {
    fresh: { ...answer, headers: { ...answer.headers, 'set-cookie': ['a=1; Path=/'] } },
    found: ['header header set-cookie'],
  },
  'another content type': {
    fresh: { ...answer, headers: { ...answer.headers, 'content-type': 'application/json' } },
    found: ['header header content-type'],
  },
  'a redirect elsewhere': {
    fresh: { ...answer, headers: { ...answer.headers, location: 'https://elsewhere.example/x' } },
    found: ['header header location'],
  },
}

describe('A shadow', () => {
  for (const [name, { fresh: given, found }] of Object.entries(seeded)) {
    it(`finds ${name}`, async () => {
      await using old = await startFake(() => answer)
      await using fresh = await startFake(() => given)
      const shadow = await startShadow(old, { dialect: 'wolfpal', newUrl: fresh.url })
      await send(`${shadow.url}/auth/login`, 'POST', { json: { email: 'a@example.com', password: 'p' } })
      await shadow.idle()
      await shadow.stop()
      const [route] = reportOf(shadow.tally(), [])
      assert.equal(route?.different, 1)
      assert.deepEqual(
        route.places.map(({ kind, pointer }) => `${kind} ${pointer}`),
        found,
      )
    })
  }

  it('counts what is expected apart, and what else differs beside it as different', async () => {
    await using old = await startFake(() => answer)
    await using fresh = await startFake(() => ({
      ...answer,
      body: { ...answer.body, error: 'Other.', more: 1 },
    }))
    const shadow = await startShadow(old, { dialect: 'wolfpal', newUrl: fresh.url })
    await send(`${shadow.url}/account`, 'GET')
    await shadow.idle()
    await shadow.stop()
    const row = { route: 'GET /account', pointer: '/error', rule: 'ours says so' }
    const [one] = reportOf(shadow.tally(), [row])
    assert.deepEqual(
      [one?.expected, one?.different, one?.places.map(({ pointer }) => pointer)],
      [0, 1, ['/more']],
    )
    const [both] = reportOf(shadow.tally(), [row, { ...row, pointer: '/mo*' }])
    assert.deepEqual([both?.expected, both?.different, both?.places], [1, 0, []])
    const [other] = reportOf(shadow.tally(), [{ ...row, new: '"Nothing."' }])
    assert.equal(other?.places.length, 2)
  })

  it('tells nothing that came over the wire but words of an API', async () => {
    const token = 'opaque-token-0123456789abcdef0123'
    const jwt = `${'eyJhbGciOiJIUzI1NiJ9'}.${Buffer.from('{"sub":"person-4711"}').toString('base64url')}.c2lnbmF0dXJl`
    const echo = (side: string): Given => ({
      headers: {
        location: `https://${side}.example/${token}?code=${token}&email=ada@example.com`,
        'set-cookie': [`sid=${token}${side}; Path=/`],
      },
      body: {
        error: `Nobody is called ada.lovelace at ${side}`,
        message: `${side} knows no ada@example.com`,
        nick: `ada-${side}`,
        [`ada@example.com${side}`]: 1,
        secret: side === 'old' ? 'JBSWY3DPEHPK3PXP' : 7,
        access_token: side === 'old' ? jwt : token,
        phone: side === 'old' ? 4_791_234_567 : 'none',
      },
    })
    await using old = await startFake(() => echo('old'))
    await using fresh = await startFake(() => echo('new'))
    const shadow = await startShadow(old, { dialect: 'wolfpal', newUrl: fresh.url })
    const json = { email: 'ada@example.com', username: 'ada.lovelace', password: 'open sesame' }
    const headers = { cookie: `sid=${token}` }
    await send(`${shadow.url}/auth/login?next=${token}`, 'POST', { json, headers })
    await send(`${shadow.url}/sessions/${token}`, 'DELETE')
    await send(`${shadow.url}/account/ada@example.com`, 'GET')
    await shadow.idle()
    await shadow.stop()
    const told = JSON.stringify(shadow.tally())
    assert.match(told, /\/nick/)
    for (const secret of [
      'ada',
      'lovelace',
      'sesame',
      token,
      jwt,
      '4711',
      'JBSWY',
      '4791234567',
      'sid=opaque',
    ])
      assert.ok(!told.includes(secret), `${secret} in ${told}`)
  })
})
