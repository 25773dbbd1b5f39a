import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { openConnection } from '../harness/connection.ts'
import { useServer } from '../harness/harness.ts'
import { sendAs } from './at-host.ts'

const credentials = { json: { email: 'ada@example.com', password: '12345678' } }

describe('a request', () => {
  const server = useServer('sqlite', {
    yaml: `
realms:
  main: { dialects: { minbil: } }
  shop: { hosts: [shop.localhost, '[::1]'], dialects: { wolfpal: } }
`,
  })
  const statusAs = async (host: string, path = '/auth/login') =>
    (await sendAs(host, `${server.url}${path}`, 'POST', { json: {} })).status

  it('goes to the realm that has the host it names, in any case and at any port', async () => {
    for (const host of ['shop.localhost', 'SHOP.localhost:443', 'shop.localhost.', '[::1]', '[::1]:5000'])
      assert.equal(await statusAs(host), 400, host)
  })

  it('goes to the realm without hosts when it names another, or none', async () => {
    for (const host of ['localhost', 'shop.localhost.example.com', 'my.shop.localhost', 'x', 'shop'])
      assert.equal(await statusAs(host), 404, host)
    assert.equal(await statusAs('localhost', '/api/co/auth/sign-in'), 400)
    assert.equal(await statusAs('shop.localhost', '/api/co/auth/sign-in'), 404)
  })

  it('finds no door that its realm does not have, and is answered in plain words', async () => {
    const { status, body } = await sendAs('localhost', `${server.url}/auth/login`, 'POST', credentials)
    assert.equal(status, 404)
    assert.deepEqual(body, { error: 'route_not_found' })
  })

  it('is answered with the security headers of its realm', async () => {
    const answer = await sendAs('shop.localhost', `${server.url}/auth/login`, 'POST', { json: {} })
    assert.equal(answer.headers.get('x-content-type-options'), 'nosniff')
    assert.ok(answer.headers.get('x-request-id'))
  })

  it('is refused in the words of its realm when malformed', async () => {
    const raw = Buffer.alloc(70 * 1024, ' ')
    const headers = { 'content-type': 'application/json' }
    const tooLong = await sendAs('shop.localhost', `${server.url}/auth/login`, 'POST', { raw, headers })
    assert.equal(tooLong.status, 413)
    assert.ok(tooLong.body.code, tooLong.text)
  })
})

const head = (host: string, path: string, length: number) =>
  [
    `POST ${path} HTTP/1.1`,
    `Host: ${host}`,
    'Content-Type: application/json',
    `Content-Length: ${length}`,
    '\r\n',
  ].join('\r\n')

const twoRealms = `
realms:
  main: { dialects: { minbil: } }
  shop: { hosts: [shop.localhost], dialects: { minbil: , wolfpal: } }
`

describe('a connection', () => {
  const server = useServer('sqlite', { yaml: twoRealms })

  it('may serve one realm and then the other', async () => {
    const connection = await openConnection(server.url)
    const statusAs = async (host: string) => {
      connection.write(`${head(host, '/auth/login', 2)}{}`)
      return /^HTTP\/1.1 (\d+)/.exec(await connection.answer())?.[1]
    }
    assert.equal(await statusAs('localhost'), '404')
    assert.equal(await statusAs('shop.localhost'), '400')
    assert.equal(await statusAs('localhost'), '404')
  })

  it('whose headers are too many is answered, and the next one is served', async () => {
    const connection = await openConnection(server.url)
    const many = `X-Many: ${'x'.repeat(20_000)}\r\n`
    connection.write(`POST /api/co/auth/sign-in HTTP/1.1\r\nHost: shop.localhost\r\n${many}\r\n`)
    assert.match(await connection.answer(), /^HTTP\/1.1 431 /)
    assert.equal((await sendAs('shop.localhost', `${server.url}/healthz`, 'GET')).status, 200)
  })
})

describe('a connection', () => {
  const server = useServer('sqlite', { yaml: twoRealms, requestTimeoutMs: 1000 })

  it('that stalls is answered in the words of its door', async () => {
    const connection = await openConnection(server.url)
    connection.write(`${head('shop.localhost', '/auth/login', 100)}{"email":`)
    const answer = await connection.answer()
    assert.match(answer, /^HTTP\/1.1 408 /)
    assert.match(answer, /\r\n\r\n\{"code":408,"error":"/)
  })
})

describe('a request at a server whose realms all have hosts', () => {
  const server = useServer('sqlite', {
    yaml: `
realms:
  one: { hosts: [one.localhost] }
  two: { hosts: [two.localhost] }
`,
  })

  it('is answered 421 when it names another host', async () => {
    for (const path of ['/api/co/auth/sign-in', '/.well-known/jwks.json', '/ui/style.css', '/dev/mailbox']) {
      const answer = await sendAs('three.localhost', `${server.url}${path}`, 'POST', credentials)
      assert.equal(answer.status, 421)
      assert.deepEqual(answer.body, { error: 'misdirected_request' })
      assert.equal(answer.headers.get('cache-control'), 'no-store')
    }
    assert.equal((await sendAs('one.localhost', `${server.url}/ui/style.css`, 'GET')).status, 200)
  })

  it('gets health under any name', async () => {
    for (const path of ['/healthz', '/readyz'])
      assert.equal((await sendAs('10.0.0.7:5000', `${server.url}${path}`, 'GET')).status, 200)
  })
})

describe('a server with realms', () => {
  const server = useServer('sqlite', {
    yaml: 'realms: { one: { hosts: [one.localhost] }, two: { hosts: [two.localhost] } }',
  })

  it('restarts with their data', async () => {
    const signIn = (host: string) => sendAs(host, `${server.url}/api/co/auth/sign-in`, 'POST', credentials)
    await sendAs('two.localhost', `${server.url}/api/co/auth/sign-up`, 'POST', credentials)
    assert.equal((await signIn('two.localhost')).status, 200)
    await server.restart()
    assert.equal((await signIn('two.localhost')).status, 200)
    assert.equal((await signIn('one.localhost')).status, 401)
  })
})
