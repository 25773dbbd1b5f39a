import assert from 'node:assert/strict'
import { before, it } from 'node:test'
import * as wolfpal from '../../dialects/wolfpal/door.ts'
import { execute, select } from '../../harness/database.ts'
import { minbil, type Person, type Tokens } from '../../harness/doors.ts'
import { onEveryEngine, type TestServer, useServer } from '../../harness/harness.ts'
import { endOfJobs } from '../../harness/jobs.ts'

const day = 86_400_000

onEveryEngine('expired data', (engine) => {
  const server = useServer(engine)
  const started = { at: 0 }
  const sessions: Record<'signedOut' | 'unused' | 'inUse', Tokens[]> = {
    signedOut: [],
    unused: [],
    inUse: [],
  }
  let person: Person
  let secret: string
  let deadJob: string

  before(async () => {
    started.at = server.clock.now()
    const enrolled = await wolfpal.registerWithSecondFactor(server)
    secret = enrolled.secret
    const pending = await wolfpal.registerAndSignIn(server)
    await wolfpal.enrol(server, pending.access)
    person = { email: pending.email, password: pending.password }
    for (const list of Object.values(sessions))
      list.push(minbil.tokensOf(await minbil.signIn(server, person)))
    const [{ access } = { access: '' }] = sessions.signedOut
    await server.request('POST', '/api/co/auth/sign-out', { bearer: access })
    await server.request('POST', '/api/co/auth/forgot-password', { json: { email: person.email } })
    await endOfJobs(server)
    deadJob = 'given-up'
    await execute(
      urlOf(server),
      `insert into jobs (id, realm, kind, payload, run_at, attempts, created_at, dead_at)
       values ('${deadJob}', 'main', 'verify-email-mail', '{}', 0, 30, 0, ${server.clock.now()})`,
    )
  })

  /** Sets the clock to that day, keeps the session that is in use alive, and has everything done that is due. */
  async function onDay(days: number): Promise<void> {
    while (server.clock.now() < started.at + days * day) {
      server.clock.advance(Math.min(20 * day, started.at + days * day - server.clock.now()))
      await refreshInUse()
    }
    await server.maintain()
    await noFailure(server)
  }

  async function refreshInUse(): Promise<void> {
    const { refresh } = sessions.inUse.at(-1) ?? assert.fail()
    sessions.inUse.push(minbil.tokensOf(await minbil.refresh(server, refresh)))
  }

  it('is kept at first', async () => {
    const earlier = await counts(server)
    await onDay(1)
    assert.deepEqual({ ...(await counts(server)) }, earlier)
    assert.ok(earlier.tickets > 0 && earlier.done > 0 && earlier.pending === 1 && earlier.dead === 1)
  })

  it('is removed after a week: links and codes, sent messages, unconfirmed second factors', async () => {
    const earlier = await counts(server)
    await onDay(9)
    const { tickets, done, pending, codes, ...rest } = await counts(server)
    assert.deepEqual({ tickets, done, pending, codes }, { tickets: 0, done: 0, pending: 0, codes: 10 })
    const { sessions, dead, confirmed, audit } = earlier
    assert.deepEqual(rest, { sessions, dead, confirmed, audit })
    const rows = await select(urlOf(server), 'select id from jobs where done_at is null and dead_at is null')
    assert.deepEqual(rows, [])
  })

  it('spares a second factor in force', async () => {
    const email = await emailOf(server, 'confirmed_at is not null')
    const challenge = await wolfpal.challengeFor(server, { email, username: '', password: wolfpal.password })
    const code = wolfpal.nextCode(server, secret)
    wolfpal.tokensOf(await wolfpal.answerChallenge(server, challenge, code))
  })

  it('is removed after three months: ended sessions, then expired ones, never a live one', async () => {
    await onDay(89)
    assert.equal((await minbilSessions(server)).length, 3)
    await onDay(92)
    // It expired on day 30.
    assert.deepEqual(
      (await minbilSessions(server)).map(({ ended_why }) => ended_why),
      [null, null],
    )
    assert.equal((await counts(server)).dead, 0)
    await onDay(122)
    assert.equal((await minbilSessions(server)).length, 1)
    await refreshInUse()
  })

  it('stays refused: the tokens of removed sessions', async () => {
    for (const [{ refresh, access } = { refresh: '', access: '' }] of [sessions.signedOut, sessions.unused]) {
      assert.equal((await minbil.refresh(server, refresh)).status, 401)
      assert.equal((await server.request('POST', '/api/co/auth/sign-out', { bearer: access })).status, 401)
    }
    await refreshInUse()
  })

  it('stays theft: a long replaced token of a live session', async () => {
    const [first] = sessions.inUse
    assert.equal((await minbil.refresh(server, first?.refresh ?? '')).status, 401)
    const { refresh } = sessions.inUse.at(-1) ?? assert.fail()
    assert.equal((await minbil.refresh(server, refresh)).status, 401)
    const thefts = `select id from audit where event = 'session.reuse_detected'`
    assert.equal((await select(urlOf(server), thefts)).length, 1)
    sessions.inUse.push(minbil.tokensOf(await minbil.signIn(server, person)))
  })

  it('is removed after 400 days: audit rows, oldest first', async () => {
    const old = `select id from audit where event = 'account.created'`
    await onDay(399)
    assert.equal((await select(urlOf(server), old)).length, 2)
    await onDay(402)
    assert.equal((await select(urlOf(server), old)).length, 0)
    const young = `select id from audit where event = 'session.reuse_detected'`
    assert.equal((await select(urlOf(server), young)).length, 1)
    assert.equal((await select(urlOf(server), 'select id from accounts')).length, 2)
  })
})

function urlOf({ env }: TestServer): string {
  return env.DATABASE_URL ?? ''
}

async function counts(server: TestServer) {
  const statements = {
    sessions: 'select count(*) as n from sessions',
    tickets: 'select count(*) as n from tickets',
    done: 'select count(*) as n from jobs where done_at is not null',
    dead: 'select count(*) as n from jobs where dead_at is not null',
    pending: 'select count(*) as n from totp where confirmed_at is null',
    confirmed: 'select count(*) as n from totp where confirmed_at is not null',
    codes: 'select count(*) as n from recovery_codes',
    audit: 'select count(*) as n from audit',
  }
  const entries = await Promise.all(
    Object.entries(statements).map(async ([name, statement]) => {
      const [row] = await select(urlOf(server), statement)
      return [name, Number(row?.n)] as const
    }),
  )
  return Object.fromEntries(entries) as Record<keyof typeof statements, number>
}

function minbilSessions(server: TestServer) {
  return select(urlOf(server), `select ended_why from sessions where dialect = 'minbil' order by id`)
}

async function emailOf(server: TestServer, condition: string): Promise<string> {
  const statement = `select email from accounts join totp on totp.account_id = accounts.id where ${condition}`
  const [row] = await select(urlOf(server), statement)
  return String(row?.email)
}

async function noFailure(server: TestServer): Promise<void> {
  assert.deepEqual(
    server.log.filter(({ task }) => task !== undefined),
    [],
  )
}
