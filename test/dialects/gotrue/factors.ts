import assert from 'node:assert/strict'
import { type Answer, freshEmail, type RequestOptions, type TestServer } from '../../harness/harness.ts'
import { codeAt, nextCode } from '../wolfpal/door.ts'
import { password, signUp, tokenIn } from './mails.ts'

const base = '/auth/v1'

export interface Person {
  email: string
  password: string
}

export interface SignedIn extends Person {
  access: string
  refresh: string
}

/** Sends it as the client does: the current version of the wire. */
export function send(
  server: TestServer,
  method: string,
  path: string,
  { headers, ...options }: RequestOptions = {},
): Promise<Answer> {
  const version = { 'x-supabase-api-version': '2024-01-01' }
  return server.request(method, `${base}${path}`, { ...options, headers: { ...version, ...headers } })
}

/** An account of its own, and a session of it. */
export async function openPerson(server: TestServer): Promise<SignedIn> {
  const person = { email: freshEmail(), password }
  const json = { type: 'signup', token_hash: tokenIn(await signUp(server, person.email)) }
  assert.equal((await send(server, 'POST', '/verify', { json })).status, 200)
  return signIn(server, person)
}

/** One more session of the same account. */
export async function signIn(server: TestServer, { email, password }: Person): Promise<SignedIn> {
  const answer = await send(server, 'POST', '/token?grant_type=password', { json: { email, password } })
  assert.equal(answer.status, 200, answer.text)
  return { email, password, access: answer.body.access_token, refresh: answer.body.refresh_token }
}

export interface NewFactor {
  id: string
  secret: string
}

/** Begins an authenticator. */
export async function enrol(server: TestServer, bearer: string, friendly_name?: string): Promise<NewFactor> {
  const answer = await send(server, 'POST', '/factors', {
    bearer,
    json: { factor_type: 'totp', friendly_name },
  })
  assert.equal(answer.status, 200, answer.text)
  return { id: answer.body.id, secret: answer.body.totp.secret }
}

/** Asks for a code of a factor. */
export async function challenge(server: TestServer, bearer: string, id: string): Promise<string> {
  const answer = await send(server, 'POST', `/factors/${id}/challenge`, { bearer, json: { factorId: id } })
  assert.equal(answer.status, 200, answer.text)
  return answer.body.id
}

/** Answers a new challenge of a factor with this code. */
export async function verify(server: TestServer, bearer: string, id: string, code: string): Promise<Answer> {
  const json = { challenge_id: await challenge(server, bearer, id), code }
  return send(server, 'POST', `/factors/${id}/verify`, { bearer, json })
}

/** The tokens of a session that has shown a factor. */
export function tokensOf({ status, body, text }: Answer): { access: string; refresh: string } {
  assert.equal(status, 200, text)
  return { access: body.access_token, refresh: body.refresh_token }
}

/** An account with an authenticator in force, and the session that has set it up. */
export async function openWithFactor(server: TestServer, name?: string): Promise<SignedIn & NewFactor> {
  const person = await openPerson(server)
  const factor = await enrol(server, person.access, name)
  const verified = await verify(server, person.access, factor.id, codeAt(server, factor.secret))
  return { ...person, ...factor, ...tokensOf(verified) }
}

/** Shows a code that nobody has used yet. */
export async function stepUp(server: TestServer, bearer: string, { id, secret }: NewFactor) {
  return tokensOf(await verify(server, bearer, id, nextCode(server, secret)))
}

/** That a request is refused with that status and code. */
export function assertRefused({ status, body, text }: Answer, expected: number, code: string): void {
  assert.deepEqual([status, body.code], [expected, code], text)
}
