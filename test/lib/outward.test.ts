import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer, type RequestListener, type Server } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { after, before, describe, it } from 'node:test'
import { createOutwardFetch, type OutwardSettings } from '../../src/lib/outward.ts'
import type { Resolve } from '../../src/lib/outward-addresses.ts'
import { makeCertificates } from '../harness/certificates.ts'
import { eventually, notify } from '../harness/events.ts'

const open = { allowPrivate: true, timeoutMs: 5_000, maxBodyBytes: 1_000 }
const closed = { ...open, allowPrivate: false }

/** Says of every name that it has these addresses, one answer after the other, and counts how often it is asked. */
function resolver(...answers: string[][]): Resolve & { asked: number } {
  const resolve: Resolve & { asked: number } = (_host, _options, done) => {
    const addresses = answers[Math.min(resolve.asked++, answers.length - 1)] ?? []
    done(
      null,
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    )
  }
  resolve.asked = 0
  return resolve
}

describe('a request to an address that a client has named', () => {
  const asked: { method?: string; url?: string; type?: string; body: string }[] = []
  let answer: RequestListener = (_, response) => void response.end('fine')
  const server: Server = createServer(async (request, response) => {
    const { method, url, headers } = request
    asked.push({ method, url, type: headers['content-type'], body: await text(request) })
    notify()
    answer(request, response)
  })
  let port: number
  before(async () => {
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
    port = (server.address() as AddressInfo).port
  })
  after(() => {
    server.closeAllConnections()
    server.close()
  })
  const ask = (path: string, settings: Partial<OutwardSettings> = {}, init: RequestInit = {}) => {
    asked.length = 0
    return createOutwardFetch({ ...open, ...settings })(`http://127.0.0.1:${port}${path}`, init)
  }

  it('is made, and answered, as by fetch', async () => {
    answer = (_, response) => void response.writeHead(201, { 'x-answer': 'yes' }).end('{"fine":true}')
    const response = await ask('/path?query', {}, { method: 'POST', body: new URLSearchParams({ a: 'ø' }) })
    assert.deepEqual(asked, [
      {
        method: 'POST',
        url: '/path?query',
        type: 'application/x-www-form-urlencoded;charset=UTF-8',
        body: 'a=%C3%B8',
      },
    ])
    assert.deepEqual([response.status, response.headers.get('x-answer')], [201, 'yes'])
    assert.deepEqual(await response.json(), { fine: true })
    answer = (_, response) => void response.writeHead(204).end()
    assert.equal((await ask('/')).body, null)
  })

  it('goes nowhere by a redirect', async () => {
    answer = ({ url }, response) =>
      void response.writeHead(url === '/' ? 302 : 200, { location: '/on' }).end()
    const response = await ask('/')
    assert.equal(response.status, 302)
    await response.body?.cancel()
    assert.equal(asked.length, 1)
  })

  it('reads no more of an answer than it may, and none that nobody wants', async () => {
    let isClosed = false
    answer = (_, response) => {
      response.on('close', () => {
        isClosed = true
        notify()
      })
      response.write('x'.repeat(2_000))
    }
    await assert.rejects((await ask('/')).text(), /the answer is too long/)
    await eventually('the end of the connection', () => isClosed || undefined)
    isClosed = false
    await (await ask('/')).body?.cancel()
    await eventually('the end of the connection', () => isClosed || undefined)
  })

  it('waits no longer than the limit, for the answer or amid it', async () => {
    answer = () => {}
    await assert.rejects(ask('/', { timeoutMs: 50 }), { why: 'timed_out', message: 'no answer in time' })
    answer = (_, response) => void response.write('x')
    await assert.rejects(async () => (await ask('/', { timeoutMs: 50 })).text())
  })

  it('does not wait for what is no answer, such as a change of the protocol', async () => {
    const upgrade = 'HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n'
    answer = (_, response) => void response.socket?.write(upgrade)
    await assert.rejects(ask('/'), { why: 'failed', message: 'the connection failed' })
  })

  it('says of a failure its kind alone', async () => {
    answer = (_, response) => void response.destroy()
    await assert.rejects(ask('/secret'), { why: 'failed', message: 'ECONNRESET' })
    await assert.rejects(ask('/secret', {}, { signal: AbortSignal.abort() }), { why: 'timed_out' })
  })

  for (const addresses of [
    ['127.0.0.1'],
    ['10.0.0.1'],
    ['93.184.216.34', '127.0.0.1'],
    ['::1'],
    ['fd00::1'],
  ]) {
    it(`is not made where its name leads to ${addresses.join(' and ')}`, async () => {
      asked.length = 0
      const outward = createOutwardFetch({ ...closed, resolve: resolver(addresses) })
      await assert.rejects(outward(`https://app.example.com:${port}/`), { why: 'forbidden' })
      assert.equal(asked.length, 0)
    })
  }

  it('goes to the address that was checked: its name is looked up once for it, and anew for the next', async () => {
    asked.length = 0
    answer = (_, response) => void response.end('fine')
    const resolve = resolver(['127.0.0.1'], ['169.254.169.254'])
    const outward = createOutwardFetch({ ...open, resolve })
    assert.equal(await (await outward(`http://app.example.com:${port}/`)).text(), 'fine')
    assert.equal(resolve.asked, 1)
    await assert.rejects(outward(`http://app.example.com:${port}/`), { why: 'forbidden' })
    assert.deepEqual([resolve.asked, asked.length], [2, 1])
  })

  it('is made with TLS alone where private addresses are not allowed', async () => {
    const outward = createOutwardFetch({ ...closed, resolve: resolver(['93.184.216.34']) })
    await assert.rejects(outward('http://app.example.com/'), {
      why: 'forbidden',
      message: 'the address does not begin with https://',
    })
  })
})

describe('the certificate of an address that a client has named', () => {
  let folder: string
  let server: Server
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'manydoors-outward-'))
    await makeCertificates(folder)
    const [key, cert] = await Promise.all(
      ['key', 'crt'].map((kind) => readFile(join(folder, `server.${kind}`))),
    )
    server = createSecureServer({ key, cert }, (_, response) => response.end('fine'))
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  })
  after(async () => {
    server?.closeAllConnections()
    server?.close()
    await rm(folder, { recursive: true, force: true })
  })
  const at = (host: string) => `https://${host}:${(server.address() as AddressInfo).port}/`

  it('has to be good', async () => {
    const ca = await readFile(join(folder, 'ca.crt'), 'utf8')
    const known = createOutwardFetch({ ...open, ca, resolve: resolver(['127.0.0.1']) })
    assert.equal(await (await known(at('localhost'))).text(), 'fine')
    await assert.rejects(known(at('app.example.com')), { message: 'ERR_TLS_CERT_ALTNAME_INVALID' })
    const unknown = createOutwardFetch({ ...open, resolve: resolver(['127.0.0.1']) })
    await assert.rejects(unknown(at('localhost')), { why: 'failed' })
  })
})
