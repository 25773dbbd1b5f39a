import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { TestServer } from '../harness/harness.ts'
import type { DialectUnderTest } from './dialect-under-test.ts'
import { assertRefused, assertSane, marker } from './refusals.ts'
import { everyRoute, pathOf, statusesOf } from './support.ts'

/** What no route takes below a dialect's prefixes is refused in that dialect's words. */
export function unknownPathTests(dialect: DialectUnderTest, server: TestServer): void {
  describe('an unknown path', () => {
    const { unknownPath } = statusesOf(dialect)
    const paths = ['/no-such-thing', `/${marker}?${marker}`, `/${marker}/..%2f`, '/__proto__', '//']
    const refuses = async (method: string, path: string) =>
      assertRefused(dialect, await server.request(method, path), unknownPath)

    for (const method of ['GET', 'POST', 'PUT', 'DELETE', 'PATCH']) {
      it(`is refused for ${method}`, async () => {
        for (const prefix of dialect.prefixes)
          for (const path of paths) await refuses(method, `${prefix}${path}`)
      })
    }

    it('includes a known path under another method', async () => {
      for (const route of everyRoute(dialect)) {
        const method = ['PATCH', 'PUT', 'DELETE'].find((method) => !isServed(dialect, method, route.path))
        const path = pathOf(route, {}, () => 'x')
        if (method) await refuses(method, path)
      }
    })

    it('is refused whatever its body', async () => {
      const path = `${dialect.prefixes[0]}/no-such-thing`
      const headers = { 'content-type': 'application/json' }
      assertRefused(dialect, await server.request('POST', path, { json: { email: marker } }), unknownPath)
      const malformed = await server.request('POST', path, { raw: `{"${marker}`, headers })
      assert.ok(malformed.status >= 400)
      assertSane(dialect, malformed, 'malformed')
    })
  })
}

/** Whatever its parameters are called. */
function isServed(dialect: DialectUnderTest, method: string, path: string): boolean {
  const shapeOf = (path: string) => path.replaceAll(/:\w+/g, ':')
  return everyRoute(dialect).some((route) => route.method === method && shapeOf(route.path) === shapeOf(path))
}
