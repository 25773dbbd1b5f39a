import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { TestServer } from '../harness/harness.ts'
import type { DialectUnderTest, RouteUnderTest } from './dialect-under-test.ts'
import { assertRefused, assertSane, assertStillGood, markedNumber, marker } from './refusals.ts'
import { everyRoute, labelOf, sendBody, sendJson, statusesOf } from './support.ts'

const json = 'application/json'
const form = 'application/x-www-form-urlencoded'

/** Bodies that no client sends are refused in the dialect's own words, which give nothing away. */
export function hostileBodyTests(dialect: DialectUnderTest, server: TestServer): void {
  for (const route of everyRoute(dialect).filter(({ method }) => method !== 'GET')) {
    describe(labelOf(route), () => {
      unreadableBodyTests(dialect, server, route)
      if (route.fields.length > 0) wrongTypeTests(dialect, server, route)
      prototypeKeyTests(dialect, server, route)
    })
  }
}

function unreadableBodyTests(dialect: DialectUnderTest, server: TestServer, route: RouteUnderTest): void {
  const { tooLarge, unsupportedType, unreadable } = statusesOf(dialect)

  it('refuses oversized, malformed and wrongly typed bodies, and keeps working', async () => {
    const example = await route.example(server)
    const send = (raw: string | Buffer, type: string) => sendBody(server, route, example, { raw, type })

    const large = JSON.stringify({ ...example.body, padding: 'x'.repeat(65 * 1024) })
    for (const type of [json, form, 'text/plain']) assertRefused(dialect, await send(large, type), tooLarge)

    const body = JSON.stringify(example.body ?? {})
    for (const type of ['text/plain', 'text/plain; charset=utf-8', 'application/xml', 'multipart/form-data'])
      assertRefused(dialect, await send(body, type), unsupportedType)

    for (const raw of malformed) assertRefused(dialect, await send(raw, json), unreadable)
    await assertStillGood(server, route, example)
  })
}

function wrongTypeTests(dialect: DialectUnderTest, server: TestServer, route: RouteUnderTest): void {
  const { invalid, unreadable } = statusesOf(dialect)

  it('refuses JSON that is not an object or has fields of wrong types, and keeps working', async () => {
    const example = await route.example(server)
    for (const body of notObjects)
      assertRefused(dialect, await sendJson(server, route, example, body), unreadable)

    for (const [field, right] of Object.entries(example.body ?? {})) {
      if (route.loose?.includes(field)) continue
      for (const wrong of otherTypes(right)) {
        const answer = await sendJson(server, route, example, { ...example.body, [field]: wrong })
        assert.equal(answer.status, invalid, `${field}: ${JSON.stringify(wrong)} gets ${answer.text}`)
        assertRefused(dialect, answer, invalid)
      }
    }
    await assertStillGood(server, route, example)
  })
}

function prototypeKeyTests(dialect: DialectUnderTest, server: TestServer, route: RouteUnderTest): void {
  it('ignores keys that would pollute a prototype', async () => {
    const example = await route.example(server)
    const fields = JSON.stringify(example.body ?? {}).slice(1, -1)
    const raw = `{${fields ? `${fields},` : ''}${reachingKeys}}`
    const answer = await sendBody(server, route, example, { raw, type: json })
    assert.equal(answer.status, route.status, `${raw} gets ${answer.text}`)
    assert.equal(({} as Record<string, unknown>).isAdmin, undefined)
  })

  it('survives JSON without the expected fields', async () => {
    const { access, ...example } = await route.example(server)
    const deep = `${'['.repeat(10_000)}${']'.repeat(10_000)}`
    const bodies = [...notObjects, null, {}].map((body) => JSON.stringify(body))
    for (const raw of [...bodies, deep, `{${reachingKeys}}`, '{"__proto__":null}'])
      assertSane(dialect, await sendBody(server, route, example, { raw, type: json }), raw)
  })
}

const malformed: (string | Buffer)[] = [
  '{',
  `{"email":"${marker}`,
  `{"email":"${marker}",}`,
  `{'email':'${marker}'}`,
  marker,
  '[1,',
  '{"a":1}{"b":2}',
  'undefined',
  'NaN',
  '{"email":"\u0000"}',
  '['.repeat(30_000),
  Buffer.from([0x7b, 0xff, 0xfe, 0x7d]),
]

const notObjects: unknown[] = [[], [marker], [{ email: marker }], marker, markedNumber, true]

const reachingKeys =
  '"__proto__":{"isAdmin":true,"email":"a@b.example"},"constructor":{"prototype":{"isAdmin":true}},' +
  '"prototype":7,"toString":"x","hasOwnProperty":null,"then":"x","":[]'

/** Values of every type but that of the right one. */
function otherTypes(right: unknown): unknown[] {
  const kind = (value: unknown) => (Array.isArray(value) ? 'list' : typeof value)
  const all = [marker, markedNumber, -1.5, true, { text: marker }, {}, [marker], [[marker]], []]
  const lists = [[7], [{ text: marker }], [[marker]], [null]]
  return [...all.filter((value) => kind(value) !== kind(right)), ...(Array.isArray(right) ? lists : [])]
}
