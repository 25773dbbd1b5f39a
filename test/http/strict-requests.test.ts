import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { sayRaw } from '../abuse/raw-connection.ts'
import { assertRefused } from '../contract/refusals.ts'
import { minbil } from '../dialects/minbil/adapter.ts'
import { app, headersOf } from '../dialects/vastly/door.ts'
import { type Answer, useServer } from '../harness/harness.ts'

const path = '/api/co/auth/no-such-thing'

async function answerTo(url: string, ...lines: string[]): Promise<Answer> {
  const said = [...lines, 'Connection: close', '', ''].join('\r\n')
  const [answer, ...more] = await sayRaw(url, Buffer.from(said, 'latin1'))
  assert.ok(answer, said)
  assert.deepEqual(more, [], said)
  return answer
}

// No database is asked.
describe('an ambiguous request', () => {
  const server = useServer('sqlite')
  const refused = async (...lines: string[]) =>
    assertRefused(minbil, await answerTo(server.url, ...lines), 400)

  it('is refused when its target names another host than its header', async () => {
    for (const [target, host] of [
      ['http://a', 'b'],
      ['http://a:81', 'a'],
      ['http://a:81', 'a:82'],
      ['https://a', 'a:80'],
      ['http://a.b', 'a'],
      ['HTTP://a', 'b'],
      ['http://x@a', 'a'],
      ['http://', 'a'],
      ['http://[::1]', '[::2]'],
      ['ftp://b', 'a'],
    ])
      for (const method of ['GET', 'POST', 'OPTIONS', 'PATCH'])
        await refused(`${method} ${target}${path} HTTP/1.1`, `Host: ${host}`)
    const { status, text } = await answerTo(server.url, `HEAD http://a${path} HTTP/1.1`, 'Host: b')
    assert.deepEqual([status, text], [400, ''])
  })

  it('is served when its target names the same host in another spelling', async () => {
    for (const [target, host] of [
      ['http://a', 'a'],
      ['http://A.example', 'a.EXAMPLE.'],
      ['http://a:80', 'a'],
      ['http://a', 'a:80'],
      ['https://a', 'a:443'],
      ['http://a:5000', 'a:5000'],
      ['http://[::1]:80', '[::1]'],
    ]) {
      const answer = await answerTo(server.url, `GET ${target}/healthz HTTP/1.1`, `Host: ${host}`)
      assert.equal(answer.status, 200, `${target} ${host}`)
    }
    assert.equal((await answerTo(server.url, 'GET http://a/healthz HTTP/1.0')).status, 200)
    assert.equal((await answerTo(server.url, 'OPTIONS * HTTP/1.1', 'Host: a')).status, 404)
  })

  it('is refused when its host is malformed', async () => {
    for (const host of ['a, b', 'a b', 'a/b', 'b@a', '[::1', 'a:b', 'a:1:2', '\u00e9', 'a?b', 'a#b', 'a\\b'])
      await refused(`GET ${path} HTTP/1.1`, `Host: ${host}`)
  })

  it('is refused when a second host follows very many headers', async () => {
    const many = Array<string>(3000).fill('a:b')
    await refused(`GET ${path} HTTP/1.1`, 'Host: a', ...many, 'Host: b')
  })

  it('is refused when it has two lengths, or a length and chunks', async () => {
    const line = `POST ${path} HTTP/1.1`
    await refused(line, 'Host: a', 'Content-Length: 0', 'Content-Length: 1')
    await refused(line, 'Host: a', 'Content-Length: 0, 0')
    await refused(line, 'Host: a', 'Transfer-Encoding: chunked', 'Content-Length: 0')
  })

  it('is refused when its body has a transfer coding', async () => {
    const head = [`POST ${path} HTTP/1.1`, 'Host: a', 'Content-Type: application/json']
    const said = [
      ...head,
      'Transfer-Encoding: gzip, chunked',
      'Connection: close',
      '',
      '2',
      '{}',
      '0',
      '',
      '',
    ].join('\r\n')
    const [answer] = await sayRaw(server.url, said)
    assert.ok(answer)
    assertRefused(minbil, answer, 415)
  })

  it('is refused by a page, too, and in plain words where no door is meant', async () => {
    for (const target of ['/ui/sign-in', '/ui/sign-in?a=%FF', '/ui/%FF', '/ui/sign-in?%']) {
      const answer = await answerTo(
        server.url,
        `GET ${target} HTTP/1.1`,
        'Host: a',
        'Authorization: a',
        'Authorization: b',
      )
      assert.equal(answer.status, 400, target)
      assert.equal(answer.headers.get('content-type'), 'text/html; charset=utf-8', target)
    }
    for (const target of ['/healthz', '/nope', '/.well-known/jwks.json']) {
      const answer = await answerTo(server.url, `GET ${target} HTTP/1.1`, 'Host: a', 'Host: b')
      assert.equal(answer.status, 400, target)
      assert.deepEqual(answer.body, { error: 'bad_request' })
    }
  })

  it('is refused by a page when its form is in another charset', async () => {
    const type = 'application/x-www-form-urlencoded'
    for (const [raw, contentType, coding, status] of [
      ['form=x&identifier=a&password=%EF%E0%F0', type, 'identity', 400],
      ['form=x&identifier=a&password=p', `${type}; charset=windows-1251`, 'identity', 415],
      ['form=x&identifier=a&password=p', type, 'gzip', 415],
    ] as const) {
      const headers = { 'content-type': contentType, 'content-encoding': coding }
      for (const path of ['/ui/sign-in', '/ui/reset-password', '/ui/verify-email', '/ui/forgot-password']) {
        const answer = await server.request('POST', path, { raw, headers })
        assert.equal(answer.status, status, path)
        assert.match(answer.text, /^<!doctype html>/)
        assert.equal(answer.headers.get('accept-encoding'), status === 415 ? 'identity' : null)
      }
    }
  })
})

