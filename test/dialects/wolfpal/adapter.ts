import assert from 'node:assert/strict'
import type { DialectUnderTest, Recovery } from '../../contract/dialect-under-test.ts'
import {
  callerRoute,
  openAccount,
  openSession,
  readTokens,
  requestSecret,
  sharedAccount,
  signInShared,
} from '../../contract/support.ts'
import {
  type Answer,
  claimsOf,
  freshEmail,
  mailCausedBy,
  queryOf,
  type TestServer,
} from '../../harness/harness.ts'
import { mailboxOf } from '../../harness/mailboxes.ts'
import { challengeFor, enrol, freshPerson, nextCode, registerWithSecondFactor, send, signUp } from './door.ts'

const day = 86_400
const password = 'four words and blanks'

const recovery: Recovery = {
  lifetime: 3600,
  status: 400,
  forgot: (server, email) => post(server, '/user/forgot-password', { email }),
  readSecret: ({ links }) => queryOf(links[0], 'token'),
  reset: (server, { secret, password }) =>
    post(server, `/user/reset-password/${encodeURIComponent(secret)}`, {
      password,
      confirmPassword: password,
    }),
}

/** contracts/wolfpal.md */
export const wolfpal: DialectUnderTest = {
  name: 'wolfpal',
  // Not `/auth`, where credebl is asked first, and not `/sessions`, below which everything may be an id.
  prefixes: ['/api/auth', '/user', '/api/user', '/account', '/api/account'],
  origin: 'http://localhost:3000',
  accessLifetime: 1800,
  maxSessions: 100,
  statuses: { signIn: 400, access: 401, rejectedPassword: 400, invalid: 400 },

  assertError({ status: given, headers, body, text }, status) {
    assert.equal(given, status, text)
    assert.equal(headers.get('content-type'), 'application/json; charset=utf-8')
    if (body.codes !== undefined) return assertInvalid(body)
    assert.deepEqual(Object.keys(body), ['code', 'error'])
    if (body.code !== status) assert.match(body.code, /^[A-Z]+(_[A-Z]+)*$/)
    assert.match(body.error, /^[A-Z].*[\w.]$/)
  },

  async openAccount(server, credentials) {
    const token = await requestActivation(server, credentials.email, async () => {
      const answer = await wolfpal.signUp(server, credentials)
      assert.equal(answer.status, 201, answer.text)
    })
    const answer = await send(server, 'PUT', `/user/activate-account/${token}`)
    assert.equal(answer.status, 200, answer.text)
  },
  signUp: (server, { email, password }) =>
    post(server, '/auth/register', { ...freshPerson(), email, password }),
  signIn: async (server, { email, password }) =>
    readTokens(await post(server, '/auth/login', { email, password })),
  signOut: (server, bearer) => send(server, 'POST', '/auth/logout', { bearer }),
  ask: (server, bearer) => send(server, 'GET', '/account', { bearer }),
  async listSessions(server, bearer) {
    const { body } = await send(server, 'GET', '/sessions', { bearer })
    return body.sessions.map(({ _id }: { _id: string }) => _id)
  },

  refreshing: {
    rotation: 'grace',
    form: 'jwt',
    idleLifetime: day,
    absoluteLifetime: 30 * day,
    status: 401,
    refresh: async (server, refresh_token) =>
      readTokens(await post(server, '/auth/refresh', { refresh_token })),
    otherWays: {
      'a form': async (server, refresh_token) =>
        readTokens(await send(server, 'POST', '/auth/refresh', { form: { refresh_token } })),
    },
  },
  recovery,

  blind: {
    login: (server, email) => post(server, '/auth/login', { email, password: 'wrong-password' }),
    register: (server, email) => post(server, '/auth/register', { ...freshPerson(), email }),
    'forgot-password': (server, email) => post(server, '/user/forgot-password', { email }),
    'activate-account/resend': (server, email) => post(server, '/user/activate-account/resend', { email }),
  },

  routes: [
    {
      method: 'POST',
      path: '/api/auth/register',
      status: 201,
      fields: ['username', 'email', 'password'],
      example: async () => ({ body: { ...freshPerson() } }),
    },
    {
      method: 'POST',
      path: '/api/auth/login',
      status: 200,
      fields: ['email', 'password'],
      example: async (server) => ({ body: { ...(await sharedAccount(wolfpal, server)) } }),
    },
    {
      method: 'POST',
      path: '/api/auth/two-factor',
      status: 200,
      fields: ['token', 'code'],
      example: async (server) => {
        const person = await sharedSecondFactor(server)
        return { body: { token: await challengeFor(server, person), code: nextCode(server, person.secret) } }
      },
    },
    {
      method: 'POST',
      path: '/api/auth/refresh',
      status: 200,
      fields: ['refresh_token'],
      example: async (server) => ({ body: { refresh_token: (await signInShared(wolfpal, server)).refresh } }),
    },
    callerRoute(() => wolfpal, 'POST', '/api/auth/logout'),
    {
      method: 'PUT',
      path: '/api/user/activate-account/:token',
      status: 200,
      fields: [],
      example: async (server) => {
        const person = freshPerson()
        return {
          params: { token: await requestActivation(server, person.email, () => signUp(server, person)) },
        }
      },
    },
    {
      method: 'POST',
      path: '/api/user/activate-account/resend',
      status: 200,
      fields: ['email'],
      example: async () => ({ body: { email: freshEmail() } }),
    },
    {
      method: 'POST',
      path: '/api/user/forgot-password',
      status: 200,
      fields: ['email'],
      example: async () => ({ body: { email: freshEmail() } }),
    },
    {
      method: 'POST',
      path: '/api/user/reset-password/:token',
      status: 200,
      fields: ['password', 'confirmPassword'],
      example: async (server) => {
        const { email } = await openAccount(wolfpal, server)
        const token = await requestSecret(recovery, server, email)
        return { params: { token }, body: { password, confirmPassword: password } }
      },
    },
    callerRoute(() => wolfpal, 'GET', '/api/account'),
    callerRoute(() => wolfpal, 'POST', '/api/account/two-factor'),
    {
      method: 'PUT',
      path: '/api/account/two-factor',
      status: 200,
      needsAccess: true,
      fields: ['code'],
      example: async (server) => {
        const { access } = await openSession(wolfpal, server)
        const { secret } = await enrol(server, access)
        return { access, body: { code: nextCode(server, secret) } }
      },
    },
    {
      method: 'DELETE',
      path: '/api/account/two-factor',
      status: 200,
      needsAccess: true,
      fields: [],
      example: async (server) => {
        const { access, secret } = await registerWithSecondFactor(server)
        return { access, query: { code: nextCode(server, secret) } }
      },
    },
    {
      method: 'PUT',
      path: '/api/account/change-password',
      status: 200,
      needsAccess: true,
      fields: ['oldPassword', 'newPassword'],
      example: async (server) => {
        const { access, password: oldPassword } = await openSession(wolfpal, server)
        return { access, body: { oldPassword, newPassword: password } }
      },
    },
    callerRoute(() => wolfpal, 'GET', '/api/sessions'),
    {
      method: 'DELETE',
      path: '/api/sessions',
      status: 200,
      needsAccess: true,
      fields: [],
      example: async (server) => ({ access: (await openSession(wolfpal, server)).access }),
    },
    {
      method: 'DELETE',
      path: '/api/sessions/:id',
      status: 200,
      needsAccess: true,
      fields: [],
      example: async (server) => {
        const { access } = await signInShared(wolfpal, server)
        return { access, params: { id: claimsOf(access).sid } }
      },
    },
  ],
}

