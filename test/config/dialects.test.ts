import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { manifests } from '../../src/dialects/manifests.ts'
import { dialects } from '../../src/dialects/registry.ts'
import { headersOf } from '../dialects/vastly/door.ts'
import {
  freshEmail,
  mailCausedBy,
  type ServerOptions,
  type TestServer,
  useServer,
} from '../harness/harness.ts'

const password = 'correct horse battery staple'

/** A server with these doors in its one realm. */
const useDoors = (dialects: string, options: ServerOptions = {}) =>
  useServer('sqlite', { yaml: `realms: { main: { dialects: { ${dialects} } } }`, ...options })

async function signUp(server: TestServer, typed: string = password) {
  const json = { email: freshEmail(), password: typed }
  const { status } = await server.request('POST', '/api/co/auth/sign-up', { json })
  return { json, status }
}

describe('the manifests that the configuration reads', () => {
  it('are those of the dialects that ship', () => {
    const namesOf = (all: { door: { dialect: string } }[]) => all.map(({ door }) => door.dialect)
    assert.deepEqual(namesOf(manifests), namesOf(dialects))
  })
})

describe('the doors of a realm', () => {
  const server = useDoors('minbil: , pm2: { enabled: false }')

  it('are those that are named and not switched off', async () => {
    assert.equal((await signUp(server)).status, 201)
    for (const path of ['/api/oauth/token', '/auth/login', '/api/v1/auth/login', '/api/auth/login']) {
      const { status, body } = await server.request('POST', path, { json: {} })
      assert.equal(status, 404, path)
      assert.deepEqual(body, { error: 'route_not_found' })
    }
  })
})

describe('the lifetimes of a door', () => {
  const server = useDoors(
    'minbil: { accessLifetime: 10m, idleLifetime: 2h, absoluteLifetime: 3h, resetLifetime: 5m },' +
      'vastly: { accessLifetime: 2h }',
  )

  it('are those that are set', async () => {
    const { json } = await signUp(server)
    const signIn = () => server.request('POST', '/api/co/auth/sign-in', { json })
    const refresh = (refresh_token: string) =>
      server.request('POST', '/api/co/auth/refresh', { json: { refresh_token } })
    const { body } = await signIn()
    assert.equal(body.expires_in, 600)

    const idle = (await signIn()).body.refresh_token
    server.clock.advance(119 * 60_000)
    const used = await refresh(body.refresh_token)
    assert.equal(used.status, 200)
    server.clock.advance(2 * 60_000)
    assert.equal((await refresh(idle)).status, 401)
    // Three hours after its beginning it ends, however it is used.
    const last = await refresh(used.body.refresh_token)
    assert.equal(last.status, 200)
    server.clock.advance(60 * 60_000)
    assert.equal((await refresh(last.body.refresh_token)).status, 401)
  })

  it('hold for its reset links', async () => {
    const { json } = await signUp(server)
    const wanted = { to: json.email, subject: /^Set a new password/ }
    const { links } = await mailCausedBy(server, wanted, () =>
      server.request('POST', '/api/co/auth/forgot-password', { json: { email: json.email } }),
    )
    const { pathname, search } = new URL(links[0] ?? '')
    assert.equal((await server.request('GET', pathname + search)).status, 200)
    server.clock.advance(6 * 60_000)
    assert.equal((await server.request('GET', pathname + search)).status, 404)
  })

  it('hold for sessions that are nothing but an access token', async () => {
    const app = headersOf({ id: 'pSpisBrYn4yIP1vGILcdZ', origin: 'http://localhost:3000' })
    const json = { email: freshEmail(), password, passwordConfirm: password }
    const answer = await server.request('POST', '/api/v1/auth/register', { json, headers: app })
    assert.equal(answer.status, 201, answer.text)
    const me = () => server.request('GET', '/api/v1/auth/me', { bearer: answer.body.token, headers: app })
    server.clock.advance(119 * 60_000)
    assert.equal((await me()).status, 200)
    server.clock.advance(2 * 60_000)
    assert.equal((await me()).status, 401)
  })
})

