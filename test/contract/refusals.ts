import assert from 'node:assert/strict'
import type { Answer, TestServer } from '../harness/harness.ts'
import type { DialectUnderTest, Example, RouteUnderTest } from './dialect-under-test.ts'
import { sendExample } from './support.ts'

/** In what hostile requests send, and in no answer. */
export const marker = 'say-nothing-of-this'
export const markedNumber = 4_815_162_342

const ofTheRequest = new RegExp(`${marker}|${markedNumber}`)
const ofParsers =
  /unexpected|syntaxerror|typeerror|position \d|in JSON at|invalid input|received|\bexpected\b/i
const ofDatabases = /sqlite|postgres|kysely|constraint|column|relation|select |insert |update .* set/i
const ofPrograms = /zod|fastify|FST_|node_modules|\.ts\b|\.js\b|^ *at /im

/** Refused in the dialect's own words, which say nothing of the request nor of what the server is made of. */
export function assertRefused(dialect: DialectUnderTest, answer: Answer, status: number): void {
  dialect.assertError(answer, status)
  for (const secret of [ofTheRequest, ofParsers, ofDatabases, ofPrograms])
    assert.doesNotMatch(answer.text, secret)
  assert.equal(answer.headers.get('x-powered-by'), null)
  assert.equal(answer.headers.get('server'), null)
}

/** A success, or refused as above; never the server's own failure. */
export function assertSane(dialect: DialectUnderTest, answer: Answer, sent: unknown): void {
  const told = `${answer.status} for ${JSON.stringify(sent)?.slice(0, 200)}`
  assert.ok(answer.status < 500, told)
  if (answer.status >= 400) assertRefused(dialect, answer, answer.status)
}

/** After requests that were refused: they have used nothing up. */
export async function assertStillGood(
  server: TestServer,
  route: RouteUnderTest,
  example: Example,
): Promise<void> {
  const answer = await sendExample(server, route, example)
  assert.equal(answer.status, route.status, answer.text)
}
