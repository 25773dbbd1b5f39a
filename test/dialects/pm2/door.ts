import assert from 'node:assert/strict'
import { request } from 'node:http'
import type { Target } from '../../harness/doors.ts'
import {
  type Answer,
  freshEmail,
  mailCausedBy,
  type RequestOptions,
  type TestServer,
} from '../../harness/harness.ts'

export const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
export const password = 'correct horse battery staple'

/** The demo clients: the one that `@pm2/js-api` takes for granted, and the two of PM2's own command line. */
export const defaultClient = '795984050'
export const webClient = '138558311'
export const commandLineClient = '0943857435'
/** Of the default client. */
export const redirectUri = 'https://app.keymetrics.io'
/** Of PM2's command line. */
export const loopbackUri = 'http://localhost:43532'

type Requests = Pick<Target, 'request'>

/** A request to pm2's door: `send(server, 'POST', '/token', …)`. */
export function send(
  server: Requests,
  method: string,
  path: string,
  options?: RequestOptions,
): Promise<Answer> {
  return server.request(method, `/api/oauth${path}`, options)
}

export interface Person {
  username: string
  email: string
  password: string
}

let people = 0

/** A person whom no other test knows. */
export function freshPerson(): Person {
  return { username: `Pm ${process.pid} ${++people}`, email: freshEmail(), password }
}

/** The body of a registration. */
export function registration(person: Person = freshPerson()) {
  return { ...person, accept_terms: true }
}

export interface Tokens {
  access: string
  refresh: string
}

/** Somebody new, with the session that registering opens. */
export async function register(
  server: Requests,
  { person = freshPerson(), client }: { person?: Person; client?: string } = {},
): Promise<Person & Tokens> {
  const headers = client === undefined ? undefined : { 'x-client-id': client }
  const { status, body, text } = await send(server, 'POST', '/register', {
    json: registration(person),
    headers,
  })
  assert.equal(status, 200, text)
  return { ...person, access: body.access_token.token, refresh: body.refresh_token.token }
}

export function refresh(server: Requests, token: string, client = defaultClient): Promise<Answer> {
  return send(server, 'POST', '/token', { json: { client_id: client, refresh_token: token } })
}

export function whoAmI(server: Requests, bearer: string): Promise<Answer> {
  return server.request('GET', '/api/users/isLogged', { bearer })
}

/** The query of a browser that is sent to sign in. */
export function authorizePath(client = defaultClient, redirect_uri?: string): string {
  const query = { client_id: client, response_mode: 'query', response_type: 'token', scope: 'all' }
  return `/api/oauth/authorize?${new URLSearchParams({ ...query, ...(redirect_uri && { redirect_uri }) })}`
}

/** Begins a login; the cookie that holds it, as it goes into a `Cookie` header. */
export async function beginLogin(
  server: Requests,
  client = defaultClient,
  redirect_uri?: string,
): Promise<string> {
  const answer = await server.request('GET', authorizePath(client, redirect_uri))
  assert.equal(answer.status, 302, answer.text)
  const [cookie] = answer.cookies
  return cookie ?? assert.fail('no cookie is set')
}

/** Signs in as a command-line client does; the path that finishes the login. */
export async function proveLogin(
  server: Requests,
  cookie: string,
  { username, password, otp }: Pick<Person, 'username' | 'password'> & { otp?: string },
): Promise<string> {
  const form = { username, password, ...(otp !== undefined && { otp }) }
  const answer = await send(server, 'POST', '/login', { form, headers: { cookie } })
  assert.equal(answer.status, 200, answer.text)
  return answer.headers.get('x-redirect') ?? assert.fail('no x-redirect')
}

/** The refresh token of an answer that sends the browser back to its app, which must be this and nothing more. */
export function refreshTokenOf(answer: Answer, redirectUri: string): string {
  assert.equal(answer.status, 302, answer.text)
  const location = answer.headers.get('location') ?? ''
  const token = new URL(location).searchParams.get('access_token') ?? ''
  assert.match(token, /^[\w-]{70,}$/)
  assert.equal(location, `${redirectUri}?access_token=${token}&token_type=refresh_token`)
  return token
}

/** One more session, by the command-line client's sign-in. */
export async function signIn(
  server: Requests,
  person: Pick<Person, 'username' | 'password'>,
): Promise<Tokens> {
  const cookie = await beginLogin(server, commandLineClient)
  const path = await proveLogin(server, cookie, person)
  const token = refreshTokenOf(await server.request('GET', path, { headers: { cookie } }), loopbackUri)
  const { status, body, text } = await refresh(server, token, commandLineClient)
  assert.equal(status, 200, text)
  return { access: body.access_token, refresh: body.refresh_token }
}

/** The token in the link of a mail that `cause` sends: the last part of its path. */
export async function tokenMailed(
  server: TestServer,
  mail: { to: string; subject: RegExp },
  cause: () => Promise<unknown>,
): Promise<string> {
  const { links } = await mailCausedBy(server, mail, cause)
  return links[0]?.split('/').at(-1) ?? assert.fail('no link in the mail')
}

export const validation = /^Confirm your e-mail/
export const reset = /^Set a new password/

/** A GET that has a body, which `fetch` refuses to send. */
export function getWithBody(
  url: string,
  { type, body, headers }: { type: string; body: string; headers?: Record<string, string> },
): Promise<{ status: number; body: Record<string, unknown>; text: string }> {
  return new Promise((answered, failed) => {
    const length = String(Buffer.byteLength(body))
    const sent = request(
      url,
      {
        method: 'GET',
        agent: false,
        headers: { ...headers, 'content-type': type, 'content-length': length },
      },
      async (response) => {
        let text = ''
        for await (const chunk of response.setEncoding('utf8')) text += chunk
        answered({ status: response.statusCode ?? 0, body: JSON.parse(text), text })
      },
    )
    sent.on('error', failed).end(body)
  })
}

/** That the answer is this body and nothing more, to the letter. */
export function assertBody(answer: Answer, status: number, body: unknown): void {
  assert.equal(answer.text, JSON.stringify(body))
  assert.equal(answer.status, status)
  assert.equal(answer.headers.get('content-type'), 'application/json; charset=utf-8')
  assert.equal(answer.headers.get('cache-control'), 'no-store')
  assert.deepEqual(answer.cookies, [])
}

/** That the answer is this error and nothing more, to the letter. */
export function assertError(answer: Answer, status: number, error: string, description: string): void {
  assertBody(answer, status, { error, error_description: description, msg: description })
}

export function assertUnauthorized(answer: Answer): void {
  assertError(answer, 401, 'invalid_token', 'The access token is missing, malformed or expired.')
  assert.match(answer.headers.get('www-authenticate') ?? '', /^Bearer( error="invalid_token")?$/)
}

export function assertRefreshRefused(answer: Answer): void {
  assertError(answer, 400, 'invalid_grant', 'The refresh token is invalid, expired or revoked.')
}

/** Refused with a page, and sent nowhere. */
export function assertRefusedWithPage(answer: Answer, what: RegExp): void {
  assert.equal(answer.status, 400, answer.text)
  assert.equal(answer.headers.get('content-type'), 'text/html; charset=utf-8')
  assert.equal(answer.headers.get('location'), null)
  assert.equal(answer.headers.get('x-redirect'), null)
  assert.match(answer.text, what)
}
