import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import { connect } from 'node:net'
import { describe, it } from 'node:test'
import { gzipSync } from 'node:zlib'
import { eventually } from '../harness/events.ts'
import { send } from '../harness/harness.ts'
import { listen, startShadow } from './through-shadow.ts'

async function startServer(handle: RequestListener) {
  const server = createServer(handle)
  return {
    url: await listen(server),
    [Symbol.asyncDispose]: async () => void server.close().closeAllConnections(),
  }
}

/** All that a server sends back before it closes. */
async function rawAnswer(url: string, request: string): Promise<string> {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  const chunks: Buffer[] = []
  socket.on('data', (chunk) => chunks.push(chunk))
  socket.write(request)
  await once(socket, 'close')
  return Buffer.concat(chunks).toString('latin1')
}

const large = Buffer.alloc(1_500_000, 'x')
const date = 'Mon, 30 Nov 2026 09:00:00 GMT'

/** Answers in many ways, by path. */
const manyWays: RequestListener = (request, response) => {
  const { url = '' } = request
  response.setHeader('Date', date)
  if (url.startsWith('/auth/plain'))
    return void response.writeHead(418, 'Short And Stout', { 'X-OdD-CaSe': 'Ä' }).end('no')
  if (url.startsWith('/auth/twice'))
    return void response
      .writeHead(200, ['Set-Cookie', 'a=1', 'X-A', '1', 'set-cookie', 'b=2', 'Date', date])
      .end('ok')
  if (url.startsWith('/auth/empty')) return void response.writeHead(204).end()
  if (url.startsWith('/auth/large'))
    return void response.writeHead(200, { 'content-length': large.length }).end(large)
  if (url.startsWith('/auth/packed'))
    return void response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('{"a":1}'))
  response.writeHead(200, { 'content-type': 'text/plain' })
  response.write(`${request.method} ${url} `)
  request.on('data', (chunk) => response.write(chunk)).on('end', () => response.end(' end'))
}

const requests: Record<string, string> = {
  'a status and a header as they are spelled': 'GET /auth/plain HTTP/1.1',
  'headers that come twice': 'GET /auth/twice HTTP/1.1',
  'an answer without a body': 'DELETE /auth/empty HTTP/1.1',
  'an answer to HEAD': 'HEAD /auth/plain HTTP/1.1',
  'a large answer': 'GET /auth/large HTTP/1.1',
  'a packed answer': 'GET /auth/packed HTTP/1.1',
  'an answer in chunks': 'GET /auth/echo?a=%41&b=1+2 HTTP/1.1',
  'a path outside of the door': 'GET /favicon.ico HTTP/1.1',
  'a body with its length': 'POST /auth/echo HTTP/1.1\r\nContent-Length: 4\r\n\r\nabcd',
  'a body in chunks': 'POST /auth/echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nabcd\r\n0\r\n\r\n',
}

function wholeRequest(text: string): string {
  const [line = '', ...rest] = text.split('\r\n')
  return [line, 'Host: old.example', 'Connection: close', ...(rest.length > 0 ? rest : ['', ''])].join('\r\n')
}

describe('Clients of a shadow get from the old server, byte for byte', () => {
  for (const [name, request] of Object.entries(requests)) {
    it(name, async () => {
      await using old = await startServer(manyWays)
      const shadow = await startShadow(old, { dialect: 'wolfpal', newUrl: 'http://127.0.0.1:1' })
      try {
        const whole = wholeRequest(request)
        assert.equal(await rawAnswer(shadow.url, whole), await rawAnswer(old.url, whole))
      } finally {
        await shadow.stop()
      }
    })
  }
})

