import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { describe, it } from 'node:test'
import type { Credentials, DialectUnderTest } from '../contract/dialect-under-test.ts'
import {
  assertAlive,
  assertEnded,
  assertRefreshRefused,
  assertSuccess,
  pathOf,
  requestSecret,
  type Session,
  signInAgain,
  subjects,
  subjectsOfAllMails,
  tokensOf,
} from '../contract/support.ts'
import { freshEmail, onEveryEngine, type TestServer, useServer } from '../harness/harness.ts'
import { adapters } from './adapters.ts'
import { credebl } from './credebl/adapter.ts'

const newPassword = 'another password altogether'

onEveryEngine('doors of one account', (engine) => {
  const server = useServer(engine)
  for (const own of adapters) describe(own.name, () => oneDoor(own, server))
})

describe('tokens and secrets of one door', () => {
  const server = useServer('sqlite')
  for (const own of adapters)
    for (const other of adapters.filter((dialect) => dialect !== own))
      describe(`of ${own.name} at ${other.name}`, () => betweenDoors(own, other, server))
})

/** What the tokens of one door do at another. */
function betweenDoors(own: DialectUnderTest, other: DialectUnderTest, server: TestServer): void {
  it('cannot use its tokens as access tokens', async () => {
    const { at, email } = await openEverywhere(server)
    for (const token of tokensAt(at(own))) {
      other.assertError(await other.ask(server, token), other.statuses.access)
      if (other.signOut) other.assertError(await other.signOut(server, token), other.statuses.access)
    }
    await assertAllAlive(server, email, at)
  })

  const { management = [] } = other
  if (management.length > 0) {
    it('cannot manage accounts with its tokens', async () => {
      const { at, email } = await openEverywhere(server)
      for (const token of tokensAt(at(own)))
        for (const route of management) {
          const path = pathOf(route, {}, () => randomUUID())
          const refused = await server.request(route.method, path, { bearer: token })
          other.assertError(refused, other.statuses.access)
        }
      await assertAllAlive(server, email, at)
    })
  }

  const { refreshing } = other
  const ways = refreshing
    ? Object.entries({ 'the usual way': refreshing.refresh, ...refreshing.otherWays })
    : []
  for (const [way, refresh] of ways) {
    it(`cannot refresh with its tokens by ${way}`, async () => {
      const { at, email } = await openEverywhere(server)
      for (const token of [...tokensAt(at(own)), ...tokensAt(at(own))])
        assertRefreshRefused(other, await refresh(server, token))
      await assertAllAlive(server, email, at)
    })
  }

  const { listSessions } = other
  if (listSessions) {
    it('has no session in the list', async () => {
      const { at, email, password } = await openEverywhere(server)
      await signInAgain(own, server, { email, password })
      const listed = await listSessions(server, at(other).access)
      assert.equal(listed.length, 1)
    })
  }

  const [ownRecovery, otherRecovery] = [own.recovery, other.recovery]
  if (!ownRecovery || !otherRecovery) return

  it('cannot use its reset secret, which stays good at its own door', async () => {
    const { at, email, password } = await openEverywhere(server)
    const secret = await requestSecret(ownRecovery, server, email)
    const refused = await otherRecovery.reset(server, { email, secret, password: newPassword })
    other.assertError(refused, otherRecovery.status)
    tokensOf(await other.signIn(server, { email, password }))
    for (const door of adapters) await assertAlive(door, server, at(door))
    assertSuccess(await ownRecovery.reset(server, { email, secret, password: newPassword }))
  })

  it('takes the place of a reset secret that was asked for there', async () => {
    const { email } = await openEverywhere(server)
    const older = await requestSecret(otherRecovery, server, email)
    const newer = await requestSecret(ownRecovery, server, email)
    const refused = await otherRecovery.reset(server, { email, secret: older, password: newPassword })
    other.assertError(refused, otherRecovery.status)
    assertSuccess(await ownRecovery.reset(server, { email, secret: newer, password: newPassword }))
  })
}

/** What happens at one door and is, or is not, felt at all. */
function oneDoor(own: DialectUnderTest, server: TestServer): void {
  const others = adapters.filter((dialect) => dialect !== own)

  const { recovery, refreshing, signOut } = own
  if (signOut) {
    it('signs out alone', async () => {
      const { at } = await openEverywhere(server)
      assertSuccess(await signOut(server, at(own).access))
      await assertEnded(own, server, at(own))
      for (const other of others) await assertAlive(other, server, at(other))
    })
  }

  if (recovery) {
    it('ends the sessions of all doors by a reset', async () => {
      const { at, email, password } = await openEverywhere(server)
      const secret = await requestSecret(recovery, server, email)
      assertSuccess(await recovery.reset(server, { email, secret, password: newPassword }))
      for (const door of adapters) {
        await assertEnded(door, server, at(door))
        const { tokens } = await door.signIn(server, { email, password })
        assert.equal(tokens, undefined)
        tokensOf(await door.signIn(server, { email, password: newPassword }))
      }
    })
  }

  if (refreshing && refreshing.rotation !== 'static') {
    it('loses one session to a thief, and the other doors none', async () => {
      const { at } = await openEverywhere(server)
      const first = at(own)
      const next = tokensOf(await refreshing.refresh(server, first.refresh))
      const last = tokensOf(await refreshing.refresh(server, next.refresh))
      if (refreshing.forgivesOlderTokens) server.clock.advance(11_000)
      assertRefreshRefused(own, await refreshing.refresh(server, first.refresh))
      await assertEnded(own, server, last)
      for (const other of others) await assertAlive(other, server, at(other))
    })
  }
}

interface Everywhere extends Credentials {
  /** Its session at a door. */
  at(door: DialectUnderTest): Session
}

/** One account that has a session at every door. */
async function openEverywhere(server: TestServer): Promise<Everywhere> {
  const account = { email: freshEmail(), password: 'correct horse battery staple' }
  // It proves the e-mail address, without which some doors let nobody in.
  await credebl.openAccount(server, account)
  const sessions = new Map<DialectUnderTest, Session>()
  for (const door of adapters) sessions.set(door, await signInAgain(door, server, account))
  const at = (door: DialectUnderTest) => {
    const session = sessions.get(door)
    assert.ok(session)
    return session
  }
  return { ...account, at }
}

function tokensAt({ access, refresh }: Session): string[] {
  return [access, refresh].filter(Boolean)
}

/** No session has ended, and nobody was told of a theft. */
async function assertAllAlive(server: TestServer, email: string, at: Everywhere['at']): Promise<void> {
  for (const door of adapters) {
    await assertAlive(door, server, at(door))
    if (!door.recovery) continue
    const mails = await subjectsOfAllMails(server, email)
    assert.ok(!mails.some((subject) => subjects.reuse.test(subject)))
  }
}
