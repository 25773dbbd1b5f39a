import assert from 'node:assert/strict'
import type { DialectUnderTest, Example, Recovery, TokenAnswer } from '../../contract/dialect-under-test.ts'
import { openAccount, requestSecret, sharedAccount, signInShared } from '../../contract/support.ts'
import { type Answer, freshEmail, queryOf, type TestServer } from '../../harness/harness.ts'
import { app, freshPhone, headersOf, me, post, register, sentCode } from './door.ts'

const prefix = '/api/v1/auth'
const password = '12345678'

const recovery: Recovery = {
  lifetime: 1800,
  status: 400,
  forgot: (server, email) => post(server, '/forgotpass', { json: { email } }),
  readSecret: ({ links }) => queryOf(links[0], 'token'),
  reset: (server, { secret: token, password }) =>
    post(server, '/resetpass', { json: { token, password, passwordConfirm: password } }),
}

/** contracts/vastly.md */
export const vastly: DialectUnderTest = {
  name: 'vastly',
  prefixes: [prefix],
  origin: app.origin,
  accessLifetime: 3600,
  maxSessions: 100,
  statuses: { signIn: 401, access: 401, rejectedPassword: 400, invalid: 400 },

  assertError({ status: given, headers, body, text }, status) {
    assert.equal(given, status, text)
    assert.match(headers.get('content-type') ?? '', /^application\/json(;|$)/)
    const { message, errors, ...rest } = body
    assert.deepEqual(rest, { status: status < 500 ? 'fail' : 'error' })
    assert.deepEqual(Object.keys(body), ['status', 'message', ...(errors ? ['errors'] : [])])
    assert.match(message, /^[A-Z]\w.*\w$/)
    for (const text of Object.values(errors ?? {})) assert.match(String(text), /^[A-Z]\w.*[\w.]$/)
  },

  async openAccount(server, credentials) {
    const answer = await vastly.signUp(server, credentials)
    assert.equal(answer.status, 201, answer.text)
  },
  signUp: (server, { email, password }) =>
    post(server, '/register', { json: { email, password, passwordConfirm: password } }),
  signIn: async (server, json) => readToken(await post(server, '/login', { json })),
  signOut: (server, bearer) => post(server, '/logout', { bearer }),
  ask: (server, bearer) => me(server, bearer),

  recovery,

  blind: {
    'log-in': (server, email) => post(server, '/login', { json: { email, password: 'wrong-password' } }),
    'forgotten passwords': (server, email) => recovery.forgot(server, email),
  },

  routes: [
    {
      method: 'POST',
      path: `${prefix}/register`,
      status: 201,
      fields: ['email', 'mobile', 'password', 'passwordConfirm'],
      optional: ['mobile'],
      example: async () =>
        example({ email: freshEmail(), mobile: freshPhone(), password, passwordConfirm: password }),
    },
    {
      method: 'POST',
      path: `${prefix}/login`,
      status: 200,
      fields: ['email', 'password'],
      example: async (server) => example({ ...(await sharedAccount(vastly, server)) }),
    },
    {
      method: 'POST',
      path: `${prefix}/login/two-factor`,
      // No route of this dialect sets a second factor up, so every challenge is unknown.
      status: 400,
      fields: ['twoFactorToken', 'code'],
      example: async () => example({ twoFactorToken: 'x'.repeat(64), code: '123456' }),
    },
    {
      method: 'POST',
      path: `${prefix}/logout`,
      status: 200,
      needsAccess: true,
      fields: [],
      example: async (server) => ({ ...example(), access: (await signInShared(vastly, server)).access }),
    },
    {
      method: 'GET',
      path: `${prefix}/me`,
      status: 200,
      needsAccess: true,
      fields: [],
      example: async (server) => ({ ...example(), access: (await signInShared(vastly, server)).access }),
    },
    {
      method: 'POST',
      path: `${prefix}/forgotpass`,
      status: 200,
      fields: ['email'],
      example: async () => example({ email: freshEmail() }),
    },
    {
      method: 'POST',
      path: `${prefix}/forgotpass/mobile`,
      status: 200,
      fields: ['mobile'],
      example: async () => example({ mobile: freshPhone() }),
    },
    {
      method: 'POST',
      path: `${prefix}/resetpass`,
      status: 200,
      fields: ['token', 'password', 'passwordConfirm'],
      example: async (server) => {
        const { email } = await openAccount(vastly, server)
        const token = await requestSecret(recovery, server, email)
        return example({ token, password, passwordConfirm: password })
      },
    },
    {
      method: 'POST',
      path: `${prefix}/resetpass/mobile`,
      status: 200,
      fields: ['token', 'mobile', 'password', 'passwordConfirm'],
      optional: ['mobile'],
      example: resetBySms,
    },
  ],
}

async function resetBySms(server: TestServer): Promise<Example> {
  const mobile = freshPhone()
  await register(server, { mobile })
  const token = await sentCode(server, mobile)
  return example({ token, mobile, password, passwordConfirm: password })
}

function example(body?: Record<string, unknown>): Example {
  return { headers: headersOf(app), ...(body && { body }) }
}

function readToken(answer: Answer): TokenAnswer {
  const access = answer.body.token
  return { answer, ...(access && { tokens: { access, refresh: '' } }) }
}
