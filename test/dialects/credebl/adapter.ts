import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
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
  claimsOf,
  freshEmail,
  mailCausedBy,
  queryOf,
  type TestServer,
} from '../../harness/harness.ts'
import { mailboxOf } from '../../harness/mailboxes.ts'

const day = 86_400
const brand = {
  brandLogoUrl: 'https://example.com/logo.png',
  platformName: 'Example',
  endpoint: 'http://localhost:3000',
  clientAlias: 'VERIFIER',
}
const brandFields = Object.keys(brand)

const recovery: Recovery = {
  lifetime: 3600,
  status: 400,
  forgot: (server, email) => post(server, '/auth/forgot-password', { email }),
  readSecret: ({ links }) => queryOf(links[0], 'verificationCode'),
  reset: (server, { email, secret: token, password }) =>
    post(server, `/auth/password-reset/${encodeURIComponent(email)}`, { token, password }),
}

/** contracts/credebl.md */
export const credebl: DialectUnderTest = {
  name: 'credebl',
  prefixes: ['/auth', '/v1/auth', '/users', '/v1/users'],
  origin: 'http://localhost:3000',
  accessLifetime: 3600,
  maxSessions: 10,
  statuses: { signIn: 401, access: 401, rejectedPassword: 400, invalid: 400 },

  assertError({ status: given, headers, body, text }, status) {
    assert.equal(given, status, text)
    assert.equal(headers.get('content-type'), 'application/json; charset=utf-8')
    assert.deepEqual(Object.keys(body), ['statusCode', 'message', 'error'])
    assert.equal(body.statusCode, status)
    assert.equal(body.error, STATUS_CODES[status])
    const messages: unknown[] = [body.message].flat()
    assert.ok(messages.length > 0)
    for (const message of messages) assert.match(String(message), /^\w.*[\w.!]$/)
  },

  async openAccount(server, credentials) {
    const answer = await credebl.signUp(server, credentials)
    assert.equal(answer.status, 201, answer.text)
  },
  async signUp(server, { email, password }) {
    const verificationCode = await requestCode(server, email)
    return post(server, '/auth/signup', { ...names, email, password, verificationCode })
  },
  signIn: async (server, { email, password }) =>
    tokensIn(await post(server, '/auth/signin', { email, password })),
  signOut: (server, bearer) => server.request('POST', '/auth/signout', { bearer }),
  ask: (server, bearer) => server.request('GET', '/users/profile', { bearer }),
  async listSessions(server, bearer) {
    const path = `/auth/${claimsOf(bearer).sub}/sessions`
    const { body } = await server.request('GET', path, { bearer })
    return body.data.map(({ id }: { id: string }) => id)
  },

  refreshing: {
    rotation: 'untilConfirmed',
    form: 'jwt',
    idleLifetime: day,
    absoluteLifetime: 30 * day,
    status: 401,
    refresh: async (server, refreshToken) =>
      tokensIn(await post(server, '/auth/refresh-token', { refreshToken })),
  },
  recovery,

  blind: {
    'sign-in': (server, email) => post(server, '/auth/signin', { email, password: 'wrong-password' }),
    'sign-in with an encrypted password': (server, email) =>
      post(server, '/auth/signin', { email, password: 'U2FsdGVkX18=', isPasswordEncrypted: true }),
    'forgot-password': (server, email) => post(server, '/auth/forgot-password', { email }),
    'forgot-password with a brand': (server, email) =>
      post(server, '/auth/forgot-password', { email, ...brand }),
    'password-reset with a token that nobody has': (server, email) =>
      recovery.reset(server, { email, secret: 'x'.repeat(43), password: '12345678' }),
    'reset-password with a wrong old password': (server, email) =>
      post(server, '/auth/reset-password', { email, oldPassword: 'wrong-password', newPassword: '12345678' }),
    'verification-mail': (server, email) => post(server, '/auth/verification-mail', { email }),
    'verify with a code that nobody has': (server, email) =>
      server.request('GET', `/auth/verify?${new URLSearchParams({ email, verificationCode: 'x' })}`),
    'the first step of a sign-up': (server, email) => server.request('GET', `/users/${email}`),
    'sign-up with a code that nobody has': (server, email) =>
      post(server, '/auth/signup', { ...names, email, password: '12345678', verificationCode: 'x' }),
  },

  routes: [
    {
      method: 'POST',
      path: '/auth/signin',
      status: 200,
      fields: ['email', 'password', 'isPasswordEncrypted'],
      optional: ['isPasswordEncrypted'],
      example: async (server) => ({
        body: { ...(await sharedAccount(credebl, server)), isPasswordEncrypted: false },
      }),
    },
    {
      method: 'POST',
      path: '/auth/signin/two-factor',
      // No route of this dialect sets a second factor up, so every challenge is unknown.
      status: 401,
      fields: ['twoFactorToken', 'code'],
      example: async () => ({ body: { twoFactorToken: 'x'.repeat(64), code: '123456' } }),
    },
    {
      method: 'POST',
      path: '/auth/refresh-token',
      status: 200,
      fields: ['refreshToken'],
      example: async (server) => ({ body: { refreshToken: (await signInShared(credebl, server)).refresh } }),
    },
    {
      method: 'POST',
      path: '/auth/signout',
      status: 200,
      needsAccess: true,
      fields: ['sessions'],
      optional: ['sessions'],
      // A list may hold null.
      loose: ['sessions'],
      example: async (server) => {
        const { access } = await signInShared(credebl, server)
        return { access, body: { sessions: [claimsOf(access).sid, randomUUID()] } }
      },
    },
    {
      method: 'POST',
      path: '/auth/forgot-password',
      status: 200,
      fields: ['email', ...brandFields],
      optional: brandFields,
      example: async () => ({ body: { email: freshEmail(), ...brand } }),
    },
    {
      method: 'POST',
      path: '/auth/password-reset/:email',
      status: 200,
      fields: ['password', 'token', 'isPasswordEncrypted'],
      optional: ['isPasswordEncrypted'],
      example: async (server) => {
        const { email, password } = await openAccount(credebl, server)
        const token = await requestSecret(recovery, server, email)
        return { params: { email }, body: { password, token, isPasswordEncrypted: false } }
      },
    },
    {
      method: 'POST',
      path: '/auth/reset-password',
      status: 200,
      fields: ['email', 'oldPassword', 'newPassword', 'isPasswordEncrypted'],
      optional: ['isPasswordEncrypted'],
      readsBearer: true,
      example: changeExample,
    },
    {
      method: 'GET',
      path: '/auth/:userId/sessions',
      status: 200,
      needsAccess: true,
      fields: [],
      example: async (server) => {
        const { access } = await signInShared(credebl, server)
        return { access, params: { userId: claimsOf(access).sub } }
      },
    },
    {
      method: 'DELETE',
      path: '/auth/:sessionId/sessions',
      status: 200,
      needsAccess: true,
      fields: [],
      example: async (server) => {
        const { access } = await signInShared(credebl, server)
        return { access, params: { sessionId: claimsOf(access).sid } }
      },
    },
    {
      method: 'POST',
      path: '/auth/verification-mail',
      status: 201,
      fields: ['email', ...brandFields],
      optional: brandFields,
      example: async () => ({ query: { clientAlias: 'VERIFIER' }, body: { email: freshEmail(), ...brand } }),
    },
    {
      method: 'GET',
      path: '/auth/verify',
      status: 200,
      fields: [],
      example: async (server) => {
        const email = freshEmail()
        return { query: { email, verificationCode: await requestCode(server, email) } }
      },
    },
    {
      method: 'POST',
      path: '/auth/signup',
      status: 201,
      fields: ['email', 'firstName', 'lastName', 'password', 'isPasswordEncrypted', 'verificationCode'],
      optional: ['isPasswordEncrypted'],
      example: async (server) => {
        const email = freshEmail()
        const verificationCode = await requestCode(server, email)
        return {
          body: { email, ...names, password: '12345678', isPasswordEncrypted: false, verificationCode },
        }
      },
    },
    callerRoute(() => credebl, 'GET', '/users/profile'),
    {
      method: 'PUT',
      path: '/users',
      status: 200,
      needsAccess: true,
      fields: ['firstName', 'lastName'],
      example: async (server) => ({ access: (await signInShared(credebl, server)).access, body: names }),
    },
    {
      method: 'GET',
      path: '/users/:email',
      status: 200,
      fields: [],
      needsNoDatabase: true,
      example: async () => ({ params: { email: freshEmail() } }),
    },
    {
      method: 'GET',
      path: '/auth/sessionDetails',
      status: 200,
      fields: [],
      example: async (server) => {
        const json = await sharedAccount(credebl, server)
        const { body } = await server.request('POST', '/auth/signin', { json })
        return { query: { sessionId: body.data.sessionId } }
      },
    },
    {
      method: 'GET',
      path: '/auth/clientAliases',
      status: 200,
      fields: [],
      needsNoDatabase: true,
      example: async () => ({}),
    },
  ],
}

const names = { firstName: 'Ada', lastName: 'Lovelace' }

async function changeExample(server: TestServer) {
  const { email, password } = await openAccount(credebl, server)
  const newPassword = 'another password altogether'
  return { body: { email, oldPassword: password, newPassword, isPasswordEncrypted: false } }
}

/** The code of the verification mail; none where the address has an account already, whose owner is told so. */
async function requestCode(server: TestServer, email: string): Promise<string> {
  const to = mailboxOf(email)
  const { links } = await mailCausedBy(server, { to, subject: /^(Confirm|You already have)/ }, async () => {
    const answer = await post(server, '/auth/verification-mail', { email })
    assert.equal(answer.status, 201, answer.text)
  })
  const link = links.find((link) => new URL(link).searchParams.has('verificationCode'))
  return link === undefined ? 'none' : queryOf(link, 'verificationCode')
}

function post(server: TestServer, path: string, json: object): Promise<Answer> {
  return server.request('POST', path, { json })
}

function tokensIn(answer: Answer): TokenAnswer {
  return readTokens(answer, answer.body.data ?? {})
}
