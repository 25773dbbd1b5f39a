import assert from 'node:assert/strict'
import type { MailboxEntry } from '../../../src/delivery/mailbox.ts'
import { type Answer, freshEmail, mailCausedBy, queryOf, type TestServer } from '../../harness/harness.ts'

const base = '/auth/v1'
export const password = 'four words and blanks'

/** What mails of this door are about. */
export const subjects = {
  signup: /^Confirm your e-mail/,
  magiclink: /^Sign in to/,
  recovery: /^Set a new password/,
  invite: /^You are invited/,
}

export function post(server: TestServer, path: string, json: object): Promise<Answer> {
  return server.request('POST', `${base}${path}`, { json })
}

export function verify(server: TestServer, json: object): Promise<Answer> {
  return post(server, '/verify', json)
}

/** Asks who an access token is of. */
export function ask(server: TestServer, bearer: string): Promise<Answer> {
  return server.request('GET', `${base}/user`, { bearer })
}

export function signIn(server: TestServer, email: string, typed = password): Promise<Answer> {
  return post(server, '/token?grant_type=password', { email, password: typed })
}

/** The mail that a request causes, which must succeed. */
export function mailFor(
  server: TestServer,
  {
    path,
    about,
    ...json
  }: { path: string; about: keyof typeof subjects; email: string } & Record<string, unknown>,
): Promise<MailboxEntry> {
  return mailCausedBy(server, { to: json.email, subject: subjects[about] }, async () => {
    const answer = await post(server, path, json)
    assert.equal(answer.status, 200, answer.text)
  })
}

/** Signs up, and the mail about it. */
export function signUp(server: TestServer, email: string, more: object = {}): Promise<MailboxEntry> {
  return mailFor(server, { path: '/signup', about: 'signup', email, password, ...more })
}

/** Somebody whose address is proven. */
export async function confirmedAccount(
  server: TestServer,
  more: object = {},
): Promise<{ email: string; id: string; access: string }> {
  const email = freshEmail()
  const token_hash = tokenIn(await signUp(server, email, more))
  const { body } = await verify(server, { type: 'signup', token_hash })
  return { email, id: body.user.id, access: body.access_token }
}

/** The six digits to be typed. */
export function codeIn({ text, html }: MailboxEntry): string {
  const [, code = ''] = /: (\d{6})$/m.exec(text) ?? []
  assert.match(code, /^\d{6}$/, text)
  assert.ok(html.includes(code))
  return code
}

/** Six digits that are not those. */
export function wrongCode(mail: MailboxEntry): string {
  return codeIn(mail) === '000000' ? '000001' : '000000'
}

export function tokenIn({ links }: MailboxEntry): string {
  return queryOf(links[0], 'token')
}

/** Fails unless it is a refusal with this code, in the older form of the wire. */
export function assertRefused(
  { status, body, text }: Answer,
  wanted: number,
  code?: string,
  said?: string,
): void {
  assert.equal(status, wanted, text)
  if (code !== undefined) assert.equal(body.error_code, code, text)
  if (said !== undefined) assert.equal(body.msg, said)
}
