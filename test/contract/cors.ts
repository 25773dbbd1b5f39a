import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Answer, TestServer } from '../harness/harness.ts'
import type { DialectUnderTest } from './dialect-under-test.ts'
import { labelOf, pathOf, sendExample } from './support.ts'

/** Which web pages may call a dialect. */
export function corsTests(dialect: DialectUnderTest, server: TestServer): void {
  const { origin } = dialect
  const strangers = [
    'https://evil.example',
    `${origin}.evil.example`,
    `${origin}:8443`,
    `${origin}/`,
    origin.toUpperCase(),
    origin.replace('://', '://evil.'),
    'null',
  ]

  for (const route of dialect.routes) {
    describe(`${labelOf(route)} from a web page`, () => {
      const path = pathOf(route, {}, () => 'x')
      const preflight = (origin: string) =>
        server.request('OPTIONS', path, {
          headers: {
            origin,
            'access-control-request-method': route.method,
            'access-control-request-headers': 'authorization, content-type, x-of-their-own',
          },
        })

      it('allows the registered origin, on success and on failure', async () => {
        const success = await sendExample(server, route, await route.example(server), { origin })
        assert.equal(success.status, route.status, success.text)
        assertAllowed(success, origin)
        assertAllowed(await refusedRequest({ origin }), origin)
      })

      it('answers a preflight of the registered origin with the headers it asks for', async () => {
        const answer = await preflight(origin)
        assert.ok([200, 204].includes(answer.status), answer.text)
        assertAllowed(answer, origin)
        assert.deepEqual(listOf(answer, 'access-control-allow-headers'), [
          'authorization',
          'content-type',
          'x-of-their-own',
        ])
        assert.ok(listOf(answer, 'access-control-allow-methods').includes(route.method.toLowerCase()))
      })

      it('allows no other origin, and none at all without one', async () => {
        // Where it is not the route that is looked at, one stranger is as good as all.
        for (const origin of route === dialect.routes[0] ? strangers : strangers.slice(0, 2)) {
          assertNotAllowed(await preflight(origin))
          assertNotAllowed(await refusedRequest({ origin }))
        }
        assertNotAllowed(await refusedRequest({}))
      })

      /** Without what the route needs; one that needs nothing succeeds. */
      function refusedRequest(headers: Record<string, string>): Promise<Answer> {
        const json = route.method === 'GET' ? undefined : []
        return server.request(route.method, path, { json, headers })
      }
    })
  }
}

function assertAllowed({ headers }: Answer, origin: string): void {
  assert.equal(headers.get('access-control-allow-origin'), origin)
  assert.equal(headers.get('access-control-allow-credentials'), 'true')
  const exposed = headers.get('access-control-expose-headers')?.toLowerCase().split(/, */) ?? []
  assert.ok(exposed.includes('date') && exposed.includes('retry-after'), String(exposed))
  assert.match(headers.get('vary') ?? '', /\borigin\b/i)
  for (const [name, value] of headers)
    if (name.startsWith('access-control-')) assert.doesNotMatch(value, /\*/)
}

/** Other caches must know, too, that the answer depends on the origin. */
function assertNotAllowed({ headers }: Answer): void {
  const told = [...headers.keys()].filter((name) => name.startsWith('access-control-'))
  assert.deepEqual(told, [])
  assert.match(headers.get('vary') ?? '', /\borigin\b/i)
}

function listOf({ headers }: Answer, name: string): string[] {
  return (headers.get(name) ?? '').toLowerCase().split(/, */)
}
