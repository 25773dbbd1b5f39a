import assert from 'node:assert/strict'
import { it } from 'node:test'
import { openSession, type Session, signInAgain, tokensOf } from '../contract/support.ts'
import { wolfpal } from '../dialects/wolfpal/adapter.ts'
import { onEveryEngine, useServer } from '../harness/harness.ts'
import { copySession, unendedSessions } from '../harness/stored-sessions.ts'

const many = 10_000
const kinds: Record<string, Record<string, string>> = {
  'that are live': {},
  'that have ended': { ended_at: 'created_at + 2', ended_why: `'signed_out'` },
  'that have expired': { idle_expires_at: 'created_at + 2' },
}

onEveryEngine('ten thousand stored sessions of an account', (engine) => {
  // Sign-ins, too, are compared as they are in operation: hashing is most of their time.
  const server = useServer(engine, { hashing: 'real' })

  for (const [kind, changes] of Object.entries(kinds))
    it(`${kind} take no request much longer than a hundred do`, async () => {
      const few = await openWith(99)
      const session = await openWith(many, { created_at: 'created_at + i', ...changes })
      for (const work of [list, turning, signIn]) await assertAsQuick(work(session), work(few))
    })

  async function openWith(count: number, changes: Record<string, string> = {}): Promise<Session> {
    const session = await openSession(wolfpal, server)
    const [id = ''] = await unendedSessions(server.env.DATABASE_URL ?? '', session.email)
    await copySession(server.env.DATABASE_URL ?? '', { id, count, changes })
    return session
  }

  function list({ access }: Session): () => Promise<unknown> {
    return async () => {
      const { status, text } = await server.request('GET', '/sessions', { bearer: access })
      assert.equal(status, 200, text)
    }
  }

  function signIn(session: Session): () => Promise<unknown> {
    return () => signInAgain(wolfpal, server, session)
  }

  /** Refreshes a session over and over. */
  function turning(session: Session): () => Promise<unknown> {
    let { refresh } = session
    return async () => {
      const { refreshing } = wolfpal
      assert.ok(refreshing)
      refresh = tokensOf(await refreshing.refresh(server, refresh)).refresh
    }
  }
})

const fewest = 5
const maxAttempts = 50

/** That the least time of several is at most tenfold: it was a hundredfold where all rows were read. */
async function assertAsQuick(
  request: () => Promise<unknown>,
  measure: () => Promise<unknown>,
): Promise<void> {
  let [taken, usual] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY]
  // In turn, and more of them on a machine that stutters.
  for (let attempt = 1; attempt <= maxAttempts; attempt++) {
    usual = Math.min(usual, await timeOf(measure))
    taken = Math.min(taken, await timeOf(request))
    if (attempt >= fewest && taken < 10 * usual) return
  }
  assert.fail(`${taken} ms where ${usual} ms are usual`)
}

/** In milliseconds. */
async function timeOf(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now()
  await work()
  return performance.now() - start
}
