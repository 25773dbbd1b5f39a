import assert from 'node:assert/strict'
import {
  type Answer,
  type DialectUnderTest,
  freshEmail,
  sharedAccount,
  signInShared,
  type TestServer,
  type TokenAnswer,
} from 'manydoors/contract'

const base = '/acme'
const day = 86_400

/** How the contract speaks to this door. */
export const adapter: DialectUnderTest = {
  name: 'acme',
  prefixes: [base],
  origin: 'http://localhost:3000',
  accessLifetime: 900,
  maxSessions: 100,
  statuses: { signIn: 401, access: 401, rejectedPassword: 422, invalid: 422 },

  assertError({ status: given, headers, body, text }, status) {
    assert.equal(given, status, text)
    assert.equal(headers.get('content-type'), 'application/json; charset=utf-8')
    assert.deepEqual(Object.keys(body), ['error'])
    const { code, message, field = 'none', ...more } = body.error
    assert.match(code, /^[a-z_]+$/)
    assert.match(message, /^[A-Z].*\.$/)
    assert.equal(typeof field, 'string')
    assert.deepEqual(more, {})
  },

  async openAccount(server, credentials) {
    const answer = await adapter.signUp(server, credentials)
    assert.equal(answer.status, 201, answer.text)
  },
  signUp: (server, credentials) => post(server, '/users', credentials),
  signIn: async (server, credentials) => readTokens(await post(server, '/sessions', credentials)),
  signOut: (server, bearer) => server.request('DELETE', `${base}/sessions`, { bearer }),
  ask: (server, bearer) => server.request('GET', `${base}/me`, { bearer }),

  refreshing: {
    rotation: 'grace',
    form: 'opaque',
    idleLifetime: 30 * day,
    absoluteLifetime: 365 * day,
    status: 401,
    refresh: async (server, refreshToken) =>
      readTokens(await post(server, '/sessions/refresh', { refreshToken })),
  },

  blind: {
    'sign-in': async (server, email) =>
      (await adapter.signIn(server, { email, password: 'wrong-password' })).answer,
  },

  routes: [
    {
      method: 'POST',
      path: `${base}/users`,
      status: 201,
      fields: ['email', 'password'],
      example: async () => ({ body: { email: freshEmail(), password: 'four words and blanks' } }),
    },
    {
      method: 'POST',
      path: `${base}/sessions`,
      status: 200,
      fields: ['email', 'password'],
      example: async (server) => ({ body: { ...(await sharedAccount(adapter, server)) } }),
    },
    {
      method: 'POST',
      path: `${base}/sessions/second-factor`,
      // Nobody sets up a second factor at this door.
      status: 401,
      fields: ['challenge', 'code'],
      example: async () => ({ body: { challenge: 'none', code: '000000' } }),
    },
    {
      method: 'POST',
      path: `${base}/sessions/refresh`,
      status: 200,
      fields: ['refreshToken'],
      example: async (server) => ({ body: { refreshToken: (await newSession(server)).refresh } }),
    },
    {
      method: 'DELETE',
      path: `${base}/sessions`,
      status: 204,
      needsAccess: true,
      fields: [],
      example: async (server) => ({ access: (await newSession(server)).access }),
    },
    {
      method: 'GET',
      path: `${base}/me`,
      status: 200,
      needsAccess: true,
      fields: [],
      example: async (server) => ({ access: (await newSession(server)).access }),
    },
  ],
}

function post(server: TestServer, path: string, json: unknown): Promise<Answer> {
  return server.request('POST', `${base}${path}`, { json })
}

/** Of the account that all examples share. */
const newSession = (server: TestServer) => signInShared(adapter, server)

function readTokens(answer: Answer): TokenAnswer {
  if (answer.status !== 200) return { answer }
  const { accessToken: access, refreshToken: refresh, expiresIn, ...more } = answer.body
  // Less where the session ends before that.
  assert.ok(expiresIn > 0 && expiresIn <= adapter.accessLifetime)
  assert.deepEqual(more, {})
  return { answer, tokens: { access, refresh } }
}
