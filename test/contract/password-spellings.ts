import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { freshEmail, type TestServer } from '../harness/harness.ts'
import type { DialectUnderTest } from './dialect-under-test.ts'
import { assertSignInRefused, assertSuccess, openSession, requestSecret, tokensOf } from './support.ts'

const composed = 'café mañana ångström 각'.normalize('NFC')
const decomposed = composed.normalize('NFD')
/** Half in one form and half in the other, as when a name is pasted. */
const mixed = `${decomposed.slice(0, 5)}${composed.slice(4)}`

/** What NFKC, or a fold, would take for the same. */
const others: Record<string, string> = {
  'without its accents': decomposed.replaceAll(/\p{M}/gu, ''),
  'with a wide letter': composed.replace('m', 'ｍ'),
  'in capitals': composed.toUpperCase(),
  'with a blank that does not break': composed.replace(' ', '\u00a0'),
  'with an invisible character': `${composed}\u200b`,
}

/** Passwords as keyboards send them: `é` as one character or as two. */
export function passwordSpellingTests(dialect: DialectUnderTest, server: TestServer): void {
  const { recovery } = dialect

  async function assertNormalized(email: string): Promise<void> {
    for (const password of [composed, decomposed, mixed])
      tokensOf(await dialect.signIn(server, { email, password }))
    for (const [what, password] of Object.entries(others)) {
      const { tokens } = await dialect.signIn(server, { email, password })
      assert.equal(tokens, undefined, `signs in ${what}`)
    }
  }

  describe('a password', () => {
    for (const [form, password] of Object.entries({ NFC: composed, NFD: decomposed })) {
      it(`chosen in ${form} matches in the other normalization form, and in no lookalike`, async () => {
        const email = freshEmail()
        await dialect.openAccount(server, { email, password })
        await assertNormalized(email)
      })
    }

    it('is measured in NFC', async () => {
      const long = 'é'.normalize('NFD').repeat(256)
      const email = freshEmail()
      for (const password of ['é'.normalize('NFD').repeat(7), `${long}x`]) {
        const answer = await dialect.signUp(server, { email, password })
        dialect.assertError(answer, dialect.statuses.rejectedPassword)
        assertSignInRefused(dialect, await dialect.signIn(server, { email, password }))
      }
      await dialect.openAccount(server, { email, password: long })
      tokensOf(await dialect.signIn(server, { email, password: long.normalize('NFC') }))
    })

    if (recovery) {
      it('reset in NFD matches in NFC, and in no lookalike', async () => {
        const { email } = await openSession(dialect, server)
        const secret = await requestSecret(recovery, server, email)
        assertSuccess(await recovery.reset(server, { email, secret, password: decomposed }))
        await assertNormalized(email)
      })
    }
  })
}
