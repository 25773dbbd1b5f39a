import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { freshEmail, mailCausedBy, type TestServer } from '../harness/harness.ts'
import { endOfJobs } from '../harness/jobs.ts'
import type { DialectUnderTest, Recovery } from './dialect-under-test.ts'
import {
  assertEnded,
  assertSignInRefused,
  assertSuccess,
  openSession,
  requestSecret,
  signInAgain,
  subjects,
  subjectsOfAllMails,
  tokensOf,
} from './support.ts'

const second = 1000
const minute = 60 * second
const newPassword = 'another password altogether'

/** How a forgotten password is replaced. */
export function recoveryTests(dialect: DialectUnderTest, server: TestServer): void {
  const { recovery } = dialect
  if (recovery) describe('recovering a password', () => passwordResetTests(dialect, server, recovery))
}

function passwordResetTests(dialect: DialectUnderTest, server: TestServer, recovery: Recovery): void {
  const reset = (email: string, secret: string, password = newPassword) =>
    recovery.reset(server, { email, secret, password })

  it('sets the new password and drops the old one', async () => {
    const { email, password } = await openSession(dialect, server)
    const secret = await requestSecret(recovery, server, email)
    tokensOf(await dialect.signIn(server, { email, password }))
    assertSuccess(await reset(email, secret))
    assertSignInRefused(dialect, await dialect.signIn(server, { email, password }))
    tokensOf(await dialect.signIn(server, { email, password: newPassword }))
  })

  it('ends every session and notifies the owner', async () => {
    const session = await openSession(dialect, server)
    const other = await signInAgain(dialect, server, session)
    const secret = await requestSecret(recovery, server, session.email)
    await mailCausedBy(server, { to: session.email, subject: subjects.passwordChanged }, async () =>
      assertSuccess(await reset(session.email, secret)),
    )
    await assertEnded(dialect, server, session)
    await assertEnded(dialect, server, other)
  })

  it('leaves the sessions of everybody else alone', async () => {
    const { email } = await openSession(dialect, server)
    const bystander = await openSession(dialect, server)
    assertSuccess(await reset(email, await requestSecret(recovery, server, email)))
    assertSuccess(await dialect.ask(server, bystander.access))
  })

  const { listSessions } = dialect
  if (listSessions) {
    it('leaves no earlier session in the list', async () => {
      const session = await openSession(dialect, server)
      await signInAgain(dialect, server, session)
      const earlier = await listSessions(server, session.access)
      assert.equal(earlier.length, 2)
      assertSuccess(await reset(session.email, await requestSecret(recovery, server, session.email)))
      const again = await signInAgain(dialect, server, { email: session.email, password: newPassword })
      const left = await listSessions(server, again.access)
      assert.deepEqual(
        left.filter((id) => earlier.includes(id)),
        [],
      )
    })
  }

  it('accepts a secret once', async () => {
    const { email } = await openSession(dialect, server)
    const secret = await requestSecret(recovery, server, email)
    assertSuccess(await reset(email, secret))
    dialect.assertError(await reset(email, secret, 'a third password'), recovery.status)
    assertSignInRefused(dialect, await dialect.signIn(server, { email, password: 'a third password' }))
    tokensOf(await dialect.signIn(server, { email, password: newPassword }))
  })

  it('accepts a secret once from concurrent requests', async () => {
    const { email } = await openSession(dialect, server)
    const secret = await requestSecret(recovery, server, email)
    const passwords = ['first racer', 'second racer', 'third racer', 'fourth racer']
    const answers = await Promise.all(passwords.map((password) => reset(email, secret, password)))
    const winners = passwords.filter((_, index) => answers[index]?.status !== recovery.status)
    assert.equal(winners.length, 1)
    for (const password of passwords) {
      const { tokens } = await dialect.signIn(server, { email, password })
      assert.equal(tokens !== undefined, winners.includes(password))
    }
  })

  it('accepts only the newest secret', async () => {
    const session = await openSession(dialect, server)
    const { email, password } = session
    const older = await requestSecret(recovery, server, email)
    const newer = await requestSecret(recovery, server, email)
    assert.notEqual(newer, older)
    dialect.assertError(await reset(email, older), recovery.status)
    tokensOf(await dialect.signIn(server, { email, password }))
    assertSuccess(await dialect.ask(server, session.access))
    assertSuccess(await reset(email, newer))
    dialect.assertError(await reset(email, older), recovery.status)
  })

  it('accepts a secret until it expires', async () => {
    const { email } = await openSession(dialect, server)
    const secret = await requestSecret(recovery, server, email)
    // A job that is not written down as done would be taken up again by then, and send another secret.
    await endOfJobs(server)
    server.clock.advance(recovery.lifetime * second - minute)
    assertSuccess(await reset(email, secret))
  })

  it('refuses an expired secret', async () => {
    const session = await openSession(dialect, server)
    const { email, password } = session
    const secret = await requestSecret(recovery, server, email)
    server.clock.advance(recovery.lifetime * second + minute)
    dialect.assertError(await reset(email, secret), recovery.status)
    tokensOf(await dialect.signIn(server, { email, password }))
  })

  it('refuses secrets that were never sent', async () => {
    const { email, password } = await openSession(dialect, server)
    const secret = await requestSecret(recovery, server, email)
    const wrong = [
      secret.slice(0, -1),
      `${secret}0`,
      `${secret[0] === '0' ? '1' : '0'}${secret.slice(1)}`,
      '0'.repeat(secret.length),
      'null',
      '%',
      '__proto__',
      secret.toUpperCase() === secret ? secret.toLowerCase() : secret.toUpperCase(),
    ]
    for (const forged of wrong.filter((text) => text !== secret))
      dialect.assertError(await reset(email, forged), recovery.status)
    tokensOf(await dialect.signIn(server, { email, password }))
    assertSuccess(await reset(email, secret))
  })

  it('refuses session tokens as secrets', async () => {
    const { email, password, access, refresh } = await openSession(dialect, server)
    for (const token of [access, refresh].filter(Boolean))
      dialect.assertError(await reset(email, token), recovery.status)
    tokensOf(await dialect.signIn(server, { email, password }))
  })

  it('mails nobody without an account, and changes nothing until the secret is used', async () => {
    const stranger = freshEmail()
    const session = await openSession(dialect, server)
    const asked = await recovery.forgot(server, stranger)
    if (recovery.unknownStatus === undefined) assertSuccess(asked)
    else dialect.assertError(asked, recovery.unknownStatus)
    const mails = await subjectsOfAllMails(server, session.email)
    assert.ok(!mails.some((subject) => subjects.passwordChanged.test(subject)))
    assert.ok(!(await server.mailbox()).some(({ to }) => to === stranger))
    tokensOf(await dialect.signIn(server, { email: session.email, password: session.password }))
    assertSuccess(await dialect.ask(server, session.access))
  })
}