describe('the sessions of a door', () => {
  const server = useDoors('minbil: { maxSessions: 2, rotation: untilConfirmed }')

  it('are at most maxSessions', async () => {
    const { json } = await signUp(server)
    const tokens: string[] = []
    for (let session = 0; session < 3; session++)
      tokens.push((await server.request('POST', '/api/co/auth/sign-in', { json })).body.refresh_token)
    const statuses = []
    for (const refresh_token of tokens)
      statuses.push(
        (await server.request('POST', '/api/co/auth/refresh', { json: { refresh_token } })).status,
      )
    assert.deepEqual(statuses, [401, 200, 200])
  })

  it('rotate as is set', async () => {
    const { json } = await signUp(server)
    const { body } = await server.request('POST', '/api/co/auth/sign-in', { json })
    const refresh = () =>
      server.request('POST', '/api/co/auth/refresh', { json: { refresh_token: body.refresh_token } })
    assert.equal((await refresh()).status, 200)
    // Long after the ten seconds of grace.
    server.clock.advance(30 * 60_000)
    assert.equal((await refresh()).status, 200)
  })
})

describe('the password rule', () => {
  const server = useServer('sqlite', {
    yaml: `
realms:
  main:
    strictPasswords: off
    password: { minLength: 10 }
    dialects:
      minbil: { password: { minLength: 14 } }
      pm2: { password: { maxLength: 64 } }
`,
  })

  it('is that of the door, and else of the realm', async () => {
    assert.equal((await signUp(server, 'x'.repeat(13))).status, 400)
    assert.equal((await signUp(server, 'x'.repeat(14))).status, 201)
    const register = (length: number) =>
      server.request('POST', '/api/oauth/register', {
        json: {
          username: `u${length}`,
          email: freshEmail(),
          password: 'x'.repeat(length),
          accept_terms: true,
        },
      })
    assert.equal((await register(9)).status, 400)
    assert.equal((await register(10)).status, 200)
    assert.equal((await register(64)).status, 200)
    assert.equal((await register(65)).status, 400)
  })

  it('is that of the door on the page that its mails lead to', async () => {
    const { json } = await signUp(server)
    const wanted = { to: json.email, subject: /^Set a new password/ }
    const { links } = await mailCausedBy(server, wanted, () =>
      server.request('POST', '/api/co/auth/forgot-password', { json: { email: json.email } }),
    )
    const { pathname, searchParams } = new URL(links[0] ?? '')
    const token = searchParams.get('token') ?? ''
    assert.match((await server.request('GET', `${pathname}?token=${token}`)).text, /14/)
    const set = (typed: string) => server.request('POST', pathname, { form: { token, password: typed } })
    const refused = await set('x'.repeat(13))
    assert.equal(refused.status, 400)
    assert.match(refused.text, /14/)
    assert.equal((await set('x'.repeat(14))).status, 200)
  })
})

describe('the limits of the settings file', () => {
  const yaml = `
limits:
  sign-in-account-at-address: { points: 2, per: 10m }
  sign-up-address: off
`
  const server = useServer('sqlite', { yaml, limits: 'real' })

  it('are those that hold', async () => {
    const json = { email: freshEmail(), password }
    const attempt = () => server.request('POST', '/api/co/auth/sign-in', { json })
    assert.equal((await attempt()).status, 401)
    assert.equal((await attempt()).status, 401)
    const { status, headers } = await attempt()
    assert.equal(status, 429)
    const wait = Number(headers.get('retry-after'))
    assert.ok(wait > 0 && wait <= 600, String(wait))
  })
})

describe('the settings of pm2', () => {
  const server = useDoors('pm2: { enumeration: hidden, registration: off }')

  it('hide which accounts exist, and close registration', async () => {
    const json = { email: freshEmail() }
    assert.equal((await server.request('POST', '/api/oauth/reset_password', { json })).status, 200)
    const person = { ...json, username: 'ada', password, accept_terms: true }
    const answer = await server.request('POST', '/api/oauth/register', { json: person })
    assert.equal(answer.status, 500)
    assert.match(answer.text, /registration disabled/)
  })
})
