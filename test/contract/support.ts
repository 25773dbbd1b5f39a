import assert from 'node:assert/strict'
import type { JsonWebKey } from 'node:crypto'
import { type Answer, freshEmail, mailCausedBy, type TestServer } from '../harness/harness.ts'
import { endOfJobs } from '../harness/jobs.ts'
import type {
  Credentials,
  DialectUnderTest,
  Example,
  Recovery,
  RouteUnderTest,
  Statuses,
  TokenAnswer,
  Tokens,
} from './dialect-under-test.ts'

/** The subjects of the mails that the contract speaks of. */
export const subjects = {
  reset: /^Set a new password/,
  passwordChanged: /^Your password .* was changed/,
  reuse: /^You were signed out/,
}

export type Session = Credentials & Tokens

/** The statuses of a dialect's refusals, with the defaults of those that its adapter leaves out. */
export function statusesOf({ statuses }: DialectUnderTest): Required<Statuses> {
  return {
    signedOut: statuses.access,
    unreadable: 400,
    unknownPath: 404,
    tooSlow: 408,
    tooLarge: 413,
    headersTooLarge: 431,
    unsupportedType: 415,
    ...statuses,
  }
}

/** Opens an account of its own and signs in to it. */
export async function openSession(dialect: DialectUnderTest, server: TestServer): Promise<Session> {
  return signInAgain(dialect, server, await openAccount(dialect, server))
}

/** An account that all who ask share, so that not everybody has to wait for one to be opened. */
export function sharedAccount(dialect: DialectUnderTest, server: TestServer): Promise<Credentials> {
  const onServer = accounts.get(server) ?? new Map<DialectUnderTest, Promise<Credentials>>()
  accounts.set(server, onServer)
  const opened = onServer.get(dialect) ?? openAccount(dialect, server)
  onServer.set(dialect, opened)
  return opened
}
const accounts = new WeakMap<TestServer, Map<DialectUnderTest, Promise<Credentials>>>()

/** Opens an account of its own. */
export async function openAccount(dialect: DialectUnderTest, server: TestServer): Promise<Credentials> {
  const account = { email: freshEmail(), password: 'correct horse battery staple' }
  await dialect.openAccount(server, account)
  return account
}

/** A session of the shared account. */
export async function signInShared(dialect: DialectUnderTest, server: TestServer): Promise<Session> {
  return signInAgain(dialect, server, await sharedAccount(dialect, server))
}

/** One more session of the same account. */
export async function signInAgain(
  dialect: DialectUnderTest,
  server: TestServer,
  { email, password }: Credentials,
): Promise<Session> {
  const tokens = tokensOf(await dialect.signIn(server, { email, password }))
  return { email, password, ...tokens }
}

/** The tokens of a success. */
export function tokensOf({ answer, tokens }: TokenAnswer): Tokens {
  assert.ok(tokens, `expected tokens, got ${answer.status} ${answer.text}`)
  return tokens
}

/** An answer with the tokens that its body, or this part of it, holds under the names of RFC 6749. */
export function readTokens(answer: Answer, holder = answer.body): TokenAnswer {
  const { access_token: access, refresh_token: refresh } = holder
  return { answer, ...(access !== undefined && { tokens: { access, refresh } }) }
}

/** A route that takes an access token and nothing else. */
export function callerRoute(
  dialect: () => DialectUnderTest,
  method: RouteUnderTest['method'],
  path: string,
): RouteUnderTest {
  const example = async (server: TestServer) => ({ access: (await signInShared(dialect(), server)).access })
  return { method, path, status: 200, needsAccess: true, fields: [], example }
}

/** Repeats what is answered with this status until the limit refuses it, which must come soon; that refusal. */
export async function untilLimited(attempt: () => Promise<Answer>, status: number): Promise<Answer> {
  for (let count = 0; count < 400; count++) {
    const answer = await attempt()
    if (answer.status === 429) {
      assert.match(answer.headers.get('retry-after') ?? '', /^[1-9]\d*$/)
      return answer
    }
    assert.equal(answer.status, status, answer.text)
  }
  assert.fail('no limit after 400 attempts')
}

export function assertSuccess(answer: Answer): void {
  assert.ok(
    answer.status >= 200 && answer.status < 300,
    `expected a success, got ${answer.status} ${answer.text}`,
  )
}

export function assertSignInRefused(dialect: DialectUnderTest, { answer, tokens }: TokenAnswer): void {
  dialect.assertError(answer, dialect.statuses.signIn)
  assert.equal(tokens, undefined)
}

