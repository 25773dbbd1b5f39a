import assert from 'node:assert/strict'
import { TOTP } from 'otpauth'
import type { Target } from '../../harness/doors.ts'
import {
  type Answer,
  freshEmail,
  queryOf,
  type RequestOptions,
  type TestServer,
} from '../../harness/harness.ts'

export const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
/** Well-formed, and of nobody and nothing. */
export const unknownId = '01890000-0000-7000-8000-000000000000'
export const password = 'correct horse battery staple'

type Requests = Pick<Target, 'request'>

/** A request to wolfpal's door: `send(server, 'POST', '/auth/login', …)`. */
export function send(
  server: Requests,
  method: string,
  path: string,
  options?: RequestOptions,
): Promise<Answer> {
  return server.request(method, `/api${path}`, options)
}

export interface Person {
  username: string
  email: string
  password: string
}

let people = 0

/** A person whom no other test knows. */
export function freshPerson(): Person {
  return { username: `wolf${process.pid}x${++people}`, email: freshEmail(), password }
}

/** Signs somebody up, who has not confirmed the e-mail address yet. */
export async function signUp(server: Requests, person = freshPerson()): Promise<Person> {
  const answer = await send(server, 'POST', '/auth/register', { json: person })
  assert.equal(answer.status, 201, answer.text)
  return person
}

/** The token of the newest mail that asks to confirm the address. */
export async function activationToken(server: Target, email: string): Promise<string> {
  const { links } = await server.mail(email, /^Confirm your e-mail/)
  return queryOf(links[0], 'token')
}

/** Somebody who can log in. */
export async function register(server: Target, person = freshPerson()): Promise<Person> {
  await signUp(server, person)
  const token = await activationToken(server, person.email)
  const answer = await send(server, 'PUT', `/user/activate-account/${token}`)
  assert.equal(answer.status, 200, answer.text)
  return person
}

export interface Tokens {
  access: string
  refresh: string
}

export function login(
  server: Requests,
  { email, password }: Pick<Person, 'email' | 'password'>,
  headers?: Record<string, string>,
): Promise<Answer> {
  return send(server, 'POST', '/auth/login', { json: { email, password }, headers })
}

/** The tokens of an answer; fails when it is a refusal. */
export function tokensOf({ status, body, text }: Answer): Tokens {
  assert.equal(status, 200, text)
  assert.ok(body.access_token && body.refresh_token, text)
  return { access: body.access_token, refresh: body.refresh_token }
}

export async function signIn(server: Requests, person: Person): Promise<Tokens> {
  return tokensOf(await login(server, person))
}

/** Somebody new, with one session. */
export async function registerAndSignIn(server: Target): Promise<Person & Tokens> {
  const person = await register(server)
  return { ...person, ...(await signIn(server, person)) }
}

export function refresh(server: Requests, refresh_token: string): Promise<Answer> {
  return send(server, 'POST', '/auth/refresh', { json: { refresh_token } })
}

export function whoAmI(server: Requests, bearer: string): Promise<Answer> {
  return send(server, 'GET', '/account', { bearer })
}

export interface Enrolment {
  secret: string
  backupCodes: string[]
}

export async function enrol(server: Requests, bearer: string): Promise<Enrolment> {
  const { status, body, text } = await send(server, 'POST', '/account/two-factor', { bearer })
  assert.equal(status, 200, text)
  return { secret: body.secret, backupCodes: body.backupCodes }
}

export function confirm(server: Requests, bearer: string, code: string): Promise<Answer> {
  return send(server, 'PUT', '/account/two-factor', { bearer, json: { code } })
}

export function disable(server: Requests, bearer: string, code: string): Promise<Answer> {
  return send(server, 'DELETE', `/account/two-factor?${new URLSearchParams({ code })}`, { bearer })
}

/** Somebody new with one session and a second factor in force. */
export async function registerWithSecondFactor(
  server: Target & Pick<TestServer, 'clock'>,
): Promise<Person & Tokens & Enrolment> {
  const person = await registerAndSignIn(server)
  const enrolment = await enrol(server, person.access)
  const answer = await confirm(server, person.access, nextCode(server, enrolment.secret))
  assert.equal(answer.status, 200, answer.text)
  return { ...person, ...enrolment }
}

