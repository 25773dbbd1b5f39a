import assert from 'node:assert/strict'
import { TOTP } from 'otpauth'
import type { DialectUnderTest, Recovery } from '../../contract/dialect-under-test.ts'
import { callerRoute, openSession, readTokens, sharedAccount } from '../../contract/support.ts'
import { type Answer, freshEmail, mailCausedBy, queryOf, type TestServer } from '../../harness/harness.ts'
import { mailboxOf } from '../../harness/mailboxes.ts'
import { challenge, enrol } from './factors.ts'
import { managementRoutes } from './management.ts'

const day = 86_400
const base = '/auth/v1'
const pkceChallenge = { code_challenge: 'a'.repeat(43), code_challenge_method: 's256' }

/** Whoever has forgotten the password is signed in by a mail, and sets a new one. */
const recovery: Recovery = {
  lifetime: 3600,
  status: 403,
  signsIn: true,
  forgot: (server, email) => post(server, '/recover', { email }),
  readSecret: ({ links }) => queryOf(links[0], 'token'),
  reset: async (server, { secret, password }) => {
    const opened = await post(server, '/verify', { type: 'recovery', token_hash: secret })
    if (opened.status !== 200) return opened
    return server.request('PUT', `${base}/user`, { bearer: opened.body.access_token, json: { password } })
  },
}

