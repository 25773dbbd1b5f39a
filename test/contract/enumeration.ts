import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type Answer, freshEmail, type TestServer } from '../harness/harness.ts'
import type { DialectUnderTest } from './dialect-under-test.ts'
import { assertSignInRefused, sharedAccount } from './support.ts'

/** Nobody learns from an answer whether there is an account. */
export function enumerationTests(dialect: DialectUnderTest, server: TestServer): void {
  describe('the existence of an account', () => {
    for (const [name, send] of Object.entries(dialect.blind)) {
      it(`is not revealed by ${name}`, async () => {
        const { email: known } = await sharedAccount(dialect, server)
        const unknown = freshEmail()
        const ofKnown = await send(server, known)
        const ofUnknown = await send(server, unknown)
        assert.deepEqual(visibleParts(ofUnknown, unknown), visibleParts(ofKnown, known))
      })
    }

    it('is not revealed by a refused sign-in', async () => {
      const { email } = await sharedAccount(dialect, server)
      const password = 'nobody has this password'
      assertSignInRefused(dialect, await dialect.signIn(server, { email, password }))
      assertSignInRefused(dialect, await dialect.signIn(server, { email: freshEmail(), password }))
    })
  })
}

const differsAlways = new Set(['date', 'x-request-id', 'content-length'])
const uuid = /[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}/g

const time = /\d{4}-\d\d-\d\dT[\d:.]+Z/g

/** All that an answer shows, without what differs between any two requests. */
export function visibleParts({ status, headers, text }: Answer, email?: string) {
  const said = email === undefined ? text : text.replaceAll(email, '<email>')
  return {
    status,
    headers: [...headers].map(([name, value]) => [name, differsAlways.has(name) ? '' : value]),
    body: said.replaceAll(uuid, '<id>').replaceAll(time, '<time>'),
  }
}
