import assert from 'node:assert/strict'
import { type Answer, mailCausedBy, type RequestOptions, type TestServer } from '../../harness/harness.ts'

export const password = 'StrongPass123!'

/** A request to minbil's door: `post(server, '/sign-in', …)`. */
export function post(server: TestServer, path: string, options?: RequestOptions): Promise<Answer> {
  return server.request('POST', `/api/co/auth${path}`, options)
}

/** Opens an account with the common password; its id. */
export async function signUp(server: TestServer, email: string): Promise<string> {
  const answer = await post(server, '/sign-up', { json: { email, password } })
  assert.equal(answer.status, 201, answer.text)
  return answer.body.uid
}

export interface SignedIn {
  access: string
  refresh: string
  /** As it goes into a `Cookie` header. */
  cookie: string
}

/** What a client keeps of an answer that holds tokens. */
export function tokensOf(answer: Answer): SignedIn {
  assert.equal(answer.status, 200, answer.text)
  const [cookie] = answer.cookies
  assert.ok(cookie, 'the answer sets a cookie')
  return { access: answer.body.access_token, refresh: answer.body.refresh_token, cookie }
}

export async function signIn(server: TestServer, email: string): Promise<SignedIn> {
  return tokensOf(await post(server, '/sign-in', { json: { email, password } }))
}

/** Refreshes with whatever is given. */
export function refresh(
  server: TestServer,
  sent: { body?: string; bearer?: string; cookie?: string },
): Promise<Answer> {
  return post(server, '/refresh', {
    ...(sent.body !== undefined && { json: { refresh_token: sent.body } }),
    ...(sent.bearer !== undefined && { bearer: sent.bearer }),
    ...(sent.cookie !== undefined && { headers: { cookie: sent.cookie } }),
  })
}

/** The link of the mail that asking for a new password sends. */
export async function resetLink(
  server: TestServer,
  body: { email: string; redirect_to?: string },
): Promise<string> {
  const mail = await mailCausedBy(server, { to: body.email, subject: /new password/ }, async () => {
    const answer = await post(server, '/forgot-password', { json: body })
    assert.equal(answer.status, 200, answer.text)
  })
  assert.equal(mail.links.length, 1)
  return mail.links[0] ?? ''
}

const titles: Record<number, string> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  404: 'Not Found',
  409: 'Conflict',
  413: 'Payload Too Large',
  415: 'Unsupported Media Type',
  429: 'Too Many Requests',
}

/** That the answer is this error and nothing more, to the letter. */
export function assertProblem(answer: Answer, status: number, code: string, message: string): void {
  const problem = { type: 'about:blank', title: titles[status], status, code, message }
  assert.equal(answer.text, JSON.stringify(problem))
  assert.equal(answer.status, status)
  assert.equal(mediaType(answer), 'application/problem+json')
}

/** That the answer is a success with this body and nothing more, to the letter. */
export function assertBody(answer: Answer, status: number, body: unknown): void {
  assert.equal(answer.text, JSON.stringify(body))
  assert.equal(answer.status, status)
  assert.equal(mediaType(answer), 'application/json')
}

export function assertRefreshRefused(answer: Answer): void {
  assertProblem(answer, 401, 'invalid_token', 'The token is invalid or has expired.')
  assert.equal(answer.headers.get('www-authenticate'), 'Bearer')
  assert.deepEqual(answer.cookies, [])
}

export function assertAccessRefused(answer: Answer): void {
  assertProblem(answer, 401, 'invalid_token', 'The access token is invalid or has expired.')
  assert.match(answer.headers.get('www-authenticate') ?? '', /^Bearer( error="invalid_token")?$/)
}

function mediaType(answer: Answer): string | undefined {
  return answer.headers.get('content-type')?.split(';', 1)[0]
}
