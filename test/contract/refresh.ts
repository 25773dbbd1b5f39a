import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { mailCausedBy, type TestServer } from '../harness/harness.ts'
import type { DialectUnderTest, Refreshing } from './dialect-under-test.ts'
import {
  assertAlive,
  assertEnded,
  assertRefreshRefused,
  openSession,
  type Session,
  signInAgain,
  subjects,
  subjectsOfAllMails,
  tokensOf,
} from './support.ts'

const second = 1000

/** What refreshing does to the refresh token, by the dialect's rotation. */
export function refreshTests(dialect: DialectUnderTest, server: TestServer): void {
  const { refreshing } = dialect
  if (!refreshing) return
  const suite = { dialect, server, refreshing }
  describe(`refreshing by ${refreshing.rotation}`, () => {
    if (refreshing.rotation === 'static') staticTokenTests(suite)
    else rotationTests(suite)
    if (refreshing.rotation === 'grace') graceWindowTests(suite)
    if (refreshing.rotation === 'untilConfirmed') untilConfirmedTests(suite)
  })
}

interface Suite {
  dialect: DialectUnderTest
  server: TestServer
  refreshing: Refreshing
}

function staticTokenTests({ dialect, server, refreshing }: Suite): void {
  it('returns a new access token and the same refresh token', async () => {
    const session = await openSession(dialect, server)
    const seen = new Set([session.access])
    for (let turn = 0; turn < 3; turn++) {
      server.clock.advance(60 * second)
      const { access, refresh } = tokensOf(await refreshing.refresh(server, session.refresh))
      assert.equal(refresh, session.refresh)
      seen.add(access)
    }
    assert.equal(seen.size, 4)
    await assertAlive(dialect, server, session)
  })
}

function rotationTests(suite: Suite): void {
  const { dialect, server, refreshing } = suite
  const refresh = async (token: string) => tokensOf(await refreshing.refresh(server, token))

  it('returns a new access token and a new refresh token', async () => {
    const first = await openSession(dialect, server)
    const next = await refresh(first.refresh)
    assert.notEqual(next.access, first.access)
    assert.notEqual(next.refresh, first.refresh)
    await assertAlive(dialect, server, next)
  })

  it('returns the same successor to concurrent requests with one token', async () => {
    const first = await openSession(dialect, server)
    const racers = Array.from({ length: 6 }, () => refresh(first.refresh))
    const successors = new Set((await Promise.all(racers)).map((tokens) => tokens.refresh))
    assert.equal(successors.size, 1)
    assert.ok(!successors.has(first.refresh))
    for (const successor of successors) await assertAlive(dialect, server, { ...first, refresh: successor })
  })

  it('treats a token two generations old as stolen', async () => {
    const first = await openSession(dialect, server)
    const next = await refresh(first.refresh)
    const last = await refresh(next.refresh)
    await assertTheft(suite, { ...first, ...last }, first.refresh)
    assertRefreshRefused(dialect, await refreshing.refresh(server, next.refresh))
    await assertEnded(dialect, server, next)
  })

  it('ends the stolen session and no other, and notifies its owner once', async () => {
    const first = await openSession(dialect, server)
    const bystander = await signInAgain(dialect, server, first)
    const last = await refresh((await refresh(first.refresh)).refresh)
    await assertTheft(suite, { ...first, ...last }, first.refresh)
    assertRefreshRefused(dialect, await refreshing.refresh(server, first.refresh))
    assertRefreshRefused(dialect, await refreshing.refresh(server, last.refresh))
    if (dialect.recovery) {
      const told = await subjectsOfAllMails(server, first.email)
      assert.equal(told.filter((subject) => subjects.reuse.test(subject)).length, 1)
    }
    await assertAlive(dialect, server, bystander)
  })

  const { listSessions } = dialect
  if (listSessions) {
    it('removes a stolen session from the list', async () => {
      const first = await openSession(dialect, server)
      const [stolen, ...others] = await listSessions(server, first.access)
      assert.deepEqual(others, [])
      const last = await refresh((await refresh(first.refresh)).refresh)
      await assertTheft(suite, { ...first, ...last }, first.refresh)
      const again = await signInAgain(dialect, server, first)
      const left = await listSessions(server, again.access)
      assert.equal(left.length, 1)
      assert.notEqual(left[0], stolen)
    })
  }
}

