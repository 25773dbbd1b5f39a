import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Answer, TestServer } from '../harness/harness.ts'
import type { DialectUnderTest, Example, RouteUnderTest } from './dialect-under-test.ts'
import { everyRoute, labelOf, sendBody, sendExample, sendJson } from './support.ts'

const json = 'application/json'
const form = 'application/x-www-form-urlencoded'

/** What real clients send beyond the documents, and what nobody may store. */
export function lenientRequestTests(dialect: DialectUnderTest, server: TestServer): void {
  for (const route of everyRoute(dialect)) {
    describe(labelOf(route), () => {
      it('answers its example, and forbids caching the answer', async () => {
        const example = await route.example(server)
        assert.deepEqual(Object.keys(example.body ?? {}), route.fields)
        assert.equal(example.access !== undefined, route.needsAccess ?? false)
        const answer = await sendExample(server, route, example)
        assertAnswered(route, answer)
        if (route.status >= 400) dialect.assertError(answer, route.status)
        assert.equal(answer.headers.get('cache-control'), 'no-store')
      })

      if (!route.needsAccess) authorizationTests(server, route)
      if (route.fields.length > 0) fieldTests(server, route)
      if (route.fields.length === (route.optional?.length ?? 0)) emptyBodyTests(server, route)
    })
  }
}

function authorizationTests(server: TestServer, route: RouteUnderTest): void {
  const values = ['Bearer null', route.readsBearer ? 'Basic bnVsbDpudWxs' : 'Bearer rubbish']

  it('ignores an invalid Authorization header', async () => {
    for (const authorization of values) {
      const example = await route.example(server)
      assertAnswered(route, await sendExample(server, route, example, { authorization }))
    }
  })
}

function fieldTests(server: TestServer, route: RouteUnderTest): void {
  const { optional = [] } = route

  it('ignores unknown fields', async () => {
    const example = await route.example(server)
    assertAnswered(route, await sendJson(server, route, example, { ...unknownFields, ...example.body }))
  })

  if (!route.jsonOnly) {
    it('accepts its body as a form', async () => {
      const example = await route.example(server)
      const type = `${form}; charset=UTF-8`
      assertAnswered(route, await sendBody(server, route, example, { raw: asForm(example), type }))
    })
  }

  if (optional.length === 0) return

  it('works without its optional fields', async () => {
    const example = await route.example(server)
    const needed = Object.entries(example.body ?? {}).filter(([field]) => !optional.includes(field))
    assertAnswered(route, await sendJson(server, route, example, Object.fromEntries(needed)))
  })

  it('accepts null for optional fields', async () => {
    const example = await route.example(server)
    const nothing = Object.fromEntries(optional.map((field) => [field, null]))
    assertAnswered(route, await sendJson(server, route, example, { ...example.body, ...nothing }))
  })
}

function emptyBodyTests(server: TestServer, route: RouteUnderTest): void {
  it('accepts an empty body declared as JSON or as a form', async () => {
    for (const type of [json, form]) {
      const { body, ...example } = await route.example(server)
      const answer =
        route.method === 'GET'
          ? await sendExample(server, route, example, { 'content-type': type })
          : await sendBody(server, route, example, { raw: '', type })
      assertAnswered(route, answer)
    }
  })
}

function assertAnswered(route: RouteUnderTest, answer: Answer): void {
  assert.equal(answer.status, route.status, answer.text)
}

const unknownFields = {
  unknown: 1,
  $where: 'true',
  nested: { email: ['x'] },
  admin: true,
  id: null,
  'a.b': [],
}

/** Lists as one field many times, which is how forms send them. */
function asForm({ body = {} }: Example): string {
  const fields = new URLSearchParams()
  for (const [field, value] of Object.entries(body))
    for (const one of [value].flat()) fields.append(field, String(one))
  return fields.toString()
}
