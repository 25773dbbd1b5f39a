import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import fc from 'fast-check'
import type { ServedRoute } from '../../src/http/served-routes.ts'
import type { DialectUnderTest } from '../contract/dialect-under-test.ts'
import { assertRefused, assertSane } from '../contract/refusals.ts'
import { openAccount, signInAgain } from '../contract/support.ts'
import { adapters } from '../dialects/adapters.ts'
import { app, headersOf } from '../dialects/vastly/door.ts'
import { select, tableNames } from '../harness/database.ts'
import { type Answer, type Engine, type TestServer, useServer } from '../harness/harness.ts'
import { type StrangeRequest, sendStrange } from './send-request.ts'
import { strangeRequests, type Visitor } from './strange-requests.ts'

/** Of what is kept, whatever is sent: the longest are profiles, and jobs with a link. */
const maxTextLength = 4096

/** What a seed makes, it makes again: `FUZZ_SEED=7 FUZZ_RUNS=1000`. */
export interface Fuzz {
  seed: number
  /** Requests for each route, so many. */
  runs: number
}

/** Reads how to fuzz from the environment, where that says anything. */
export function fuzzOf({ seed, runs }: Fuzz): Fuzz {
  const { FUZZ_SEED, FUZZ_RUNS } = process.env
  return { seed: FUZZ_SEED ? Number(FUZZ_SEED) : seed, runs: FUZZ_RUNS ? Number(FUZZ_RUNS) : runs }
}

/** Declares the tests: every route that the server itself names gets requests that no client sends. */
export function fuzzEveryRoute(fuzz: Fuzz): void {
  // The engines side by side, as waiting for passwords to be hashed is most of the time.
  describe('malformed requests', { concurrency: true }, () => {
    for (const engine of ['sqlite', 'postgres'] as const)
      describe(`on ${engine}`, { concurrency: false }, () => fuzzServer(engine, fuzz))
  })
}

function fuzzServer(engine: Engine, fuzz: Fuzz): void {
  const server = useServer(engine)

  it('cover every route', () => {
    const doors = new Set(server.routes.flatMap(({ dialect }) => dialect ?? []))
    assert.deepEqual([...doors].sort(), [...adapters.map(({ name }) => name), 'openid'].sort())
    assert.ok(server.routes.length > 100, `${server.routes.length} routes`)
    for (const path of ['/api/co/auth/sign-in', '/auth/:sessionId/sessions', '/ui/sign-in', '/dev/mailbox'])
      assert.ok(
        server.routes.some((route) => route.path === path),
        path,
      )
  })

  for (const dialect of adapters) {
    it(`are answered in ${dialect.name}'s words`, async (t) => {
      const visit = visitorsOf(dialect, server)
      for (const route of routesOf(server, dialect.name, fuzz, t))
        await fuzzRoute({ server, route, fuzz, visit, check: checkOf(dialect, route) })
    })
  }

  it('are answered as apps know it where the route is of OpenID Connect', async (t) => {
    const visit = async () => ({ headers: {}, access: undefined, origin: undefined })
    for (const route of routesOf(server, 'openid', fuzz, t))
      await fuzzRoute({ server, route, fuzz, visit, check: checkOpenid })
  })

  it('are answered in plain words or with a page where the route is our own', async (t) => {
    const visit = async () => ({ headers: {}, access: undefined, origin: undefined })
    for (const route of routesOf(server, undefined, fuzz, t))
      await fuzzRoute({ server, route, fuzz, visit, check: checkOwn })
  })

  it('leave sign-in working, and no internal error in the log', async () => {
    for (const dialect of adapters) await signInAgain(dialect, server, await openAccount(dialect, server))
    const faults = server.log.filter(({ level }) => Number(level) >= 50)
    assert.deepEqual(faults, [])
  })

  it('leave no overlong text in the database', async () => {
    const url = server.env.DATABASE_URL ?? ''
    for (const table of await tableNames(url)) {
      for (const row of await select(url, `select * from ${table}`))
        for (const [column, value] of Object.entries(row))
          assert.ok(
            String(value).length <= maxTextLength,
            `${table}.${column} has ${String(value).length} characters`,
          )
    }
  })
}

/** Those of a dialect, or our own; says in the test's report how they are tried. */
function routesOf(
  server: TestServer,
  dialect: string | undefined,
  { seed, runs }: Fuzz,
  t: TestContext,
): ServedRoute[] {
  const routes = server.routes.filter((route) => route.dialect === dialect)
  t.diagnostic(`FUZZ_SEED=${seed} FUZZ_RUNS=${runs}: ${runs} requests for each of ${routes.length} routes`)
  return routes
}

interface Fuzzing {
  server: TestServer
  route: ServedRoute
  fuzz: Fuzz
  visit: (hasChanged: boolean) => Promise<Visitor>
  check: (answer: Answer, request: StrangeRequest) => void
}