describe('A shadow', () => {
  const ok: RequestListener = (_request, response) => void response.end('ok')

  it('answers as the old server while the new one is down, and counts that', async () => {
    await using old = await startServer(ok)
    const shadow = await startShadow(old, { dialect: 'wolfpal', newUrl: 'http://127.0.0.1:1' })
    for (let count = 0; count < 5; count++) {
      const { status, text } = await send(`${shadow.url}/auth/login`, 'POST', { json: {} })
      assert.deepEqual([status, text], [200, 'ok'])
    }
    await shadow.idle()
    await shadow.stop()
    assert.equal(shadow.tally().routes['POST /auth/login']?.failed, 5)
  })

  it('gives up on a new server that does not answer in time', async () => {
    await using old = await startServer(ok)
    await using fresh = await startServer(() => {})
    const shadow = await startShadow(old, { dialect: 'wolfpal', newUrl: fresh.url, timeoutMs: 20 })
    assert.equal((await send(`${shadow.url}/auth/login`, 'POST')).status, 200)
    await shadow.idle()
    await shadow.stop()
    assert.equal(shadow.tally().routes['POST /auth/login']?.failed, 1)
  })

  it('drops and counts what finds no room behind a slow new server, and answers meanwhile', async () => {
    const held: (() => void)[] = []
    await using old = await startServer(ok)
    await using fresh = await startServer((_request, response) => void held.push(() => response.end('ok')))
    const options = { dialect: 'wolfpal', newUrl: fresh.url, queueLength: 3, concurrency: 2 }
    const shadow = await startShadow(old, options)
    const ask = () => send(`${shadow.url}/auth/login`, 'POST')
    for (let count = 0; count < 2; count++) await ask()
    await eventually('two copies', () => held.length === 2 || undefined)
    for (let count = 0; count < 8; count++) assert.equal((await ask()).text, 'ok')
    assert.equal(shadow.tally().routes['POST /auth/login']?.dropped, 5)
    await eventually('the end', () => {
      for (const release of held.splice(0)) release()
      return shadow.tally().routes['POST /auth/login']?.same === 5 || undefined
    })
    await shadow.stop()
  })

  it('repeats what one person does in its order', async () => {
    const seen: string[] = []
    const held: (() => void)[] = []
    await using old = await startServer(ok)
    await using fresh = await startServer((request, response) => {
      seen.push(request.headers['x-turn']?.toString() ?? '')
      held.push(() => response.end('ok'))
    })
    const shadow = await startShadow(old, { dialect: 'wolfpal', newUrl: fresh.url })
    const ask = (turn: string, email: string) =>
      send(`${shadow.url}/auth/login`, 'POST', { json: { email }, headers: { 'x-turn': turn } })
    await ask('ada 1', 'ada@example.com')
    await ask('ada 2', 'ADA@example.com')
    await ask('bob 1', 'bob@example.com')
    await eventually('the first of each', () => held.length === 2 || undefined)
    assert.deepEqual([...seen].sort(), ['ada 1', 'bob 1'])
    for (const release of held.splice(0)) release()
    await eventually('the second', () => held.length === 1 || undefined)
    assert.equal(seen[2], 'ada 2')
    for (const release of held.splice(0)) release()
    await shadow.idle()
    await shadow.stop()
  })

  it('refuses with 502 when the old server gives no answer, and copies nothing', async () => {
    const shadow = await startShadow(
      { url: 'http://127.0.0.1:1' },
      { dialect: 'wolfpal', newUrl: 'http://127.0.0.1:1' },
    )
    const { status, text } = await send(`${shadow.url}/auth/login`, 'POST', { json: {} })
    assert.deepEqual([status, text], [502, '{"error":"bad_gateway"}'])
    await shadow.stop()
    assert.deepEqual(shadow.tally().routes, {})
  })

  it('copies the same people always, and no others, when it takes a sample', async () => {
    await using old = await startServer(ok)
    await using fresh = await startServer(ok)
    const shadow = await startShadow(old, { dialect: 'wolfpal', newUrl: fresh.url, sample: 0.5 })
    const countOf = async (email: string) => {
      const before = shadow.tally().routes['POST /auth/login']?.same ?? 0
      for (let count = 0; count < 3; count++)
        await send(`${shadow.url}/auth/login`, 'POST', { json: { email } })
      await shadow.idle()
      return (shadow.tally().routes['POST /auth/login']?.same ?? 0) - before
    }
    const counts = new Set<number>()
    for (let person = 0; person < 12; person++) counts.add(await countOf(`person-${person}@example.com`))
    await shadow.stop()
    assert.deepEqual([...counts].sort(), [0, 3])
  })
})