/** contracts/gotrue.md */
export const gotrue: DialectUnderTest = {
  name: 'gotrue',
  prefixes: [base],
  origin: 'http://localhost:3000',
  accessLifetime: 3600,
  maxSessions: 100,
  statuses: { signIn: 400, access: 403, rejectedPassword: 422, invalid: 400 },

  assertError({ status: given, headers, body, text }, status) {
    const isMissing = status === 403 && given === 401
    assert.equal(given, isMissing ? 401 : status, text)
    assert.equal(headers.get('content-type'), 'application/json; charset=utf-8')
    const { weak_password, ...error } = body
    assert.deepEqual(Object.keys(error), ['code', 'error_code', 'msg'])
    assert.equal(error.code, given)
    assert.match(error.error_code, /^[a-z]\w+$/)
    assert.equal(headers.get('x-sb-error-code'), error.error_code)
    assert.match(error.msg, /^[A-Za-z].+/)
    if (weak_password) assert.deepEqual(Object.keys(weak_password), ['reasons'])
  },

  async openAccount(server, { email, password }) {
    const { links } = await mailCausedBy(
      server,
      { to: mailboxOf(email), subject: /^Confirm your e-mail/ },
      async () => {
        const answer = await gotrue.signUp(server, { email, password })
        assert.equal(answer.status, 200, answer.text)
      },
    )
    const answer = await post(server, '/verify', { type: 'signup', token_hash: queryOf(links[0], 'token') })
    assert.equal(answer.status, 200, answer.text)
  },
  signUp: (server, { email, password }) => post(server, '/signup', { email, password }),
  signIn: async (server, { email, password }) =>
    readTokens(await post(server, '/token?grant_type=password', { email, password })),
  signOut: (server, bearer) => server.request('POST', `${base}/logout?scope=local`, { bearer }),
  ask: (server, bearer) => server.request('GET', `${base}/user`, { bearer }),

  refreshing: {
    rotation: 'untilConfirmed',
    forgivesOlderTokens: true,
    form: 'opaque',
    idleLifetime: 90 * day,
    absoluteLifetime: 365 * day,
    status: 400,
    refresh: async (server, refresh_token) =>
      readTokens(await post(server, '/token?grant_type=refresh_token', { refresh_token })),
  },
  recovery,

  blind: {
    'sign-in': (server, email) =>
      post(server, '/token?grant_type=password', { email, password: 'wrong-password' }),
    signup: (server, email) => post(server, '/signup', { email, password: 'four words and blanks' }),
    recover: (server, email) => post(server, '/recover', { email }),
    otp: (server, email) => post(server, '/otp', { email }),
    'otp without an account': (server, email) => post(server, '/otp', { email, create_user: false }),
    resend: (server, email) => post(server, '/resend', { type: 'signup', email }),
    verify: (server, email) => post(server, '/verify', { type: 'email', email, token: '123456' }),
  },

  routes: [
    {
      method: 'POST',
      path: `${base}/signup`,
      status: 200,
      fields: ['email', 'password', 'data'],
      optional: ['data'],
      jsonOnly: true,
      example: async () => ({
        body: { email: freshEmail(), password: 'four words and blanks', data: { name: 'Ada' } },
      }),
    },
    {
      method: 'POST',
      path: `${base}/token`,
      status: 200,
      fields: ['email', 'password'],
      example: async (server) => ({
        query: { grant_type: 'password' },
        body: { ...(await sharedAccount(gotrue, server)) },
      }),
    },
    callerRoute(() => gotrue, 'GET', `${base}/user`),
    {
      method: 'PUT',
      path: `${base}/user`,
      status: 200,
      needsAccess: true,
      fields: ['email', 'password', 'data', 'nonce', 'current_password'],
      optional: ['email', 'password', 'data', 'nonce', 'current_password'],
      jsonOnly: true,
      example: async (server) => {
        const { access, password } = await openSession(gotrue, server)
        return {
          access,
          body: {
            email: freshEmail(),
            password: 'another password altogether',
            data: { name: 'Ada' },
            nonce: '123456',
            current_password: password,
          },
        }
      },
    },
    callerRoute(() => gotrue, 'GET', `${base}/reauthenticate`),
    {
      method: 'POST',
      path: `${base}/factors`,
      status: 200,
      needsAccess: true,
      fields: ['factor_type', 'friendly_name', 'issuer'],
      optional: ['friendly_name', 'issuer'],
      example: async (server) => ({
        access: (await openSession(gotrue, server)).access,
        body: { factor_type: 'totp', friendly_name: 'Phone', issuer: 'Acme' },
      }),
    },
    {
      method: 'POST',
      path: `${base}/factors/:id/challenge`,
      status: 200,
      needsAccess: true,
      fields: [],
      example: (server) => withFactor(server),
    },
    {
      method: 'POST',
      path: `${base}/factors/:id/verify`,
      status: 200,
      needsAccess: true,
      fields: ['challenge_id', 'code'],
      example: async (server) => {
        const { access, params, secret } = await withFactor(server)
        const code = new TOTP({ secret }).generate({ timestamp: server.clock.now() })
        return {
          access,
          params,
          body: { challenge_id: await challenge(server, access, params.id), code },
        }
      },
    },
    {
      method: 'DELETE',
      path: `${base}/factors/:id`,
      status: 200,
      needsAccess: true,
      fields: [],
      example: (server) => withFactor(server),
    },
    {
      method: 'POST',
      path: `${base}/recover`,
      status: 200,
      fields: ['email', 'code_challenge', 'code_challenge_method'],
      optional: ['code_challenge', 'code_challenge_method'],
      example: async () => ({ body: { email: freshEmail(), ...pkceChallenge } }),
    },
    {
      method: 'POST',
      path: `${base}/otp`,
      status: 200,
      fields: ['email', 'create_user', 'data'],
      optional: ['create_user', 'data'],
      loose: ['create_user'],
      jsonOnly: true,
      example: async () => ({ body: { email: freshEmail(), create_user: true, data: { name: 'Ada' } } }),
    },
    {
      method: 'POST',
      path: `${base}/resend`,
      status: 200,
      fields: ['type', 'email'],
      example: async () => ({ body: { type: 'signup', email: freshEmail() } }),
    },
    {
      method: 'POST',
      path: `${base}/verify`,
      status: 200,
      fields: ['type', 'token_hash'],
      example: async (server) => {
        const email = freshEmail()
        const { links } = await mailCausedBy(server, { to: email, subject: /^Confirm your e-mail/ }, () =>
          gotrue.signUp(server, { email, password: 'four words and blanks' }),
        )
        return { body: { type: 'signup', token_hash: queryOf(links[0], 'token') } }
      },
    },
    {
      method: 'POST',
      path: `${base}/logout`,
      status: 204,
      needsAccess: true,
      fields: [],
      example: async (server) => ({ access: (await openSession(gotrue, server)).access }),
    },
  ],

  management: managementRoutes(() => gotrue),
}

function post(server: TestServer, path: string, json: object): Promise<Answer> {
  return server.request('POST', `${base}${path}`, { json })
}

/** A session with an authenticator that has been begun. */
async function withFactor(server: TestServer) {
  const { access } = await openSession(gotrue, server)
  const { id, secret } = await enrol(server, access)
  return { access, params: { id }, secret }
}
