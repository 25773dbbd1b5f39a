import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { TestServer } from '../harness/harness.ts'
import type { DialectUnderTest, RouteUnderTest } from './dialect-under-test.ts'
import { assertSane, assertStillGood, marker } from './refusals.ts'
import { everyRoute, headersOf, labelOf, pathOf, sendJson } from './support.ts'

/**
 * Text that no client sends, wherever a request has text, is never the server's own failure. Databases differ in what
 * they take: PostgreSQL has no place for a null character.
 */
export function hostileTextTests(dialect: DialectUnderTest, server: TestServer): void {
  for (const route of everyRoute(dialect)) {
    describe(labelOf(route), () => {
      if (route.fields.length > 0) fieldTests(dialect, server, route)
      if (route.path.includes(':')) pathTests(dialect, server, route)
      queryTests(dialect, server, route)
    })
  }
}

function fieldTests(dialect: DialectUnderTest, server: TestServer, route: RouteUnderTest): void {
  it('survives strange text in its fields', async () => {
    let example = await route.example(server)
    for (const field of route.fields) {
      for (const strange of textsLike(String(example.body?.[field]))) {
        const answer = await sendJson(server, route, example, { ...example.body, [field]: strange })
        assertSane(dialect, answer, { [field]: strange })
        if (answer.status < 400) example = await route.example(server)
      }
    }
  })
}

function pathTests(dialect: DialectUnderTest, server: TestServer, route: RouteUnderTest): void {
  it('refuses strange text in its path, and keeps working', async () => {
    const example = await route.example(server)
    for (const strange of encodedTexts) {
      const path = pathOf(route, example, () => strange)
      const { body: json } = example
      const answer = await server.request(route.method, path, {
        ...(json && { json }),
        ...headersOf(example),
      })
      assert.ok(answer.status >= 400, `${path} gets ${answer.text}`)
      assertSane(dialect, answer, path)
    }
    await assertStillGood(server, route, example)
  })
}

function queryTests(dialect: DialectUnderTest, server: TestServer, route: RouteUnderTest): void {
  it('survives strange text in its query and its Authorization header', async () => {
    const path = pathOf(route, {}, () => 'x')
    const body = route.method === 'GET' ? {} : { json: {} }
    for (const query of queries)
      assertSane(dialect, await server.request(route.method, `${path}?${query}`, body), query)
    for (const authorization of authorizations) {
      const answer = await server.request(route.method, path, { ...body, headers: { authorization } })
      assertSane(dialect, answer, authorization)
    }
  })
}

/** Half characters, controls, markup and templates; by themselves and around what is right. */
function textsLike(right: string): string[] {
  return [
    `${right}\0`,
    `\ud800${right}`,
    `\uffff\u202e${right}\r\nSet-Cookie: a=b`,
    "__proto__ ' or 1=1 -- {{ brand.name }} %00%s%n",
    'A'.repeat(60_000),
    '',
  ]
}

const encodedTexts = [
  '%00',
  'a%00b',
  '%ED%A0%80',
  '%',
  '%zz',
  '%C0%AF',
  '__proto__',
  'constructor',
  "'%20or%201=1%20--",
  '%F0%9F%94%91',
  '%0d%0aSet-Cookie:%20a=b',
  '..%2f..%2fetc',
  'x'.repeat(500),
  'x'.repeat(5000),
  marker,
]

const queries = [
  'token=%00&email=%00&verificationCode=%00&clientAlias=%00',
  'token=%ED%A0%80&email=%ED%A0%80&verificationCode=%ED%A0%80',
  'email=a&email=b&verificationCode=a&verificationCode=b&clientAlias=a&clientAlias=b',
  '__proto__=1&constructor=1&hasOwnProperty=1',
  '__proto__[isAdmin]=1&email[]=1&email[a]=1',
  '%',
  '&&&=&==',
  `email=${marker}&verificationCode=${'x'.repeat(5000)}`,
]

const authorizations = [
  'Bearer',
  'Bearer  ',
  `Bearer ${marker}`,
  `Basic ${marker}`,
  'Bearer a.b.c',
  'Bearer ..',
  'Bearer \u00ff',
  '=',
]
