import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type Answer, freshEmail, type RequestOptions, useServer } from '../../harness/harness.ts'
import { app, assertFail, freshPhone, otherApp, password, register, texts } from './door.ts'

const base = '/api/v1/auth'
const missing = { client_id: 'The client_id header is required', Origin: 'The Origin header is required' }

const routes: [method: string, path: string][] = [
  ['POST', '/register'],
  ['POST', '/login'],
  ['POST', '/login/two-factor'],
  ['POST', '/logout'],
  ['POST', '/forgotpass'],
  ['POST', '/forgotpass/mobile'],
  ['POST', '/resetpass'],
  ['POST', '/resetpass/mobile'],
  ['GET', '/me'],
]

describe('vastly’s clients', () => {
  const server = useServer('sqlite')

  for (const [method, path] of routes) {
    const send = (headers: Record<string, string>, options: RequestOptions = {}): Promise<Answer> =>
      server.request(method, `${base}${path}`, {
        ...(method === 'POST' && { json: {} }),
        ...options,
        headers: { ...options.headers, ...headers },
      })

    it(`must name themselves and their origin at ${method} ${path}`, async () => {
      const { id, origin } = app
      assertFail(await send({}), 400, texts.validation, missing)
      assertFail(await send({ client_id: '', origin: '' }), 400, texts.validation, missing)
      assertFail(await send({ client_id: id }), 400, texts.validation, { Origin: missing.Origin })
      assertFail(await send({ origin }), 400, texts.validation, { client_id: missing.client_id })
      assertFail(await send({ 'client-id': id, origin }), 400, texts.validation, {
        client_id: missing.client_id,
      })
    })

    it(`must be registered to come to ${method} ${path}`, async () => {
      const { id, origin } = app
      for (const unknown of [
        'x',
        id.toLowerCase(),
        `${id} `.repeat(2),
        `${id}x`,
        'vastly',
        'minbil',
        '__proto__',
      ])
        assertFail(await send({ client_id: unknown, origin }), 401, 'Invalid client')
      assertFail(await send({ client_id: 'x', origin: 'https://evil.example' }), 401, 'Invalid client')
    })

    it(`must come from an origin of their own to ${method} ${path}`, async () => {
      const { id, origin } = app
      const foreign = [
        'https://evil.example',
        'null',
        `${origin}/`,
        `${origin}.evil.example`,
        origin.toUpperCase(),
        'http://localhost',
        'https://localhost:3000',
        `${origin}, ${origin}`,
        otherApp.origin,
      ]
      for (const origin of foreign)
        assertFail(await send({ client_id: id, origin }), 403, 'Origin not allowed')
      assertFail(await send({ client_id: otherApp.id, origin }), 403, 'Origin not allowed')
    })
  }

  it('are looked at before the body', async () => {
    const { origin } = app
    const headers = { 'content-type': 'application/json', client_id: 'x', origin }
    assertFail(await server.request('POST', `${base}/login`, { raw: '{', headers }), 401, 'Invalid client')
  })

  it('change nothing when they are refused', async () => {
    const email = freshEmail()
    await register(server, { email })
    const headers = { client_id: app.id, origin: 'https://evil.example' }
    const mobile = freshPhone()
    const json = { email, mobile, password, passwordConfirm: password }
    for (const path of ['/register', '/login', '/forgotpass', '/forgotpass/mobile'])
      assertFail(await server.request('POST', `${base}${path}`, { json, headers }), 403, 'Origin not allowed')
    await register(server, { mobile })
    const mails = (await server.mailbox()).filter(({ to }) => to === email || to === mobile)
    assert.ok(!mails.some(({ subject, channel }) => channel === 'sms' || /new password/.test(subject)))
  })

  it('may come from each of their origins', async () => {
    for (const origin of ['http://localhost:3001', 'http://localhost:3002'])
      await register(server, { email: freshEmail() }, { id: otherApp.id, origin })
  })

  it('that are browsers are told what they may send', async () => {
    for (const [method, path] of routes) {
      const answer = await preflight(path, app.origin, method)
      assert.equal(answer.status, 204)
      assert.equal(answer.headers.get('access-control-allow-origin'), app.origin)
      assert.equal(answer.headers.get('access-control-allow-credentials'), 'true')
      assert.equal(answer.headers.get('access-control-allow-headers'), 'client_id, content-type')
      assert.ok(answer.headers.get('access-control-allow-methods')?.split(', ').includes(method))
    }
  })

  it('that are browsers elsewhere are told nothing', async () => {
    for (const origin of ['https://evil.example', 'null']) {
      const answer = await preflight('/login', origin, 'POST')
      const told = [...answer.headers.keys()].filter((name) => name.startsWith('access-control-'))
      assert.deepEqual(told, [])
    }
  })

  it('that are browsers may read why they are refused', async () => {
    const headers = { client_id: 'x', origin: app.origin }
    const answer = await server.request('POST', `${base}/login`, { json: {}, headers })
    assertFail(answer, 401, 'Invalid client')
    assert.equal(answer.headers.get('access-control-allow-origin'), app.origin)
    assert.match(answer.headers.get('access-control-expose-headers') ?? '', /Retry-After/)
  })

  function preflight(path: string, origin: string, method: string): Promise<Answer> {
    return server.request('OPTIONS', `${base}${path}`, {
      headers: {
        origin,
        'access-control-request-method': method,
        'access-control-request-headers': 'client_id, content-type',
      },
    })
  }
})