function graceWindowTests(suite: Suite): void {
  const { dialect, server, refreshing } = suite
  const refresh = async (token: string) => tokensOf(await refreshing.refresh(server, token))

  it('returns the same successor, byte for byte, for ten seconds', async () => {
    const first = await openSession(dialect, server)
    const { refresh: successor } = await refresh(first.refresh)
    assert.equal((await refresh(first.refresh)).refresh, successor)
    server.clock.advance(5 * second)
    const repeated = await refresh(first.refresh)
    assert.equal(repeated.refresh, successor)
    await assertAlive(dialect, server, repeated)
  })

  it('does not extend the ten seconds on a replay', async () => {
    const first = await openSession(dialect, server)
    await refresh(first.refresh)
    server.clock.advance(5 * second)
    const repeated = await refresh(first.refresh)
    server.clock.advance(6 * second)
    await assertTheft(suite, { ...first, ...repeated }, first.refresh)
  })

  it('treats a later replay as theft', async () => {
    const first = await openSession(dialect, server)
    const next = await refresh(first.refresh)
    server.clock.advance(11 * second)
    await assertTheft(suite, { ...first, ...next }, first.refresh)
    await assertEnded(dialect, server, first)
  })
}

function untilConfirmedTests(suite: Suite): void {
  const { dialect, server, refreshing } = suite
  const refresh = async (token: string) => tokensOf(await refreshing.refresh(server, token))

  if (refreshing.forgivesOlderTokens) {
    it('gives the current token to older ones for ten seconds after a refresh', async () => {
      const first = await openSession(dialect, server)
      const last = await refresh((await refresh(first.refresh)).refresh)
      server.clock.advance(9 * second)
      assert.equal((await refresh(first.refresh)).refresh, last.refresh)
      // Not ten more: only the refresh counts.
      server.clock.advance(2 * second)
      assertRefreshRefused(dialect, await refreshing.refresh(server, first.refresh))
      await assertEnded(dialect, server, { ...first, ...last })
    })
  }

  it('returns the same successor, byte for byte, until that is used', async () => {
    const first = await openSession(dialect, server)
    const { refresh: successor } = await refresh(first.refresh)
    for (let turn = 0; turn < 3; turn++) {
      server.clock.advance((refreshing.idleLifetime / 4) * second)
      assert.equal((await refresh(first.refresh)).refresh, successor)
    }
    await assertAlive(dialect, server, { ...first, refresh: successor })
  })

  it('treats the predecessor as stolen once the successor is used', async () => {
    const first = await openSession(dialect, server)
    const next = await refresh(first.refresh)
    await refresh(first.refresh)
    const last = await refresh(next.refresh)
    assert.equal((await refresh(next.refresh)).refresh, last.refresh)
    await assertTheft(suite, { ...first, ...last }, first.refresh)
    await assertEnded(dialect, server, next)
  })
}

/** Presents a stolen token: it is refused, its session ends, and the owner is told. */
async function assertTheft(
  { dialect, server, refreshing }: Suite,
  session: Session,
  stolen: string,
): Promise<void> {
  if (refreshing.forgivesOlderTokens) server.clock.advance(11 * second)
  await mailCausedBy(server, { to: session.email, subject: subjects.reuse }, async () =>
    assertRefreshRefused(dialect, await refreshing.refresh(server, stolen)),
  )
  await assertEnded(dialect, server, session)
  assertRefreshRefused(dialect, await refreshing.refresh(server, stolen))
}
