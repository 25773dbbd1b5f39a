import assert from 'node:assert/strict'
import { type Person, register } from '../../harness/doors.ts'
import {
  type Answer,
  claimsOf,
  mailCausedBy,
  type RequestOptions,
  type TestServer,
} from '../../harness/harness.ts'

export const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
/** Well-formed, and of nobody and nothing. */
export const unknownId = '01890000-0000-7000-8000-000000000000'

/** A request to credebl's door: `post(server, '/signin', …)`. */
export function post(server: TestServer, path: string, options?: RequestOptions): Promise<Answer> {
  return server.request('POST', `/auth${path}`, options)
}

export interface SignedIn {
  access: string
  refresh: string
  /** As the list of sessions has it. */
  sessionId: string
  /** What the client gets as `sessionId`. */
  handle: string
}

export async function signIn(
  server: TestServer,
  { email, password }: Person,
  headers?: Record<string, string>,
): Promise<SignedIn> {
  const answer = await post(server, '/signin', { json: { email, password }, headers })
  assert.equal(answer.status, 200, answer.text)
  const { access_token: access, refresh_token: refresh, sessionId: handle } = answer.body.data
  return { access, refresh, sessionId: claimsOf(access).sid, handle }
}

/** Somebody new, with one session. */
export async function registerAndSignIn(server: TestServer): Promise<Person & SignedIn & { id: string }> {
  const person = await register(server)
  const session = await signIn(server, person)
  const profile = await server.request('GET', '/users/profile', { bearer: session.access })
  return { ...person, ...session, id: profile.body.data.id }
}

export function refresh(server: TestServer, refreshToken: string): Promise<Answer> {
  return post(server, '/refresh-token', { json: { refreshToken } })
}

export function listSessions(server: TestServer, userId: string, bearer?: string): Promise<Answer> {
  return server.request('GET', `/auth/${userId}/sessions`, { bearer })
}

export function deleteSession(server: TestServer, sessionId: string, bearer?: string): Promise<Answer> {
  return server.request('DELETE', `/auth/${sessionId}/sessions`, { bearer })
}

/** Whether an access token is still good. */
export async function isSignedIn(server: TestServer, access: string): Promise<boolean> {
  const { status } = await server.request('GET', '/users/profile', { bearer: access })
  assert.ok(status === 200 || status === 401, `the profile answers ${status}`)
  return status === 200
}

/** The mail that this request for a new password sends. */
export function resetMail(server: TestServer, json: { email: string } & Record<string, unknown>) {
  return mailCausedBy(server, { to: json.email, subject: /new password/ }, async () => {
    const answer = await post(server, '/forgot-password', { json })
    assert.equal(answer.status, 200, answer.text)
  })
}

/** That the answer is this success and nothing more, to the letter. */
export function assertSuccess(answer: Answer, statusCode: number, message: string, data?: unknown): void {
  assert.equal(answer.text, JSON.stringify({ statusCode, message, data }))
  assert.equal(answer.status, statusCode)
  assertJson(answer)
}

const names: Record<number, string> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  409: 'Conflict',
  413: 'Payload Too Large',
  415: 'Unsupported Media Type',
  429: 'Too Many Requests',
}

/** That the answer is this error and nothing more, to the letter. Validation answers with a list of texts. */
export function assertFailure(answer: Answer, statusCode: number, message: string | string[]): void {
  assert.equal(answer.text, JSON.stringify({ statusCode, message, error: names[statusCode] }))
  assert.equal(answer.status, statusCode)
  assertJson(answer)
  assert.deepEqual(answer.headers.getSetCookie(), [])
}

function assertJson(answer: Answer): void {
  assert.match(answer.headers.get('content-type') ?? '', /^application\/json(;|$)/)
}
