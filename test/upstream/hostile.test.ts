import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import type { LookupAddress } from 'node:dns'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import type { ServerResponse } from 'node:http'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { promisify } from 'node:util'
import type { PasswordAnswer, UpstreamFailure } from '../../src/core/switching/upstream.ts'
import { dialects } from '../../src/dialects/registry.ts'
import type { Resolve } from '../../src/lib/outward-addresses.ts'
import type { OldServerSettings } from '../../src/upstream/old-server.ts'
import { app } from '../dialects/vastly/door.ts'
import { makeCertificates } from '../harness/certificates.ts'
import { askOnce, oldServerAt, upstreamOf } from './ask.ts'
import { sendJson, useFakeServer } from './fake-server.ts'

const run = promisify(execFile)
const secret = 'correct horse battery staple'
const question = { identifier: { email: 'ada@example.com' }, password: secret }
const wolfpal = upstreamOf('wolfpal')
const names = dialects.map(({ door }) => door.dialect)
const options = { clientId: app.id, origin: app.origin }

const json = { 'content-type': 'application/json' }
const send = (body: string | Buffer, status = 200, headers: Record<string, string> = json) => ({
  answer: (response: ServerResponse) => void response.writeHead(status, headers).end(body),
})

/** What a server may answer, and what is made of it. */
const answers: Record<
  string,
  { answer(response: ServerResponse): void; why: UpstreamFailure; status?: number }
> = {
  'an error of its own': { ...send(`{"stack":"${secret}"}`, 500), why: 'server_error', status: 500 },
  'an error of a proxy': { ...send('<h1>Bad Gateway</h1>', 502, {}), why: 'server_error', status: 502 },
  'a page': {
    ...send(`<p>${secret}</p>`, 200, { 'content-type': 'text/html' }),
    why: 'unexpected',
    status: 200,
  },
  'a page that refuses': {
    ...send('<p>Login</p>', 401, { 'content-type': 'text/html' }),
    why: 'unexpected',
    status: 401,
  },
  'a refusal without a reason': { ...send('', 401), why: 'unexpected', status: 401 },
  'a refusal of another kind': { ...send('{"code":"blocked"}', 403), why: 'unexpected', status: 403 },
  'that there is nothing': { ...send('{"code":404}', 404), why: 'unexpected', status: 404 },
  'another success': { ...send('{"ok":true}'), why: 'unexpected', status: 200 },
  'JSON that breaks off': { ...send('{"access_token":'), why: 'unreadable', status: 200 },
  'JSON that is not UTF-8': { ...send(Buffer.from([0x22, 0xff, 0x22])), why: 'unreadable', status: 200 },
  'compressed JSON': {
    ...send('{}', 200, { ...json, 'content-encoding': 'gzip' }),
    why: 'unreadable',
    status: 200,
  },
  'lists in lists': { ...send(`${'['.repeat(1e5)}${']'.repeat(1e5)}`), why: 'unexpected', status: 200 },
  'keys of prototypes': { ...send('{"__proto__":{"access_token":"x"}}'), why: 'unexpected', status: 200 },
  'ten megabytes': { ...send(Buffer.alloc(10 * 1024 * 1024, ' ')), why: 'too_large' },
  'headers without end': {
    ...send('{}', 200, { ...json, 'x-much': 'x'.repeat(20_000) }),
    why: 'too_large',
  },
  'a part, and hangs up': {
    answer: (response) => {
      response.writeHead(200, { ...json, 'content-length': '100' }).write('{')
      setImmediate(() => response.destroy())
    },
    why: 'broken_off',
  },
  'where metadata are': {
    ...send('', 302, { location: 'http://169.254.169.254/latest/meta-data/' }),
    why: 'redirected',
    status: 302,
  },
}

