import assert from 'node:assert/strict'
import { STATUS_CODES } from 'node:http'
import type { DialectUnderTest, Recovery, TokenAnswer } from '../../contract/dialect-under-test.ts'
import {
  callerRoute,
  openAccount,
  readTokens,
  requestSecret,
  sharedAccount,
  signInShared,
} from '../../contract/support.ts'
import {
  type Answer,
  freshEmail,
  queryOf,
  type RequestOptions,
  type TestServer,
} from '../../harness/harness.ts'

const prefix = '/api/co/auth'
const day = 86_400
const redirect_to = 'https://platform.minbil.no/reset-password'

const recovery: Recovery = {
  lifetime: 3600,
  status: 400,
  forgot: (server, email) => post(server, '/forgot-password', { json: { email, redirect_to } }),
  readSecret: ({ links }) => queryOf(links[0], 'token'),
  reset: (server, { secret: token, password }) =>
    post(server, '/reset-password', { json: { token, password } }),
}

/** contracts/minbil.md */
export const minbil: DialectUnderTest = {
  name: 'minbil',
  prefixes: [prefix],
  origin: 'https://platform.minbil.no',
  accessLifetime: 3600,
  maxSessions: 100,
  statuses: { signIn: 401, access: 401, rejectedPassword: 400, invalid: 400 },

  assertError({ status: given, headers, body, text }, status) {
    assert.equal(given, status, text)
    assert.equal(headers.get('content-type'), 'application/problem+json; charset=utf-8')
    const { code, message, ...rest } = body
    assert.deepEqual(Object.keys(body), ['type', 'title', 'status', 'code', 'message'])
    assert.deepEqual(rest, { type: 'about:blank', title: STATUS_CODES[status], status })
    assert.match(code, /^[a-z]+(_[a-z]+)*$/)
    assert.match(message, /^\w.*\.$/)
  },

  async openAccount(server, credentials) {
    const answer = await minbil.signUp(server, credentials)
    assert.equal(answer.status, 201, answer.text)
  },
  signUp: (server, json) => post(server, '/sign-up', { json }),
  signIn: async (server, json) => readTokens(await post(server, '/sign-in', { json })),
  signOut: (server, bearer) => post(server, '/sign-out', { bearer }),
  // There is no other route that takes an access token and nothing else.
  ask: (server, bearer) => post(server, '/sign-out', { bearer }),
  askLate: (server, bearer) => post(server, '/refresh', { bearer }),

  refreshing: {
    rotation: 'grace',
    form: 'opaque',
    idleLifetime: 30 * day,
    absoluteLifetime: 365 * day,
    status: 401,
    refresh: (server, refresh_token) => refreshBy(server, { json: { refresh_token } }),
    otherWays: {
      'the Bearer value': (server, bearer) => refreshBy(server, { bearer }),
      'the cookie': (server, token) =>
        refreshBy(server, { headers: { cookie: `__Secure-minbil-refresh=${encodeURIComponent(token)}` } }),
    },
  },

  recovery,

  blind: {
    'sign-in': (server, email) => post(server, '/sign-in', { json: { email, password: 'wrong-password' } }),
    'forgot-password': (server, email) => post(server, '/forgot-password', { json: { email, redirect_to } }),
    'forgot-password to the hosted page': (server, email) =>
      post(server, '/forgot-password', { json: { email } }),
    'forgot-password to a foreign page': (server, email) =>
      post(server, '/forgot-password', { json: { email, redirect_to: 'https://evil.example/' } }),
  },

  routes: [
    {
      method: 'POST',
      path: `${prefix}/sign-up`,
      status: 201,
      fields: ['email', 'password'],
      example: async () => ({ body: { email: freshEmail(), password: '12345678' } }),
    },
    {
      method: 'POST',
      path: `${prefix}/sign-in`,
      status: 200,
      fields: ['email', 'password'],
      example: async (server) => ({ body: { ...(await sharedAccount(minbil, server)) } }),
    },
    {
      method: 'POST',
      path: `${prefix}/two-factor`,
      // No route of this dialect sets a second factor up, so every challenge is unknown.
      status: 400,
      fields: ['two_factor_token', 'code'],
      example: async () => ({ body: { two_factor_token: 'x'.repeat(64), code: '123456' } }),
    },
    {
      method: 'POST',
      path: `${prefix}/refresh`,
      status: 200,
      fields: ['refresh_token'],
      readsBearer: true,
      example: async (server) => ({ body: { refresh_token: (await signInShared(minbil, server)).refresh } }),
    },
    callerRoute(() => minbil, 'POST', `${prefix}/sign-out`),
    {
      method: 'POST',
      path: `${prefix}/forgot-password`,
      status: 200,
      fields: ['email', 'redirect_to'],
      optional: ['redirect_to'],
      example: async () => ({ body: { email: freshEmail(), redirect_to } }),
    },
    {
      method: 'POST',
      path: `${prefix}/reset-password`,
      status: 200,
      fields: ['token', 'password'],
      example: async (server) => {
        const { email, password } = await openAccount(minbil, server)
        return { body: { token: await requestSecret(recovery, server, email), password } }
      },
    },
  ],
}

function post(server: TestServer, path: string, options: RequestOptions): Promise<Answer> {
  return server.request('POST', `${prefix}${path}`, options)
}

async function refreshBy(server: TestServer, options: RequestOptions): Promise<TokenAnswer> {
  return readTokens(await post(server, '/refresh', options))
}