describe('an unreadable request', () => {
  const server = useServer('sqlite')
  const json = 'application/json'
  const form = 'application/x-www-form-urlencoded'
  const cases: [said: string, headers: Record<string, string>, raw: string | Buffer][] = [
    ['The request is not valid UTF-8', { 'content-type': json }, Buffer.from('"\u00ff"', 'latin1')],
    ['Send the request in UTF-8', { 'content-type': `${form}; charset=latin1` }, 'a=b'],
    [
      'Send the request without a Content-Encoding',
      { 'content-type': json, 'content-encoding': 'gzip' },
      'x',
    ],
    ['The request has too many fields', { 'content-type': form }, 'a&'.repeat(1001)],
    ...['multipart/form-data; boundary=x', 'text/plain;charset=UTF-8'].map(
      (type): [string, Record<string, string>, string] => [
        'Send application/json or application/x-www-form-urlencoded',
        { 'content-type': type },
        'x',
      ],
    ),
    ['The request is not valid JSON', { 'content-type': json }, '{'],
    ['The request is not valid UTF-8', { 'content-type': json }, Buffer.from('{"a":"b"}', 'utf16le')],
    [
      'The request is not valid UTF-8',
      { 'content-type': json },
      Buffer.from('{"a":"b"}', 'utf16le').swap16(),
    ],
    ['The request names a field twice', { 'content-type': json }, '{"email":"a","email":"b"}'],
    ['The request could not be read', { 'content-type': json }, '[]'],
  ]

  for (const [name, path, textOf, stop] of [
    ['minbil', '/api/co/auth/sign-in', ({ message }) => message, '.'],
    ['credebl', '/auth/signin', ({ message }) => message, ''],
    ['vastly', '/api/v1/auth/login', ({ message }) => message, ''],
    ['wolfpal', '/api/auth/login', ({ error }) => error, '.'],
    ['pm2', '/api/oauth/token', ({ error_description }) => error_description, '.'],
  ] as [string, string, (body: Answer['body']) => string, string][]) {
    it(`is refused with the reason by ${name}`, async () => {
      for (const [said, headers, raw] of cases) {
        const { body, text } = await server.request('POST', path, {
          raw,
          headers: { ...headersOf(app), ...headers },
        })
        assert.equal(textOf(body), `${said}${stop}`, text)
      }
    })
  }
})

describe('a request to one of several realms', () => {
  const server = useServer('sqlite', {
    yaml: `
realms:
  main: { dialects: { minbil: } }
  shop: { hosts: [shop.localhost], dialects: { wolfpal: } }
`,
  })
  const statusOf = async (...lines: string[]) => (await answerTo(server.url, ...lines)).status
  const ofShop = 'Content-Length: 0'

  it('goes to the realm of its target, where its host agrees', async () => {
    const line = 'POST http://shop.localhost/auth/login HTTP/1.1'
    assert.equal(await statusOf(line, 'Host: shop.localhost', ofShop), 400)
    assert.equal(await statusOf('POST http://localhost/auth/login HTTP/1.1', 'Host: localhost', ofShop), 404)
    const { body } = await answerTo(server.url, 'POST http://shop.localhost/auth/login HTTP/1.0', ofShop)
    assert.ok(body.codes.password, JSON.stringify(body))
  })

  it('goes to neither when it names both', async () => {
    for (const [target, host] of [
      ['http://shop.localhost', 'localhost'],
      ['http://localhost', 'shop.localhost'],
    ])
      for (const path of ['/auth/login', '/api/co/auth/sign-in', '/healthz', '/.well-known/jwks.json'])
        for (const method of ['GET', 'POST', 'HEAD', 'OPTIONS'])
          assert.equal(await statusOf(`${method} ${target}${path} HTTP/1.1`, `Host: ${host}`), 400, path)
    for (const [first, second] of [
      ['shop.localhost', 'localhost'],
      ['localhost', 'shop.localhost'],
    ])
      assert.equal(await statusOf('GET /healthz HTTP/1.1', `Host: ${first}`, `Host: ${second}`), 400)
  })
})

describe('a request to realms that all have hosts', () => {
  const server = useServer('sqlite', {
    yaml: 'realms: { one: { hosts: [one.localhost] }, two: { hosts: [two.localhost] } }',
  })

  it('is refused when it names an unknown host besides another', async () => {
    for (const lines of [
      ['GET /.well-known/jwks.json HTTP/1.1', 'Host: three.localhost', 'Host: one.localhost'],
      ['GET http://three.localhost/healthz HTTP/1.1', 'Host: one.localhost'],
      ['GET http://one.localhost/healthz HTTP/1.1', 'Host: three.localhost'],
    ]) {
      const answer = await answerTo(server.url, ...lines)
      assert.equal(answer.status, 400, lines.join())
      assert.deepEqual(answer.body, { error: 'bad_request' })
    }
  })
})
