import assert from 'node:assert/strict'
import type { MailboxEntry } from '../../../src/delivery/mailbox.ts'
import { eventually } from '../../harness/events.ts'
import {
  type Answer,
  mailCausedBy,
  queryOf,
  type RequestOptions,
  type TestServer,
} from '../../harness/harness.ts'

/** An app of the development configuration, and one of its origins. */
export interface App {
  id: string
  origin: string
}

/** The seed's. */
export const app: App = { id: 'pSpisBrYn4yIP1vGILcdZ', origin: 'http://localhost:3000' }
/** Codes for this one have eight digits. */
export const otherApp: App = { id: 'hW3kT9uZx0QbLr7mNvE2a', origin: 'http://localhost:3001' }

export const password = 'StrongPass123!'
export const another = 'another-password'

export const texts = {
  invalidToken: 'Token is invalid or has expired',
  invalidCredentials: 'Invalid credentials',
  invalidAccess: 'Access token is invalid or has expired',
  validation: 'Validation failed',
  limited: 'Too many requests, please try again later',
}

export const linkSent = { status: 'success', message: 'If the account exists, a reset link has been sent.' }
export const codeSent = { status: 'success', message: 'If the account exists, a reset code has been sent.' }
export const secondFactorNeeded = { status: 'success', token: null, twoFactor: true }

type Target = Pick<TestServer, 'request'>

/** A request to vastly's door with the headers of an app: `post(server, '/login', …)`. */
export function post(
  server: Target,
  path: string,
  options: RequestOptions = {},
  from = app,
): Promise<Answer> {
  return server.request('POST', `/api/v1/auth${path}`, withHeaders(options, from))
}

export function me(server: Target, bearer: string | undefined, from = app): Promise<Answer> {
  return server.request('GET', '/api/v1/auth/me', withHeaders({ bearer }, from))
}

export function headersOf({ id, origin }: App): Record<string, string> {
  return { client_id: id, origin }
}

function withHeaders(options: RequestOptions, from: App): RequestOptions {
  return { ...options, headers: { ...headersOf(from), ...options.headers } }
}

let phones = 0

/** A number that no other test uses. */
export function freshPhone(): string {
  return `+479${String(++phones).padStart(7, '0')}`
}

/** Opens an account with the common password; its access token. */
export async function register(
  server: Target,
  identifier: { email?: string; mobile?: string },
  from = app,
): Promise<string> {
  const json = { ...identifier, password, passwordConfirm: password }
  return tokenOf(await post(server, '/register', { json }, from), 201)
}

export async function logIn(server: Target, json: { email?: string; mobile?: string; password?: string }) {
  return tokenOf(await post(server, '/login', { json: { password, ...json } }))
}

/** The access token of a success and nothing more. */
export function tokenOf(answer: Answer, status = 200): string {
  assert.equal(answer.status, status, answer.text)
  const { token } = answer.body
  assert.equal(typeof token, 'string', answer.text)
  assertBody(answer, status, { status: 'success', token })
  return token
}

/** The token of the mail that asking for a new password sends. */
export async function mailedToken(server: TestServer, email: string, from = app): Promise<string> {
  const mail = await mailCausedBy(server, { to: email, subject: /new password/ }, async () =>
    assertBody(await post(server, '/forgotpass', { json: { email } }, from), 200, linkSent),
  )
  return queryOf(mail.links[0], 'token')
}

/** The code of the message that asking for one sends. */
export async function sentCode(server: TestServer, mobile: string, from = app): Promise<string> {
  const earlier = new Set((await messagesTo(server, mobile)).map(({ id }) => id))
  assertBody(await post(server, '/forgotpass/mobile', { json: { mobile } }, from), 200, codeSent)
  const message = await eventually(`a message to ${mobile}`, async () =>
    (await messagesTo(server, mobile)).find(({ id }) => !earlier.has(id)),
  )
  return codeIn(message.text)
}

/** All text messages to that number, newest first. */
export async function messagesTo(server: TestServer, mobile: string): Promise<MailboxEntry[]> {
  return (await server.mailbox()).filter(({ channel, to }) => channel === 'sms' && to === mobile)
}

/** The code in a text message. */
export function codeIn(text: string): string {
  const [code] = /^\d+/.exec(text) ?? []
  assert.ok(code, text)
  return code
}

export interface Reset {
  token: string
  mobile?: string
  password?: string
}

export function resetByMail(server: Target, reset: Reset, from = app): Promise<Answer> {
  return post(server, '/resetpass', { json: confirmed(reset) }, from)
}

export function resetBySms(server: Target, reset: Reset, from = app): Promise<Answer> {
  return post(server, '/resetpass/mobile', { json: confirmed(reset) }, from)
}

function confirmed({ password = another, ...reset }: Reset) {
  return { ...reset, password, passwordConfirm: password }
}

/** Some code that is not this one. */
export function wrongCode(code: string): string {
  return String((Number(code) + 1) % 10 ** code.length).padStart(code.length, '0')
}

/** That the answer is a success with this body and nothing more, to the letter. */
export function assertBody(answer: Answer, status: number, body: unknown): void {
  assert.equal(answer.text, JSON.stringify(body))
  assert.equal(answer.status, status)
  assertJson(answer)
}

/** That the answer is this refusal and nothing more, to the letter. */
export function assertFail(
  answer: Answer,
  status: number,
  message: string,
  errors?: Record<string, string>,
): void {
  assert.equal(answer.text, JSON.stringify({ status: 'fail', message, errors }))
  assert.equal(answer.status, status)
  assertJson(answer)
}

function assertJson(answer: Answer): void {
  assert.match(answer.headers.get('content-type') ?? '', /^application\/json(;|$)/)
  assert.equal(answer.headers.get('cache-control'), 'no-store')
  assert.deepEqual(answer.headers.getSetCookie(), [])
}
