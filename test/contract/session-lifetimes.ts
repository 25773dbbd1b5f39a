import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { execute } from '../harness/database.ts'
import { claimsOf, type TestServer } from '../harness/harness.ts'
import { copySession, unendedSessions } from '../harness/stored-sessions.ts'
import type { DialectUnderTest, Refreshing, Tokens } from './dialect-under-test.ts'
import {
  assertAlive,
  assertEnded,
  assertSuccess,
  openAccount,
  openSession,
  signInAgain,
  signInShared,
  statusesOf,
  subjects,
  subjectsOfAllMails,
  tokensOf,
} from './support.ts'

const second = 1000
const minute = 60 * second

/** When tokens and sessions end, of themselves and by signing out. */
export function sessionLifetimeTests(dialect: DialectUnderTest, server: TestServer): void {
  describe('an access token', () => accessTokenTests(dialect, server))
  describe('a session', () => {
    if (dialect.signOut) signOutTests(dialect, server, dialect.signOut)
    sessionCountTests(dialect, server)
    if (dialect.refreshing) lifetimeTests(dialect, server, dialect.refreshing)
  })
}

function accessTokenTests(dialect: DialectUnderTest, server: TestServer): void {
  it('is valid until it expires', async () => {
    const { access } = await signInShared(dialect, server)
    server.clock.advance(dialect.accessLifetime * second - minute)
    assertSuccess(await dialect.ask(server, access))
  })

  it('is refused once expired, while the session lives on', async () => {
    const session = await signInShared(dialect, server)
    server.clock.advance(dialect.accessLifetime * second + second)
    const ask = dialect.askLate ?? dialect.ask
    dialect.assertError(await ask(server, session.access), dialect.statuses.access)
    if (dialect.refreshing) await assertAlive(dialect, server, session)
  })

  it('states when it expires', async () => {
    const { access } = await signInShared(dialect, server)
    const { iat, exp } = claimsOf(access)
    assert.equal(exp - iat, dialect.accessLifetime)
    assert.ok(Math.abs(iat - server.clock.now() / second) < 60)
  })
}

function signOutTests(
  dialect: DialectUnderTest,
  server: TestServer,
  signOut: NonNullable<DialectUnderTest['signOut']>,
): void {
  it('ends at sign-out, and its tokens with it at once', async () => {
    const session = await signInShared(dialect, server)
    assertSuccess(await signOut(server, session.access))
    await assertEnded(dialect, server, session)
    dialect.assertError(await signOut(server, session.access), statusesOf(dialect).signedOut)
  })

  it('ends with every token that it ever had', async () => {
    const { refreshing } = dialect
    const first = await signInShared(dialect, server)
    const last = refreshing ? tokensOf(await refreshing.refresh(server, first.refresh)) : first
    assertSuccess(await signOut(server, last.access))
    await assertEnded(dialect, server, first)
    await assertEnded(dialect, server, last)
  })

  it('ends alone at sign-out, and nobody is mailed', async () => {
    const session = await openSession(dialect, server)
    const other = await signInAgain(dialect, server, session)
    assertSuccess(await signOut(server, session.access))
    await assertEnded(dialect, server, session)
    if (dialect.recovery) {
      const mails = await subjectsOfAllMails(server, session.email)
      assert.ok(!mails.some((subject) => subjects.reuse.test(subject)))
    }
    await assertAlive(dialect, server, other)
  })
}

function sessionCountTests(dialect: DialectUnderTest, server: TestServer): void {
  it('ends when newer ones reach the maximum of the account, and no other does', async () => {
    const { maxSessions } = dialect
    const url = server.env.DATABASE_URL ?? ''
    const account = await openAccount(dialect, server)
    // Where signing up signs in, that session is the oldest.
    const earlier = await unendedSessions(url, account.email)
    for (const id of earlier)
      await execute(url, `update sessions set ended_at = created_at where id = '${id}'`)
    const oldest = await signInAgain(dialect, server, account)
    const second = await signInAgain(dialect, server, account)
    const [, id = ''] = await unendedSessions(url, account.email)
    await copySession(url, { id, count: maxSessions - 2 })
    const before = await unendedSessions(url, account.email)
    assert.equal(before.length, maxSessions)

    const newest = await signInAgain(dialect, server, account)
    const after = await unendedSessions(url, account.email)
    assert.equal(after.length, maxSessions)
    assert.deepEqual(
      before.filter((id) => !after.includes(id)),
      before.slice(0, 1),
    )
    await assertEnded(dialect, server, oldest)
    await assertAlive(dialect, server, second)
    await assertAlive(dialect, server, newest)
  })
}

function lifetimeTests(dialect: DialectUnderTest, server: TestServer, refreshing: Refreshing): void {
  const { recovery } = dialect
  const idle = refreshing.idleLifetime * second
  const absolute = refreshing.absoluteLifetime * second

  it('lives on while it is used before its idle timeout', async () => {
    let tokens: Tokens = await signInShared(dialect, server)
    for (let turn = 0; turn < 3; turn++) {
      server.clock.advance(idle - minute)
      tokens = tokensOf(await refreshing.refresh(server, tokens.refresh))
    }
    await assertAlive(dialect, server, tokens)
  })

  it('ends at its idle timeout', async () => {
    const session = await openSession(dialect, server)
    server.clock.advance(idle + second)
    await assertEnded(dialect, server, session)
    if (recovery) {
      const mails = await subjectsOfAllMails(server, session.email)
      assert.ok(!mails.some((subject) => subjects.reuse.test(subject)))
    }
  })

  it('ends at its absolute timeout, however often it is used, and its last access token no later', async () => {
    const start = server.clock.now()
    const advanceTo = (age: number) => server.clock.advance(start + age - server.clock.now())
    const session = await openSession(dialect, server)
    let tokens: Tokens = session
    const step = idle * 0.9
    const ages = Array.from(
      { length: Math.floor((absolute - minute) / step) },
      (_, turn) => (turn + 1) * step,
    )
    for (const age of [...ages, absolute - minute]) {
      advanceTo(age)
      tokens = tokensOf(await refreshing.refresh(server, tokens.refresh))
    }
    const outlives = claimsOf(tokens.access).exp * second - (start + absolute)
    assert.ok(outlives <= minute, `outlives it by ${outlives} ms`)

    advanceTo(absolute + minute)
    await assertEnded(dialect, server, tokens)
    await signInAgain(dialect, server, session)
  })
}