describe('an old server that answers', () => {
  const fake = useFakeServer()

  for (const [what, { answer, why, status }] of Object.entries(answers)) {
    it(`${what} says nothing of a password`, async () => {
      fake.answer = answer
      const given = await askOnce(fake.origin, wolfpal, question)
      assert.deepEqual(given, { outcome: 'failed', why, ...(status !== undefined && { status }) })
      assert.equal(fake.asked.length, 1)
    })
  }

  for (const name of names) {
    it(`at the door of ${name} what is not in its contract calls no password wrong, and none right`, async () => {
      const upstream = upstreamOf(name, {}, name === 'vastly' ? options : {})
      for (const [what, { answer }] of Object.entries(answers)) {
        fake.answer = answer
        const given = await askOnce(fake.origin, upstream, question)
        assert.equal(given.outcome, 'failed', what)
        assert.ok(!JSON.stringify(given).includes(secret), what)
      }
    })
  }

  it('that it has had enough is believed for no longer than an hour', async () => {
    const ask = async (headers: Record<string, string>) => {
      fake.answer = (response) => sendJson(response, 429, { code: 429 }, headers)
      return askOnce(fake.origin, wolfpal, question)
    }
    assert.deepEqual(await ask({ 'retry-after': '17' }), { outcome: 'busy', retryAfterSeconds: 17 })
    assert.deepEqual(await ask({ 'retry-after': '0' }), { outcome: 'busy', retryAfterSeconds: 1 })
    assert.deepEqual(await ask({ 'retry-after': '999999' }), { outcome: 'busy', retryAfterSeconds: 3600 })
    assert.deepEqual(await ask({ 'retry-after': 'Fri, 31 Dec 1999 23:59:59 GMT' }), { outcome: 'busy' })
    assert.deepEqual(await ask({}), { outcome: 'busy' })
  })

  it('that it has had enough is believed where only the body says it, as it may at credebl', async () => {
    fake.answer = (response) => sendJson(response, 200, { statusCode: 429, message: 'Too Many Requests' })
    assert.deepEqual(await askOnce(fake.origin, upstreamOf('credebl'), question), { outcome: 'busy' })
  })

  it('leads nowhere else by a path that it names', async () => {
    const elsewhere = ['//evil.example/x', '/\\evil.example/x', 'http://evil.example/x', 'x', '']
    for (const path of elsewhere) {
      const steps: Record<string, (response: ServerResponse) => void> = {
        '/api/oauth/authorize': (response) => void response.writeHead(302, { 'set-cookie': 'login=1' }).end(),
        '/api/oauth/login': (response) => sendJson(response, 200, {}, { 'x-redirect': path }),
      }
      fake.answer = (response, { path }) => steps[path.split('?')[0] ?? '']?.(response)
      const given = await askOnce(fake.origin, upstreamOf('pm2'), question)
      assert.deepEqual(given, { outcome: 'right', profile: {}, isProfileMissing: true }, path)
      assert.deepEqual(
        fake.asked.map(({ headers }) => headers.cookie),
        [undefined, 'login=1'],
      )
    }
  })

  it('calls no password of pm2 wrong where it has begun no login', async () => {
    fake.answer = (response, { path }) =>
      path.startsWith('/api/oauth/authorize')
        ? response.end()
        : sendJson(response, 401, { error: 'invalid_grant' })
    const given = await askOnce(fake.origin, upstreamOf('pm2'), question)
    assert.deepEqual(given, { outcome: 'failed', why: 'unexpected', status: 200 })
  })

  it('is told nothing of whoever asks but the address, and that only where it is to be', async () => {
    const refused = { code: 'INVALID_CREDENTIALS' }
    const asked = async (forwardAddress: boolean) => {
      fake.answer = (response) => sendJson(response, 400, refused)
      const given = await askOnce(
        fake.origin,
        wolfpal,
        { ...question, address: '192.0.2.7' },
        { forwardAddress },
      )
      assert.deepEqual(given, { outcome: 'wrong' })
      return fake.asked[0]?.headers ?? assert.fail()
    }
    const expected = {
      host: `127.0.0.1:${fake.port}`,
      connection: 'keep-alive',
      accept: 'application/json',
      'accept-encoding': 'identity',
      'content-type': 'application/json',
      'user-agent': 'Manydoors (switching)',
    }
    const { 'content-length': length, ...headers } = await asked(false)
    assert.deepEqual(headers, expected)
    const { 'content-length': sameLength, ...withAddress } = await asked(true)
    assert.deepEqual(withAddress, { ...expected, 'x-forwarded-for': '192.0.2.7' })
    assert.equal(length, sameLength)
  })

  it('is not asked what cannot be sent as it was typed', async () => {
    fake.answer = (response) => sendJson(response, 400, { code: 'INVALID_CREDENTIALS' })
    const email = 'ada@example.com'
    const strange = [
      { identifier: { email }, password: '' },
      { identifier: { email }, password: 'a\0b' },
      { identifier: { email }, password: 'half \ud83d' },
      { identifier: { email }, password: 'x'.repeat(5_000) },
      { identifier: { email: 'ada\r\n@example.com' }, password: secret },
      { identifier: { email: '' }, password: secret },
    ]
    for (const question of strange) {
      assert.deepEqual(await askOnce(fake.origin, wolfpal, question), { outcome: 'wrong' })
    }
    assert.deepEqual(fake.asked, [])
  })
})