/** The challenge that a right password gets. */
export async function challengeFor(server: Requests, person: Person): Promise<string> {
  const { status, body, text } = await login(server, person)
  assert.equal(status, 200, text)
  assert.match(body.token, /^[0-9A-Za-z]{64}$/)
  return body.token
}

export function answerChallenge(server: Requests, token: string, code: string): Promise<Answer> {
  return send(server, 'POST', '/auth/two-factor', { json: { token, code } })
}

const step = 30_000

/** What an authenticator shows, so many time steps from now. */
export function codeAt({ clock }: Pick<TestServer, 'clock'>, secret: string, steps = 0): string {
  return new TOTP({ secret }).generate({ timestamp: clock.now() + steps * step })
}

/** Sets the clock forward to the beginning of a time step, so that there is time until the next. */
export function toNextStep({ clock }: Pick<TestServer, 'clock'>): void {
  clock.advance(step - (clock.now() % step))
}

/** A code that nobody has used: that of the next time step, to which the clock is set forward. */
export function nextCode(server: Pick<TestServer, 'clock'>, secret: string): string {
  toNextStep(server)
  return codeAt(server, secret)
}

/** Six digits that are no code of this secret for hours around now. */
export function wrongCode(server: Pick<TestServer, 'clock'>, secret: string): string {
  const right = new Set(Array.from({ length: 400 }, (_, index) => codeAt(server, secret, index - 100)))
  const wrong = Array.from({ length: 500 }, (_, index) => String(100_000 + index)).find(
    (code) => !right.has(code),
  )
  return wrong ?? assert.fail()
}

/** That the answer is this body and nothing more, to the letter. */
export function assertBody(answer: Answer, status: number, body: unknown): void {
  assert.equal(answer.text, JSON.stringify(body))
  assert.equal(answer.status, status)
  assert.equal(answer.headers.get('content-type'), 'application/json; charset=utf-8')
  assert.deepEqual(answer.headers.getSetCookie(), [])
}

/** That the answer is this and nothing more, to the letter. */
export function assertCode(answer: Answer, status: number, code: string | number, error: string): void {
  assertBody(answer, status, { code, error })
}

export function assertUnauthorized(answer: Answer): void {
  assertCode(answer, 401, 'UNAUTHORIZED', 'Unauthorized.')
  assert.match(answer.headers.get('www-authenticate') ?? '', /^Bearer( error="invalid_token")?$/)
}

/** That each of these fields is refused for this reason, and no other. */
export function assertFieldsRefused(answer: Answer, codes: Record<string, string>): void {
  assert.equal(answer.status, 400, answer.text)
  const { code, codes: given, errors, ...rest } = answer.body
  assert.deepEqual({ code, codes: given, rest }, { code: 400, codes, rest: {} })
  assert.deepEqual(Object.keys(answer.body), ['code', 'codes', 'errors'])
  assert.deepEqual(Object.keys(errors).sort(), Object.keys(codes).sort())
  for (const text of Object.values(errors)) assert.match(String(text), /^[A-Z][a-z ]+ .*\.$/)
}

export const invalidCredentials = [
  400,
  'INVALID_CREDENTIALS',
  'Either email or password is invalid.',
] as const
export const invalidChallenge = [400, 'INVALID_TWO_FACTOR_TOKEN', 'Invalid two factor token.'] as const
export const wrongLoginCode = [401, 'INVALID_TWO_FACTOR_CODE', 'Invalid two factor code.'] as const
export const wrongAccountCode = [400, 'INVALID_TWO_FACTOR_TOKEN', 'Invalid two factor code.'] as const
export const notInitialized = [
  400,
  'TWO_FACTOR_NOT_INITIALIZE',
  'Two factor has not been initialized.',
] as const
export const badLink = [
  400,
  'EXPIRED_OR_ALREADY_USED',
  'This link has expired or has already been used.',
] as const