/** Refused in the dialect's words, without a token in the answer or in a cookie. */
export function assertRefreshRefused(dialect: DialectUnderTest, { answer, tokens }: TokenAnswer): void {
  assert.ok(dialect.refreshing)
  dialect.assertError(answer, dialect.refreshing.status)
  assert.equal(tokens, undefined)
  assert.deepEqual(answer.cookies, [])
}

/** The session goes on: its refresh token gives tokens, and its access token is accepted. Uses the session up. */
export async function assertAlive(
  dialect: DialectUnderTest,
  server: TestServer,
  session: Tokens,
): Promise<void> {
  const { access } = dialect.refreshing
    ? tokensOf(await dialect.refreshing.refresh(server, session.refresh))
    : session
  assertSuccess(await dialect.ask(server, access))
}

/** The session has ended: neither of its tokens is good for anything. */
export async function assertEnded(
  dialect: DialectUnderTest,
  server: TestServer,
  { access, refresh }: Tokens,
): Promise<void> {
  dialect.assertError(await dialect.ask(server, access), dialect.statuses.access)
  if (dialect.refreshing) {
    assertRefreshRefused(dialect, await dialect.refreshing.refresh(server, refresh))
  }
}

/** Has a session do what must be written down: refresh, sign out or, at a door that has neither, sign in again. */
export async function writeOnce(
  dialect: DialectUnderTest,
  server: TestServer,
  { access, refresh, ...account }: Session,
): Promise<Answer> {
  if (dialect.refreshing) return (await dialect.refreshing.refresh(server, refresh)).answer
  if (dialect.signOut) return dialect.signOut(server, access)
  return (await dialect.signIn(server, account)).answer
}

/** Asks for a new password and reads the secret out of the mail. */
export async function requestSecret(recovery: Recovery, server: TestServer, email: string): Promise<string> {
  const mail = await mailCausedBy(server, { to: email, subject: subjects.reset }, async () =>
    assertSuccess(await recovery.forgot(server, email)),
  )
  return recovery.readSecret(mail)
}

/** The subjects of all mails to that address, after every mail that earlier requests cause has been sent. */
export async function subjectsOfAllMails(server: TestServer, email: string): Promise<string[]> {
  await endOfJobs(server)
  const mails = await server.mailbox()
  return mails.filter(({ to }) => to === email).map(({ subject }) => subject)
}

/** All routes, with those of back ends. */
export function everyRoute({ routes, management = [] }: DialectUnderTest): RouteUnderTest[] {
  return [...routes, ...management]
}

export function labelOf({ method, path }: RouteUnderTest): string {
  return `${method} ${path}`
}

/** The path with its parameters filled in by what `encode` makes of them. */
export function pathOf(
  { path }: RouteUnderTest,
  { params = {}, query }: Example,
  encode: (value: string) => string = encodeURIComponent,
): string {
  const filled = path.replace(/:(\w+)/g, (_, name: string) => encode(params[name] ?? ''))
  return query ? `${filled}?${new URLSearchParams(query)}` : filled
}

/** Sends an example as it is, with these headers added. */
export function sendExample(
  server: TestServer,
  route: RouteUnderTest,
  example: Example,
  headers: Record<string, string> = {},
): Promise<Answer> {
  return server.request(route.method, pathOf(route, example), {
    ...(example.body && { json: example.body }),
    ...headersOf(example, headers),
  })
}

/** Sends an example with another body. */
export function sendBody(
  server: TestServer,
  route: RouteUnderTest,
  example: Example,
  { raw, type }: { raw: string | Buffer; type: string },
): Promise<Answer> {
  return server.request(route.method, pathOf(route, example), {
    raw,
    ...headersOf(example, { 'content-type': type }),
  })
}

export function sendJson(
  server: TestServer,
  route: RouteUnderTest,
  example: Example,
  body: unknown,
): Promise<Answer> {
  return sendBody(server, route, example, { raw: JSON.stringify(body), type: 'application/json' })
}

/** The headers of an example as request options. */
export function headersOf({ access, headers }: Example, added: Record<string, string> = {}) {
  return { headers: { ...headers, ...added }, ...(access !== undefined && { bearer: access }) }
}

/** The keys that access tokens are checked with. */
export async function publishedKeys(server: TestServer): Promise<JsonWebKey[]> {
  const { body } = await server.request('GET', '/.well-known/jwks.json')
  assert.ok(body.keys.length > 0)
  return body.keys
}