async function fuzzRoute({ server, route, fuzz, visit, check }: Fuzzing): Promise<void> {
  let hasChanged = false
  const property = fc.asyncProperty(strangeRequests(route), async (make) => {
    const request = make(await visit(hasChanged))
    const told = () =>
      `${request.method} ${request.target.slice(0, 200)} ${JSON.stringify(request.headers).slice(0, 800)} ${request.body?.toString('latin1').slice(0, 300)}`
    try {
      const answer = await sendStrange(server.url, request)
      hasChanged = answer.status < 300 && !['GET', 'HEAD', 'OPTIONS'].includes(request.method)
      assertComplete(answer)
      // An answer to a HEAD or a preflight has no body to look at.
      if (request.method !== 'HEAD' && answer.status !== 204) check(answer, request)
    } catch (error) {
      throw new Error(`${told()}: ${error instanceof Error ? error.message : error}`, { cause: error })
    }
  })
  // Another seed for every route, or all would get the same requests.
  const seed = fuzz.seed + server.routes.indexOf(route)
  await fc.assert(property, { seed, numRuns: fuzz.runs })
}

/** A signed-in client of the dialect; one whose session may have been ended signs in again. */
function visitorsOf(dialect: DialectUnderTest, server: TestServer): Fuzzing['visit'] {
  let visitor: Visitor | undefined
  const account = openAccount(dialect, server)
  account.catch(() => {})
  return async (hasChanged) => {
    if (visitor && !hasChanged) return visitor
    const { access } = await signInAgain(dialect, server, await account).catch(async () =>
      signInAgain(dialect, server, await openAccount(dialect, server)),
    )
    const headers = dialect.name === 'vastly' ? headersOf(app) : {}
    visitor = { headers, access, origin: dialect.origin }
    return visitor
  }
}

/** What every answer has, whoever gives it. */
function assertComplete({ status, headers, text }: Answer): void {
  assert.ok(status < 500 || status === 503, `${status} ${text}`)
  if (status === 503 || status === 429) assert.match(headers.get('retry-after') ?? '', /^[1-9]\d*$/)
  assert.equal(headers.get('x-content-type-options'), 'nosniff')
  assert.match(headers.get('content-security-policy') ?? '', /frame-ancestors 'none'/)
  assert.match(headers.get('x-request-id') ?? '', /^[0-9a-f-]{36}$/)
  assert.equal(headers.get('x-powered-by'), null)
  assert.doesNotMatch(text, /node_modules|\.ts:\d+|^ +at /m)
}

/** What people open themselves, by an app or by the link of a mail. */
const inBrowsers = /^\/api\/oauth\/authorize|^\/auth\/v1\/verify/

/** A refusal in the dialect's own words; or, where no route was meant, in those of one with the same prefix. */
function checkOf(dialect: DialectUnderTest, route: ServedRoute): Fuzzing['check'] {
  const others = adapters.filter(({ prefixes }) => prefixes.some((prefix) => route.path.startsWith(prefix)))
  return (answer, { method, target }) => {
    if (answer.status < 400 || answer.status === 503) return
    if (isPage(answer) && inBrowsers.test(route.path)) return assertPage(answer)
    const isUnrouted = method !== route.method || answer.status === 404 || answer.status === 400
    if (isUnrouted && !others.includes(dialect)) others.push(dialect)
    const owners = isUnrouted ? others : [dialect]
    const failures = owners.flatMap((owner) => failureOf(() => assertRefused(owner, answer, answer.status)))
    if (failures.length === owners.length) throw failures[0]
    if (owners.length === 1) assertSane(dialect, answer, target)
  }
}

function checkOwn(answer: Answer): void {
  if (answer.status < 400) return
  if (isPage(answer)) assertPage(answer)
  else assertPlain(answer)
}

/** RFC 6749 §5.2, or a page where people are. */
function checkOpenid(answer: Answer): void {
  if (answer.status < 400) return
  if (isPage(answer)) assertPage(answer)
  else assertOauthError(answer)
}

function assertOauthError({ headers, body }: Answer): void {
  assert.equal(headers.get('content-type'), 'application/json; charset=utf-8')
  const { error, error_description: description = '', ...others } = body
  assert.deepEqual(others, {})
  assert.match(error, /^[a-z]+(_[a-z]+)*$/)
  assert.match(description, /^[\x20-\x7e]{0,300}$/)
}

function assertPlain({ headers, body }: Answer): void {
  assert.equal(headers.get('content-type'), 'application/json; charset=utf-8')
  assert.deepEqual(Object.keys(body), ['error'])
  assert.match(body.error, /^[a-z]+(_[a-z]+)*$/)
}

function isPage({ headers }: Answer): boolean {
  return headers.get('content-type') === 'text/html; charset=utf-8'
}

function assertPage({ text }: Answer): void {
  assert.match(text, /^<!doctype html>\s*<html lang="(en|nb)">/)
  assert.doesNotMatch(text, /<script/)
}

function failureOf(check: () => void): unknown[] {
  try {
    check()
    return []
  } catch (error) {
    return [error]
  }
}
