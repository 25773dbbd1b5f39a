import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { describe, it } from 'node:test'
import type { TestServer } from '../harness/harness.ts'
import type { DialectUnderTest, Example, RouteUnderTest } from './dialect-under-test.ts'
import { visibleParts } from './enumeration.ts'
import { forgeJwt } from './forgeries.ts'
import { assertStillGood } from './refusals.ts'
import { assertAlive, labelOf, publishedKeys, sendExample, signInShared } from './support.ts'

/** What back ends do with the accounts of people takes a service key, and tells nobody else what there is. */
export function managementTests(dialect: DialectUnderTest, server: TestServer): void {
  for (const route of dialect.management ?? []) {
    describe(`${labelOf(route)} for a back end`, () => {
      keyTests(dialect, server, route)
      if (route.path.includes(':')) existenceTests(dialect, server, route)
    })
  }
}

function keyTests(dialect: DialectUnderTest, server: TestServer, route: RouteUnderTest): void {
  it('takes no token of a person, no forged one and none at all, and does nothing then', async () => {
    const example = await route.example(server)
    const session = await signInShared(dialect, server)
    const forged = Object.values(forgeJwt(session.access, await publishedKeys(server)))
    for (const access of [session.access, session.refresh, ...forged, `${example.access}x`, '', 'null'])
      dialect.assertError(await sendExample(server, route, { ...example, access }), dialect.statuses.access)
    await assertStillGood(server, route, example)
    await assertAlive(dialect, server, session)
  })

  it('takes its key from no web page, and does nothing then', async () => {
    const example = await route.example(server)
    for (const origin of [dialect.origin, 'https://evil.example', 'null'])
      dialect.assertError(await sendExample(server, route, example, { origin }), dialect.statuses.access)
    await assertStillGood(server, route, example)
  })
}

function existenceTests(dialect: DialectUnderTest, server: TestServer, route: RouteUnderTest): void {
  it('tells nobody without a key whether there is what its path names', async () => {
    const known = await route.example(server)
    const unknown = { ...known, params: elsewhere(known) }
    const { access } = await signInShared(dialect, server)
    for (const shown of ['', access]) {
      const [ofKnown, ofUnknown] = await Promise.all(
        [known, unknown].map((example) => sendExample(server, route, { ...example, access: shown })),
      )
      assert.ok(ofKnown && ofUnknown)
      assert.deepEqual(visibleParts(ofUnknown), visibleParts(ofKnown))
    }
  })
}

/** Ids of nothing. */
function elsewhere({ params = {} }: Example): Record<string, string> {
  return Object.fromEntries(Object.keys(params).map((name) => [name, randomUUID()]))
}