describe('an old server behind a proxy', () => {
  const fake = useFakeServer()
  const proxy = useFakeServer()

  it('is asked past all proxies that the environment names', async () => {
    fake.answer = (response) => sendJson(response, 400, { code: 'INVALID_CREDENTIALS' })
    proxy.answer = (response) => response.end()
    const script = `
      import { get } from 'node:http'
      import { askOnce, upstreamOf } from ${JSON.stringify(join(import.meta.dirname, 'ask.ts'))}
      await new Promise((over) => get('${fake.origin}', (response) => response.resume().on('end', over)))
      const question = { identifier: { email: 'ada@example.com' }, password: 'x' }
      console.log(JSON.stringify(await askOnce('${fake.origin}', upstreamOf('wolfpal'), question)))`
    const env = { ...process.env, NODE_USE_ENV_PROXY: '1', HTTP_PROXY: proxy.origin, NO_PROXY: '' }
    const { stdout } = await run(process.execPath, ['--input-type=module', '-e', script], { env })
    assert.deepEqual(JSON.parse(stdout), { outcome: 'wrong' })
    // That the proxy is there is shown by what does ask it.
    assert.equal(proxy.asked.length, 1)
    assert.deepEqual(
      fake.asked.map(({ path }) => path),
      ['/auth/login'],
    )
  })
})

describe('an old server that hangs', () => {
  const fake = useFakeServer()
  const impatient = { timeoutMs: 100 }
  const timedOut = { outcome: 'failed', why: 'timed_out' }

  it('before its headers is waited for no longer than the limit', async () => {
    fake.answer = () => {}
    assert.deepEqual(await askOnce(fake.origin, wolfpal, question, impatient), timedOut)
  })

  it('amid its body is waited for no longer than the limit', async () => {
    fake.answer = (response) => void response.writeHead(200, { ...json, 'content-length': '100' }).write('{')
    assert.deepEqual(await askOnce(fake.origin, wolfpal, question, impatient), timedOut)
  })

  it('in its second answer is waited for no longer than the limit for both, and is signed out of', async () => {
    // They end when the test says so: a busy machine may need any time for the first answer and for the sign-out.
    const timeLimits: AbortController[] = []
    const expire = () => {
      const timeLimit = new AbortController()
      timeLimits.push(timeLimit)
      return timeLimit.signal
    }
    fake.answer = (response, { path }) => {
      if (path === '/account') timeLimits[0]?.abort(new DOMException('over', 'TimeoutError'))
      else sendJson(response, 200, { access_token: 'token' })
    }
    // The password is known by then, and nothing but the profile is missing.
    const given = await askOnce(fake.origin, wolfpal, question, { expire })
    assert.deepEqual(given, { outcome: 'right', profile: {}, isProfileMissing: true })
    // One for both answers, and another to sign out.
    assert.equal(timeLimits.length, 2)
    const paths = fake.asked.map(({ path }) => path)
    assert.deepEqual(paths, ['/auth/login', '/account', '/auth/logout'])
  })

  it('while a name is looked up is waited for no longer than a connection may take', async () => {
    const resolve: Resolve = () => {}
    const settings = { resolve, connectTimeoutMs: 20 }
    const given = await askOnce('https://old.example.com', wolfpal, question, settings)
    assert.deepEqual(given, { outcome: 'failed', why: 'unreachable' })
  })

  it('amid TLS is waited for no longer than the limit', async () => {
    const mute = createServer()
    await new Promise<void>((listening) => mute.listen(0, '127.0.0.1', listening))
    const { port } = mute.address() as AddressInfo
    const sockets = new Set<{ destroy(): void }>()
    mute.on('connection', (socket) => sockets.add(socket.on('error', () => {})))
    const given = await askOnce(`https://localhost:${port}`, wolfpal, question, impatient)
    assert.deepEqual(given, timedOut)
    for (const socket of sockets) socket.destroy()
    mute.close()
  })
})

describe('a connection that an old server has closed meanwhile', () => {
  const fake = useFakeServer()

  it('is made anew, and nobody notices', async () => {
    const oldServer = oldServerAt(fake.origin, wolfpal)
    fake.answer = (response) => sendJson(response, 400, { code: 'INVALID_CREDENTIALS' })
    assert.deepEqual(await oldServer.checkPassword(question), { outcome: 'wrong' })
    assert.deepEqual(await oldServer.checkPassword(question), { outcome: 'wrong' })
    assert.equal(fake.connections, 1)
    // As a server does whose time for idle connections is over while the next request is on its way.
    fake.answer = (response) => {
      fake.answer = (response) => sendJson(response, 400, { code: 'INVALID_CREDENTIALS' })
      response.socket?.resetAndDestroy()
    }
    assert.deepEqual(await oldServer.checkPassword(question), { outcome: 'wrong' })
    assert.equal(fake.connections, 2)
    await oldServer.close()
  })
})

