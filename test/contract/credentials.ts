import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { freshEmail, type TestServer } from '../harness/harness.ts'
import type { DialectUnderTest } from './dialect-under-test.ts'
import { assertSignInRefused, assertSuccess, openSession, requestSecret, tokensOf } from './support.ts'

/** 256 characters: capitals, accents, emoji, and blanks at both ends. */
const longestPassword = ` Ä${'pÉ🔑 '.repeat(63)}x `

/** What one who trims, folds or cuts would take for the same. */
const nearlyLongestPassword: Record<string, string> = {
  'its last character changed': `${longestPassword.slice(0, -1)}.`,
  'its last character cut off': longestPassword.slice(0, -1),
  'one more character': `${longestPassword}.`,
  'its blanks trimmed': longestPassword.trim(),
  'its letters in lower case': longestPassword.toLowerCase(),
  'its first 72 bytes': Buffer.from(longestPassword).subarray(0, 72).toString(),
}

/** How e-mail addresses and passwords are read. */
export function credentialTests(dialect: DialectUnderTest, server: TestServer): void {
  describe('e-mail addresses', () => emailTests(dialect, server))
  describe('passwords', () => passwordTests(dialect, server))
}

function emailTests(dialect: DialectUnderTest, server: TestServer): void {
  const { recovery } = dialect
  const password = 'four words and blanks'

  it('match in any case and with whitespace around them', async () => {
    const email = freshEmail()
    await dialect.openAccount(server, { email: ` ${capitalised(email)}\t`, password })
    for (const typed of [email, email.toUpperCase(), `\n ${capitalised(email)} `])
      tokensOf(await dialect.signIn(server, { email: typed, password }))
  })

  it('belong to one account in any case', async () => {
    const { email, password } = await openSession(dialect, server)
    const second = 'the second password'
    await dialect.signUp(server, { email: ` ${email.toUpperCase()}`, password: second })
    assertSignInRefused(dialect, await dialect.signIn(server, { email, password: second }))
    tokensOf(await dialect.signIn(server, { email, password }))
  })

  if (recovery) {
    it('match in any case at password recovery', async () => {
      const { email } = await openSession(dialect, server)
      let secret = ''
      for (const typed of [` ${email.toUpperCase()} `, email]) {
        // The mail goes to the address as it is kept.
        secret = await requestSecret(
          { ...recovery, forgot: () => recovery.forgot(server, typed) },
          server,
          email,
        )
      }
      const answer = await recovery.reset(server, { email: email.toUpperCase(), secret, password })
      assertSuccess(answer)
      tokensOf(await dialect.signIn(server, { email, password }))
    })
  }
}

function passwordTests(dialect: DialectUnderTest, server: TestServer): void {
  const { recovery } = dialect

  async function assertLongestPassword(email: string): Promise<void> {
    tokensOf(await dialect.signIn(server, { email, password: longestPassword }))
    for (const [what, password] of Object.entries(nearlyLongestPassword)) {
      const { tokens } = await dialect.signIn(server, { email, password })
      assert.equal(tokens, undefined, `signs in with ${what}`)
    }
  }

  it('of 256 characters are compared to the last one, whitespace, case and emoji included', async () => {
    assert.equal([...longestPassword].length, 256)
    const account = { email: freshEmail(), password: longestPassword }
    await dialect.openAccount(server, account)
    await assertLongestPassword(account.email)
  })

  it('of eight characters are long enough to sign up', async () => {
    const account = { email: freshEmail(), password: '12345678' }
    await dialect.openAccount(server, account)
    tokensOf(await dialect.signIn(server, account))
  })

  it('may be the e-mail address', async () => {
    const email = freshEmail()
    await dialect.openAccount(server, { email, password: email })
    tokensOf(await dialect.signIn(server, { email, password: email }))
  })

  for (const [what, password] of Object.entries(wrongLengths)) {
    it(`of ${what} are refused at sign-up`, async () => {
      const email = freshEmail()
      dialect.assertError(
        await dialect.signUp(server, { email, password }),
        dialect.statuses.rejectedPassword,
      )
      assertSignInRefused(dialect, await dialect.signIn(server, { email, password }))
      await dialect.openAccount(server, { email, password: '12345678' })
    })
  }

  if (recovery) {
    it('of wrong lengths are refused at a reset and leave the link valid', async () => {
      const { email, password: old } = await openSession(dialect, server)
      const mailed = () => requestSecret(recovery, server, email)
      let secret = await mailed()
      for (const password of Object.values(wrongLengths)) {
        const answer = await recovery.reset(server, { email, secret, password })
        dialect.assertError(answer, dialect.statuses.rejectedPassword)
        assertSignInRefused(dialect, await dialect.signIn(server, { email, password }))
        if (recovery.signsIn) secret = await mailed()
      }
      tokensOf(await dialect.signIn(server, { email, password: old }))
      assertSuccess(await recovery.reset(server, { email, secret, password: '12345678' }))
      tokensOf(await dialect.signIn(server, { email, password: '12345678' }))
    })

    it('of 256 characters are compared to the last one after a reset', async () => {
      const { email } = await openSession(dialect, server)
      const secret = await requestSecret(recovery, server, email)
      assertSuccess(await recovery.reset(server, { email, secret, password: longestPassword }))
      await assertLongestPassword(email)
    })
  }
}

const wrongLengths: Record<string, string> = {
  'seven characters': '1234567',
  'seven astral characters': '🔑'.repeat(7),
  '257 characters': `${longestPassword}.`,
}

/** Every other letter as a capital. */
function capitalised(email: string): string {
  return email.replace(/(.)(.)/g, (_, first: string, second: string) => first.toUpperCase() + second)
}
