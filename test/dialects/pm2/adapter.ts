import assert from 'node:assert/strict'
import type { DialectUnderTest, Recovery } from '../../contract/dialect-under-test.ts'
import {
  callerRoute,
  openSession,
  readTokens,
  requestSecret,
  sharedAccount,
  signInShared,
} from '../../contract/support.ts'
import { type Answer, freshEmail, type TestServer } from '../../harness/harness.ts'
import {
  beginLogin,
  defaultClient,
  freshPerson,
  refresh,
  registration,
  send,
  validation,
  whoAmI,
} from './door.ts'

const day = 86_400
const password = 'four words and blanks'

const recovery: Recovery = {
  lifetime: 3600,
  status: 400,
  unknownStatus: 404,
  forgot: (server, email) => post(server, '/reset_password', { email }),
  readSecret: ({ links }) => links[0]?.split('/').at(-1) ?? assert.fail('no link in the mail'),
  reset: (server, { secret, password }) =>
    post(server, `/reset_password/${encodeURIComponent(secret)}`, { password }),
}

/**
 * contracts/pm2.md. `/authorize`, what finishes it and the form of a new password answer with pages, and a GET that
 * has a body is no request that the suite can send: those have tests of their own.
 */
export const pm2: DialectUnderTest = {
  name: 'pm2',
  prefixes: ['/api/oauth', '/api/bucket', '/api/users'],
  origin: 'https://app.keymetrics.io',
  accessLifetime: 3600,
  maxSessions: 100,
  statuses: { signIn: 401, access: 401, rejectedPassword: 400, invalid: 400, signedOut: 404 },

  assertError({ status: given, headers, body, text }, status) {
    assert.equal(given, status, text)
    assert.equal(headers.get('content-type'), 'application/json; charset=utf-8')
    if (body.error === undefined) return assertFieldErrors(body)
    assert.deepEqual(Object.keys(body), ['error', 'error_description', 'msg'])
    assert.match(body.error, /^[a-z]+(_[a-z]+)*$/)
    assert.match(body.error_description, /^\w.*\.$/)
    assert.equal(body.msg, body.error_description)
  },

  async openAccount(server, credentials) {
    const answer = await pm2.signUp(server, credentials)
    assert.equal(answer.status, 200, answer.text)
  },
  signUp: (server, credentials) =>
    post(server, '/register', registration({ ...freshPerson(), ...credentials })),
  async signIn(server, { email, password }) {
    const headers = { cookie: await beginLogin(server) }
    const answer = await send(server, 'POST', '/login', { form: { username: email, password }, headers })
    const path = answer.headers.get('x-redirect')
    if (path === null) return { answer }
    const finished = await server.request('GET', path, { headers })
    const token = new URL(finished.headers.get('location') ?? '').searchParams.get('access_token')
    return readTokens(await refresh(server, token ?? ''))
  },
  signOut: (server, bearer) => send(server, 'POST', '/revoke', { bearer }),
  ask: (server, bearer) => whoAmI(server, bearer),

  refreshing: {
    rotation: 'static',
    form: 'opaque',
    idleLifetime: 30 * day,
    absoluteLifetime: 365 * day,
    status: 400,
    refresh: async (server, token) => readTokens(await refresh(server, token)),
    otherWays: {
      'a form': async (server, refresh_token) => {
        const form = { client_id: defaultClient, refresh_token, grant_type: 'refresh_token' }
        return readTokens(await send(server, 'POST', '/token', { form }))
      },
    },
  },
  recovery,

  // Whether an account has an address is told by /register and /reset_password, as the document wants it.
  blind: {
    login: async (server, username) => {
      const headers = { cookie: await beginLogin(server) }
      return send(server, 'POST', '/login', { json: { username, password: 'wrong-password' }, headers })
    },
  },

  routes: [
    {
      method: 'POST',
      path: '/api/oauth/token',
      status: 200,
      fields: ['client_id', 'refresh_token', 'grant_type'],
      optional: ['grant_type'],
      example: async (server) => {
        const { refresh: refresh_token } = await signInShared(pm2, server)
        return { body: { client_id: defaultClient, refresh_token, grant_type: 'refresh_token' } }
      },
    },
    {
      method: 'POST',
      path: '/api/oauth/register',
      status: 200,
      fields: ['username', 'email', 'password', 'accept_terms', 'role', 'company', 'client_id'],
      optional: ['role', 'company', 'client_id'],
      example: async () => ({
        body: { ...registration(), role: 'Ops', company: 'Example AS', client_id: defaultClient },
      }),
    },
    // Without a body there is nothing that it could do.
    {
      method: 'GET',
      path: '/api/oauth/register',
      status: 400,
      fields: [],
      needsNoDatabase: true,
      example: async () => ({}),
    },
    {
      method: 'POST',
      path: '/api/oauth/login',
      status: 200,
      fields: ['username', 'email', 'password', 'otp', 'code'],
      optional: ['email', 'otp', 'code'],
      example: async (server) => {
        const { email, password } = await sharedAccount(pm2, server)
        const headers = { cookie: await beginLogin(server) }
        return { headers, body: { username: email, email, password, otp: '123456', code: '123456' } }
      },
    },
    callerRoute(() => pm2, 'POST', '/api/oauth/revoke'),
    {
      method: 'POST',
      path: '/api/oauth/send_email_link',
      status: 200,
      needsAccess: true,
      fields: [],
      example: async (server) => ({ access: (await openSession(pm2, server)).access }),
    },
    {
      method: 'GET',
      path: '/api/oauth/valid_email/:token',
      status: 301,
      fields: [],
      example: async (server) => ({ params: { token: await requestValidation(server) } }),
    },
    {
      method: 'POST',
      path: '/api/oauth/reset_password',
      status: 200,
      fields: ['email'],
      example: async (server) => ({ body: { email: (await sharedAccount(pm2, server)).email } }),
    },
    {
      method: 'POST',
      path: '/api/oauth/reset_password/:token',
      status: 200,
      fields: ['password'],
      example: async (server) => {
        const email = freshEmail()
        await pm2.openAccount(server, { email, password })
        return { params: { token: await requestSecret(recovery, server, email) }, body: { password } }
      },
    },
    callerRoute(() => pm2, 'GET', '/api/bucket'),
    callerRoute(() => pm2, 'GET', '/api/users/isLogged'),
  ],
}

/** What `/register` says of its fields. */
function assertFieldErrors(body: Record<string, unknown>): void {
  const { msg, ...fields } = body
  assert.ok(Object.keys(fields).length > 0)
  assert.equal(Object.keys(body).at(-1), 'msg')
  for (const error of Object.values(fields)) {
    const { message, ...rest } = error as { message: string }
    assert.match(message, /^\w.*\.$/)
    assert.deepEqual(rest, {})
  }
  assert.ok(Object.values(fields).some((error) => (error as { message: string }).message === msg))
}

async function requestValidation(server: TestServer): Promise<string> {
  const email = freshEmail()
  await pm2.openAccount(server, { email, password })
  return recovery.readSecret(await server.mail(email, validation))
}

function post(server: TestServer, path: string, json: object): Promise<Answer> {
  return send(server, 'POST', path, { json })
}
