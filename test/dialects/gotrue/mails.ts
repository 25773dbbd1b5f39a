import assert from 'node:assert/strict'
import type { MailboxEntry } from '../../../src/delivery/mailbox.ts'
import { type Answer, mailCausedBy, queryOf, type TestServer } from '../../harness/harness.ts'

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

/** The mail that a request causes, which must succeed. */
export function mailFor(
  server: TestServer,
  {
    path,
    email,
    ...json
  }: { path: string; email: string; type: keyof typeof subjects } & Record<string, unknown>,
): Promise<MailboxEntry> {
  const { type, ...body } = json
  return mailCausedBy(server, { to: email, subject: subjects[type] }, async () => {
    const answer = await post(server, path, { email, ...body })
    assert.equal(answer.status, 200, answer.text)
  })
}

/** Signs up, and the mail about it. */
export function signUp(server: TestServer, email: string, more: object = {}): Promise<MailboxEntry> {
  return mailFor(server, { path: '/signup', type: 'signup', email, password, ...more })
}

/** The six digits to be typed. */
export function codeIn({ text, html }: MailboxEntry): string {
  const [, code = ''] = /: (\d{6})$/m.exec(text) ?? []
  assert.match(code, /^\d{6}$/, text)
  assert.ok(html.includes(code))
  return code
}

export function tokenIn({ links }: MailboxEntry): string {
  return queryOf(links[0], 'token')
}
