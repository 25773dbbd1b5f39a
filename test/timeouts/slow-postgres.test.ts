import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import { type OwnPostgres, startOwnPostgres } from '../faults/own-postgres.ts'
import { select } from '../harness/database.ts'
import { minbil, registerUnmailed, type Tokens } from '../harness/doors.ts'
import { eventually } from '../harness/events.ts'
import { type Answer, claimsOf, startTestServer, type TestServer } from '../harness/harness.ts'
import { hasPgbouncer, type Pgbouncer, startPgbouncer } from '../harness/pgbouncer.ts'

/** In milliseconds. */
const second = 1000

// Most of the time goes into waiting: both wait at once.
describe('a PostgreSQL that delays a refresh', { concurrency: true }, () => {
  describe('directly', { concurrency: false }, () => keepsWaiting())
  describe('behind a pooler in transaction mode', { concurrency: false, skip: !hasPgbouncer }, () =>
    keepsWaiting((url) => startPgbouncer(url, { pool_mode: 'transaction' })),
  )
})

function keepsWaiting(startPooler?: (postgresUrl: string) => Promise<Pgbouncer>): void {
  let pooler: Pgbouncer | undefined
  let postgres: OwnPostgres
  let admin: pg.Client
  const [first, other] = [{} as TestServer, {} as TestServer]
  before(async () => {
    postgres = await startOwnPostgres()
    pooler = await startPooler?.(postgres.url)
    const env = { DATABASE_URL: pooler?.through(postgres.url) ?? postgres.url }
    Object.setPrototypeOf(first, await startTestServer('postgres', { env }))
    Object.setPrototypeOf(other, await startTestServer('postgres', { env, beside: first }))
    admin = new pg.Client({ connectionString: postgres.url })
    await admin.connect()
  })
  after(async () => {
    await admin?.end()
    await other.close?.()
    await first.close?.()
    await pooler?.close()
    await postgres?.remove()
  })

  it('has the grace window begin with the answer', async () => {
    const tokens = await signIn()
    const release = await lockSession(tokens)
    const asked = minbil.refresh(first, tokens.refresh)
    await eventually('a statement that waits', async () => ((await waiting()) > 0 ? true : undefined))
    first.clock.advance(9 * second)
    await release()
    const successor = minbil.tokensOf(await asked).refresh
    first.clock.advance(5 * second)
    assert.equal(minbil.tokensOf(await minbil.refresh(other, tokens.refresh)).refresh, successor)
    first.clock.advance(6 * second)
    assert.equal((await minbil.refresh(other, tokens.refresh)).status, 401)
    assert.equal((await minbil.refresh(other, successor)).status, 401)
  })

  it('times out before we do, and has changed nothing', async () => {
    const tokens = await signIn()
    const release = await lockSession(tokens)
    assertNotNow(await minbil.refresh(first, tokens.refresh))
    await release()
    await assertGood(tokens)
  })

  it('and commits without an answer has the rotation undone', async () => {
    const tokens = await signIn()
    await standbys('nobody')
    const probe = await commitUntilItWaits()
    assertNotNow(await minbil.refresh(first, tokens.refresh))
    assert.equal(await generationOf(tokens), 1)
    await standbys('')
    await probe.end
    await eventually('the end of all waiting', async () => ((await waiting()) === 0 ? true : undefined))
    await eventually('the generation of before', async () =>
      (await generationOf(tokens)) === 1 ? true : undefined,
    )
    await assertGood(tokens)
  })

  async function signIn(): Promise<Tokens> {
    return minbil.tokensOf(await minbil.signIn(first, await registerUnmailed(first, postgres.url)))
  }

  /** Holds the session's row until the returned function is called. */
  async function lockSession({ access }: Tokens): Promise<() => Promise<void>> {
    const holder = new pg.Client({ connectionString: postgres.url })
    await holder.connect()
    await holder.query('begin')
    await holder.query('select 1 from sessions where id = $1 for update', [claimsOf(access).sid])
    return () => holder.end()
  }

  /** How many statements wait for a lock or for a confirmation of their commit. */
  async function waiting(): Promise<number> {
    const { rows } = await admin.query(
      `select 1 from pg_stat_activity where datname = current_database() and state = 'active'
       and (wait_event_type = 'Lock' or wait_event = 'SyncRep')`,
    )
    return rows.length
  }

  /** Whose confirmation a commit waits for. */
  async function standbys(names: string): Promise<void> {
    await admin.query(`alter system set synchronous_standby_names = '${names}'`)
    await admin.query('select pg_reload_conf()')
  }

  /** The setting is taken over in its own time. */
  async function commitUntilItWaits(): Promise<{ end: Promise<unknown> }> {
    const probe = new pg.Client({ connectionString: postgres.url })
    await probe.connect()
    const commits: Promise<unknown>[] = []
    await eventually('a commit that waits', async () => {
      commits.push(probe.query("select pg_logical_emit_message(true, 'probe', '')"))
      await pause(20)
      return (await waiting()) > 0 ? true : undefined
    })
    return { end: Promise.all(commits).then(() => probe.end()) }
  }

  async function generationOf({ access }: Tokens): Promise<number> {
    const [row] = await select(
      postgres.url,
      `select generation from sessions where id = '${claimsOf(access).sid}'`,
    )
    return Number(row?.generation)
  }

  function assertNotNow(answer: Answer): void {
    assert.equal(answer.status, 503, answer.text)
    assert.ok(answer.headers.get('retry-after'))
  }

  /** Long after, and at the other server: a token that was replaced would end its session. */
  async function assertGood(tokens: Tokens): Promise<void> {
    first.clock.advance(60 * second)
    assert.equal((await minbil.refresh(other, tokens.refresh)).status, 200)
    const thefts = await select(
      postgres.url,
      `select * from audit where event = 'session.reuse_detected'
      and session_id = '${claimsOf(tokens.access).sid}'`,
    )
    assert.deepEqual(thefts, [])
  }
}
