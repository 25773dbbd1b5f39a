import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { TestServer } from '../harness/harness.ts'
import type { DialectUnderTest, Refreshing } from './dialect-under-test.ts'
import { forgeJwt, forgeOpaque } from './forgeries.ts'
import {
  assertAlive,
  assertRefreshRefused,
  openSession,
  publishedKeys,
  signInShared,
  subjects,
  subjectsOfAllMails,
} from './support.ts'

/** Tokens that the server has not made, or has made for something else, are refused and end nobody's session. */
export function tokenTests(dialect: DialectUnderTest, server: TestServer): void {
  describe('an access token', () => {
    it('is refused when forged, and ends no session', async () => {
      const session = await signInShared(dialect, server)
      for (const [how, forged] of Object.entries(forgeJwt(session.access, await publishedKeys(server)))) {
        await refuses(how, async () =>
          dialect.assertError(await dialect.ask(server, forged), dialect.statuses.access),
        )
      }
      await assertAlive(dialect, server, session)
    })

    it('is refused when missing', async () => {
      for (const missing of ['', 'null', 'undefined'])
        dialect.assertError(await dialect.ask(server, missing), dialect.statuses.access)
    })
  })
  if (dialect.refreshing) falseRefreshTokenTests(dialect, server, dialect.refreshing)
}

function falseRefreshTokenTests(dialect: DialectUnderTest, server: TestServer, refreshing: Refreshing): void {
  const ways = { 'the default way': refreshing.refresh, ...refreshing.otherWays }

  describe('a refresh token', () => {
    for (const [way, refresh] of Object.entries(ways)) {
      it(`is refused when forged, by ${way}, and ends no session`, async () => {
        const session = await openSession(dialect, server)
        assert.equal(session.refresh.split('.').length, refreshing.form === 'jwt' ? 3 : 1)
        const forgeries =
          refreshing.form === 'jwt'
            ? forgeJwt(session.refresh, await publishedKeys(server))
            : forgeOpaque(session.refresh)
        for (const [how, forged] of Object.entries(forgeries))
          await refuses(how, async () => assertRefreshRefused(dialect, await refresh(server, forged)))
        await assertNobodyTold(dialect, server, session.email)
        await assertAlive(dialect, server, session)
      })
    }

    it('is refused as an access token, and ends no session', async () => {
      const session = await signInShared(dialect, server)
      dialect.assertError(await dialect.ask(server, session.refresh), dialect.statuses.access)
      if (dialect.signOut)
        dialect.assertError(await dialect.signOut(server, session.refresh), dialect.statuses.access)
      await assertAlive(dialect, server, session)
    })

    it('cannot be replaced by an access token', async () => {
      const session = await openSession(dialect, server)
      for (let times = 0; times < 2; times++)
        assertRefreshRefused(dialect, await refreshing.refresh(server, session.access))
      await assertNobodyTold(dialect, server, session.email)
      await assertAlive(dialect, server, session)
    })
  })
}

async function refuses(how: string, attempt: () => Promise<void>): Promise<void> {
  try {
    await attempt()
  } catch (cause) {
    throw new Error(`a token is accepted that is ${how}`, { cause })
  }
}

async function assertNobodyTold(
  { recovery }: DialectUnderTest,
  server: TestServer,
  email: string,
): Promise<void> {
  if (!recovery) return
  const mails = await subjectsOfAllMails(server, email)
  assert.ok(!mails.some((subject) => subjects.reuse.test(subject)))
}