/** Fields that were refused: one word of the dialect and one sentence for each. */
function assertInvalid(body: Record<string, Record<string, string>>): void {
  const { code, codes = {}, errors = {} } = body
  assert.deepEqual(Object.keys(body), ['code', 'codes', 'errors'])
  assert.equal(code, 400)
  assert.deepEqual(Object.keys(errors), Object.keys(codes))
  assert.notEqual(Object.keys(codes).length, 0)
  const words = /^(REQUIRED|INVALID|INVALID_CHARACTERS|NOT_LONG_ENOUGH|NO_MATCH)$/
  for (const word of Object.values(codes)) assert.match(word, words)
  for (const text of Object.values(errors)) assert.match(text, /^[A-Z][\w ,]+\.$/)
}

/** The token of the mail that asks to confirm the address, which `cause` sends. */
async function requestActivation(
  server: TestServer,
  email: string,
  cause: () => Promise<unknown>,
): Promise<string> {
  const to = mailboxOf(email)
  const { links } = await mailCausedBy(server, { to, subject: /^Confirm your e-mail/ }, cause)
  return queryOf(links[0], 'token')
}

type WithSecondFactor = ReturnType<typeof registerWithSecondFactor>

/** An account with a second factor that all who ask share. */
function sharedSecondFactor(server: TestServer): WithSecondFactor {
  const opened = withSecondFactor.get(server) ?? registerWithSecondFactor(server)
  withSecondFactor.set(server, opened)
  return opened
}
const withSecondFactor = new WeakMap<TestServer, WithSecondFactor>()

function post(server: TestServer, path: string, json: object): Promise<Answer> {
  return send(server, 'POST', path, { json })
}
