import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import {
  type AuthError,
  GoTrueAdminApi,
  GoTrueClient,
  isAuthApiError,
  isAuthWeakPasswordError,
  type Session,
} from '@supabase/auth-js'
import type { MailboxEntry } from '../../../src/delivery/mailbox.ts'
import { assertDescribed } from '../../harness/described.ts'
import { eventually } from '../../harness/events.ts'
import { freshEmail, queryOf, type TestServer } from '../../harness/harness.ts'
import { plainBrowser } from '../../pages/jar.ts'

type Options = NonNullable<ConstructorParameters<typeof GoTrueClient>[0]>

/** The client that requests name as `apikey`. */
export const apikey = 'gotrue'
export const password = 'correct horse battery staple'
/** An app that the client may be led back to. */
export const appOrigin = 'https://app.example.com'
export const appUri = `${appOrigin}/welcome`
export const serviceKey = 'a-service-key-of-the-tests-long-enough-for-that'

/** Settings of the door with a client that has an app, and with a service key. */
export function doorSettings(more: Record<string, unknown> = {}): string {
  const clients = [
    { id: apikey, kind: 'default', origins: [appOrigin], redirectUris: [appUri], frontEndUrl: appOrigin },
  ]
  const gotrue = { clients, serviceKeys: [serviceKey], ...more }
  // JSON is YAML.
  return JSON.stringify({ realms: { main: { dialects: { gotrue } } } })
}

/** The client as an app has it: unmodified, with a memory of its own. */
export function authClient({ url }: Pick<TestServer, 'url'>, options: Options = {}): GoTrueClient {
  return new GoTrueClient({
    url: `${url}/auth/v1`,
    headers: { apikey },
    autoRefreshToken: false,
    // Keys that it has fetched are kept by this name for the whole process.
    storageKey: randomUUID(),
    fetch: heldFetch,
    ...options,
  })
}

/** The part of it that a server of the app's has. */
export function adminApi({ url }: Pick<TestServer, 'url'>, key = serviceKey): GoTrueAdminApi {
  const headers = { apikey, Authorization: `Bearer ${key}` }
  return new GoTrueAdminApi({ url: `${url}/auth/v1`, headers, fetch: heldFetch })
}

/** Holds what the client gets against the document of the door; it passes on as its own error what does not fit. */
const heldFetch: typeof fetch = async (url, options = {}) => {
  const answer = await fetch(url, options)
  const { method = 'GET', headers } = options
  const { status } = answer
  const held = { status, headers: answer.headers, text: await answer.clone().text() }
  await assertDescribed(String(url), { method, headers: Object.fromEntries(new Headers(headers)) }, held)
  return answer
}

/** What the client answers with when it is not refused. */
type Good<Answer> = Answer extends { data: infer Data; error: null } ? Data : never

/** The data of an answer that is no refusal. */
export function dataOf<Answer extends { data: unknown; error: unknown }>(answer: Answer): Good<Answer> {
  assert.equal(answer.error, null)
  return answer.data as Good<Answer>
}

/** The session of an answer that must have one. */
export function sessionOf(answer: { data: { session: Session | null }; error: AuthError | null }): Session {
  return (
    dataOf(answer as { data: { session: Session | null }; error: null }).session ?? assert.fail('no session')
  )
}

/** That an answer is a refusal with this status and code, as the client reads them. */
export function assertRefused(
  { error }: { error: AuthError | null },
  status: number,
  code: string,
): AuthError {
  assert.ok(isAuthApiError(error) || isAuthWeakPasswordError(error), `${error?.name}: ${error?.message}`)
  assert.deepEqual([error.status, error.code], [status, code], error.message)
  return error
}

export interface Person {
  email: string
  password: string
}

export const freshPerson = (): Person => ({ email: freshEmail(), password })

/** Somebody new whose address is confirmed, signed in with that client. */
export async function signUpConfirmed(
  server: TestServer,
  auth: GoTrueClient,
  person: Person = freshPerson(),
): Promise<Person & { session: Session }> {
  const mail = await mailOf(server, person.email, async () => dataOf(await auth.signUp(person)))
  const session = sessionOf(await auth.verifyOtp({ type: 'signup', token_hash: hashIn(mail) }))
  return { ...person, session }
}

/** The mail with a link or a code to that address that `cause` has sent; what tells of something done is passed over. */
export async function mailOf(
  server: TestServer,
  to: string,
  cause: () => Promise<unknown>,
): Promise<MailboxEntry> {
  const earlier = new Set((await server.mailbox()).map(({ id }) => id))
  await cause()
  return eventually(`a mail to ${to}`, async () =>
    (await server.mailbox()).find(
      (mail) => mail.to === to && !earlier.has(mail.id) && (isLink.test(mail.text) || isCode.test(mail.text)),
    ),
  )
}

const isLink = /\/auth\/v1\/verify\?/
const isCode = /(?<![\w-])\d{6}(?![\w-])/

/** The link of a mail. */
export function linkIn({ links, text }: MailboxEntry): string {
  return links.find((link) => isLink.test(link)) ?? assert.fail(`no link in ${text}`)
}

/** What a mail's link has for `token_hash`. */
export function hashIn(mail: MailboxEntry): string {
  return queryOf(linkIn(mail), 'token')
}

/** The code of a mail. */
export function codeIn({ text }: MailboxEntry): string {
  return isCode.exec(text)?.[0] ?? assert.fail(`no code in ${text}`)
}

/** Where a link leads whoever opens it, and presses the button where there is one. */
export async function follow(server: TestServer, link: string): Promise<URL> {
  const { pathname, search } = new URL(link)
  const browser = plainBrowser(server)
  const opened = await browser.open(pathname + search)
  const answer = opened.status === 200 ? await browser.submit(opened, {}) : opened
  assert.equal(answer.status, 303, answer.text)
  return new URL(answer.headers.get('location') ?? assert.fail())
}
