import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { freshEmail, type TestServer } from '../harness/harness.ts'
import { mailboxOf } from '../harness/mailboxes.ts'
import type { DialectUnderTest } from './dialect-under-test.ts'
import {
  assertSignInRefused,
  assertSuccess,
  openSession,
  requestSecret,
  subjectsOfAllMails,
  tokensOf,
} from './support.ts'

/** The first is sent at sign-up, and every one is the same mailbox. */
const spellings: Record<string, (local: string) => string[]> = {
  'below a top-level domain in Cyrillic': (local) => [
    `${local}@example.xn--p1ai`,
    `${local}@example.рф`,
    `${local}@EXAMPLE.XN--P1AI`,
  ],
  'with a domain in Unicode': (local) => [
    `${local}@münchen.example`,
    `${local}@xn--mnchen-3ya.example`,
    `${local}@MÜNCHEN。example`,
    `${local}@mu\u0308nchen.example`,
  ],
  'with every character that HTML allows': (local) => [`${local}!#$%&'*+/=?^_\`{|}~@example.com`],
  'with dots that no standard allows': (local) => [`.${local}..b.@example.com`],
  'without a dot in the domain': (local) => [`${local}@intranet`],
  'with invisible characters around it': (local) => [
    `\ufeff${local}@example.com\u200b`,
    `${local}@example.com`,
    `\u202a${local}@example.com\u202c`,
    `\u00a0\u2060${local}@example.com\u200f\u00ad\n`,
  ],
}

/** None of them reaches somebody, or not the same one everywhere. */
const refused: Record<string, (local: string) => string> = {
  'letters that are not ASCII before the @': (local) => `mü${local}@example.com`,
  'an invisible character inside': (local) => `a\u200b${local}@example.com`,
  'a kelvin sign instead of a k': (local) => `\u212a${local}@example.com`,
  'a blank inside': (local) => `a ${local}@example.com`,
  quotes: (local) => `"${local}"@example.com`,
  'an IP address': (local) => `${local}@[192.0.2.1]`,
  'digits that make an IP address': (local) => `${local}@１.２`,
  'digits that stand for an IP address': (local) => `${local}@0x7f.1`,
  'an escape in the domain': (local) => `${local}@münchen%2eexample`,
  'two @': (local) => `${local}@example.com@example.com`,
  'a dot at its end': (local) => `${local}@example.com.`,
  'an empty label': (local) => `${local}@münchen..example`,
  'a label of 64 characters': (local) => `${local}@${'a'.repeat(64)}.example`,
  '255 characters': (local) => `${'a'.repeat(255 - local.length - 12)}${local}@example.com`,
}

/** E-mail addresses as browsers take them, and as people paste them. */
export function emailSpellingTests(dialect: DialectUnderTest, server: TestServer): void {
  const { recovery } = dialect
  const password = 'four words and blanks'

  describe('an e-mail address', () => {
    for (const [what, spell] of Object.entries(spellings)) {
      it(`${what} signs up and in, and is one mailbox in every spelling`, async () => {
        const [email = '', ...others] = spell(localPart())
        await dialect.openAccount(server, { email, password })
        for (const typed of [email, ...others]) {
          tokensOf(await dialect.signIn(server, { email: typed, password }))
        }
        const second = 'the second password'
        await dialect.signUp(server, { email: others.at(-1) ?? email, password: second })
        assertSignInRefused(dialect, await dialect.signIn(server, { email, password: second }))
        tokensOf(await dialect.signIn(server, { email, password }))
      })
    }

    if (recovery) {
      it('receives mail and resets its password in every spelling', async () => {
        const local = localPart()
        const email = `${local}&o'hara@münchen.example`
        await dialect.openAccount(server, { email, password })
        const forgot = () => recovery.forgot(server, `\u200e${email}\ufeff`)
        const secret = await requestSecret({ ...recovery, forgot }, server, mailboxOf(email))
        assertSuccess(await recovery.reset(server, { email, secret, password: 'the next password' }))
        tokensOf(await dialect.signIn(server, { email, password: 'the next password' }))
      })
    }

    it('is refused as invalid when malformed', async () => {
      const { email, password } = await openSession(dialect, server)
      const local = email.slice(0, email.indexOf('@'))
      for (const [what, spell] of Object.entries(refused)) {
        const typed = spell(local)
        const { tokens, answer } = await dialect.signIn(server, { email: typed, password })
        assert.equal(tokens, undefined, what)
        dialect.assertError(answer, answer.status)
        assert.ok(answer.status < 500, what)
        if (recovery)
          assert.equal((await recovery.forgot(server, typed)).status, dialect.statuses.invalid, what)
        assert.deepEqual(await subjectsOfAllMails(server, typed), [], what)
      }
    })
  })
}

/** Of an address that nobody has. */
function localPart(): string {
  const email = freshEmail()
  return email.slice(0, email.indexOf('@'))
}