describe('a name of an old server', () => {
  const fake = useFakeServer()
  const named = 'https://old.example.com'
  const forbidden = { outcome: 'failed', why: 'forbidden_address' }

  /** A resolver that gives one list of addresses after the other. */
  const resolving = (...lists: string[][]): Resolve & { asked: number } => {
    const resolve = Object.assign(lookUp, { asked: 0 })
    function lookUp(_host: string, _options: object, done: Parameters<Resolve>[2]) {
      const addresses = lists[Math.min(resolve.asked++, lists.length - 1)] ?? []
      const found: LookupAddress[] = addresses.map((address) => ({
        address,
        family: address.includes(':') ? 6 : 4,
      }))
      setImmediate(() => done(null, found))
    }
    return resolve
  }
  const ask = (addresses: string[], settings: Partial<OldServerSettings> = {}): Promise<PasswordAnswer> =>
    askOnce(named, wolfpal, question, { resolve: resolving(addresses), ...settings })

  for (const addresses of [
    ['127.0.0.1'],
    ['10.1.2.3'],
    ['169.254.169.254'],
    ['::1'],
    ['fd00::1'],
    ['::ffff:127.0.0.1'],
    ['198.51.100.1', '192.168.0.1'],
    [],
  ]) {
    it(`that leads to ${addresses.join(' and ') || 'nothing'} is not asked`, async () => {
      assert.deepEqual(await ask(addresses), forbidden)
    })
  }

  it('that leads to another place at the next look-up is checked again, and asked nothing', async () => {
    const port = fake.port
    const resolve = resolving(['127.0.0.1'], ['169.254.169.254'])
    const oldServer = oldServerAt(`http://localhost:${port}`, wolfpal, { resolve })
    fake.answer = (response) =>
      sendJson(response, 400, { code: 'INVALID_CREDENTIALS' }, { connection: 'close' })
    assert.deepEqual(await oldServer.checkPassword(question), { outcome: 'wrong' })
    assert.deepEqual(await oldServer.checkPassword(question), forbidden)
    await oldServer.close()
    assert.equal(resolve.asked, 2)
    assert.equal(fake.asked.length, 1)
  })

  it('is looked up once for a connection, which goes to what was checked', async () => {
    const resolve = resolving(['127.0.0.1'], ['127.0.0.2'])
    const oldServer = oldServerAt(`http://localhost:${fake.port}`, wolfpal, { resolve })
    fake.answer = (response) => sendJson(response, 400, { code: 'INVALID_CREDENTIALS' })
    for (const _ of [1, 2, 3]) assert.deepEqual(await oldServer.checkPassword(question), { outcome: 'wrong' })
    await oldServer.close()
    assert.equal(resolve.asked, 1)
  })

  it('of this machine leads to no other one', async () => {
    const settings = { resolve: resolving(['198.51.100.1']), allowPrivate: true }
    assert.deepEqual(await askOnce('http://localhost:1', wolfpal, question, settings), forbidden)
  })

  it('that nobody knows, or where nobody listens, is out of reach', async () => {
    const unknown: Resolve = (_host, _options, done) =>
      done(Object.assign(new Error('getaddrinfo'), { code: 'ENOTFOUND' }), [])
    const unreachable = { outcome: 'failed', why: 'unreachable' }
    assert.deepEqual(await ask([], { resolve: unknown }), unreachable)
    assert.deepEqual(await askOnce('http://127.0.0.1:1', wolfpal, question), unreachable)
  })
})

describe('a certificate of an old server', () => {
  let folder: string
  let [ca, cert, certKey]: string[] = []
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'manydoors-test-'))
    await makeCertificates(folder)
    const read = (name: string) => readFile(join(folder, name), 'utf8')
    ;[ca, cert, certKey] = await Promise.all([read('ca.crt'), read('server.crt'), read('server.key')])
  })
  after(() => rm(folder, { recursive: true, force: true }))
  const fake = useFakeServer(() => ({ cert: cert ?? '', key: certKey ?? '' }))
  const insecure = { outcome: 'failed', why: 'insecure' }

  it('has to be good, whatever the environment says', async () => {
    fake.answer = (response) => sendJson(response, 400, { code: 'INVALID_CREDENTIALS' })
    const byName = `https://localhost:${fake.port}`
    process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0'
    try {
      assert.deepEqual(await askOnce(byName, wolfpal, question), insecure)
      assert.deepEqual(await askOnce(fake.origin, wolfpal, question, { ca }), insecure)
    } finally {
      delete process.env.NODE_TLS_REJECT_UNAUTHORIZED
    }
    assert.deepEqual(fake.asked, [])
    assert.deepEqual(await askOnce(byName, wolfpal, question, { ca }), { outcome: 'wrong' })
  })
})
