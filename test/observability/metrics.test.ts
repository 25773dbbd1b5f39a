import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { execute } from '../harness/database.ts'
import { credebl, minbil, type Person, register } from '../harness/doors.ts'
import { eventually } from '../harness/events.ts'
import { freshEmail, onEveryEngine, type TestServer, useServer } from '../harness/harness.ts'
import { endOfJobs } from '../harness/jobs.ts'
import { type Scrape, scrape } from './scrape.ts'

onEveryEngine('metrics', (engine) => {
  const server = useServer(engine)

  it('count requests by realm, door, route, status and outcome', async () => {
    const person = await register(server)
    const signIn = { dialect: 'minbil', method: 'POST', route: '/api/co/auth/sign-in' }
    const before = await scrape(server.url)
    minbil.tokensOf(await minbil.signIn(server, person))
    await minbil.signIn(server, { ...person, password: 'not the password' })
    await minbil.signIn(server, { ...person, password: 'not this one either' })
    await server.request('POST', '/api/co/auth/sign-in', { json: { email: 7 } })
    const after = await scrape(server.url)

    const more = (labels: Record<string, string>) =>
      after.sum('manydoors_requests_total', { ...signIn, ...labels }) -
      before.sum('manydoors_requests_total', { ...signIn, ...labels })
    assert.equal(more({ realm: 'main', status: '2xx', outcome: 'ok' }), 1)
    assert.equal(more({ realm: 'main', status: '4xx', outcome: 'credentials_invalid' }), 2)
    assert.equal(more({ realm: 'main', status: '4xx', outcome: 'validation_failed' }), 1)
    assert.equal(more({}), 4)
    const duration = 'manydoors_request_duration_seconds'
    assert.equal(after.sum(`${duration}_count`, signIn) - before.sum(`${duration}_count`, signIn), 4)
    assert.ok(after.sum(`${duration}_sum`, signIn) > before.sum(`${duration}_sum`, signIn))
  })

  it('have as many series as there are routes, whatever is asked for', async () => {
    const email = freshEmail()
    const ask = async (word: string) => {
      await server.request('GET', `/nowhere/${word}?token=${word}`)
      await server.request('PROPFIND', `/auth/${word}`)
      await server.request('GET', `/auth/${word}/sessions`)
      await server.request('POST', `/auth/password-reset/${word}-${email}`, { json: {} })
      await server.request('GET', `/ui/verify-email?token=${word}`)
      await server.request('GET', `/%zz${word}`)
      await server.request('POST', '/api/co/auth/sign-in', { json: { email: word, password: word } })
    }
    await scrape(server.url)
    await ask('first')
    const before = await scrape(server.url)
    for (const word of ['second', 'third', 'fourth', 'fifth']) await ask(word)
    const after = await scrape(server.url)
    const requests = ({ samples }: Scrape) =>
      samples.filter(({ name }) => name.startsWith('manydoors_request')).length
    assert.equal(requests(after), requests(before))
    const unknown = { method: 'any', route: 'none', outcome: 'route_not_found' }
    assert.ok(after.sum('manydoors_requests_total', unknown) >= 5)
    assert.doesNotMatch(after.text, /first|second_|third|fourth|fifth|nowhere|@|PROPFIND/)
  })

  it('count sign-ins by outcome', async () => {
    const person = await register(server)
    const before = await scrape(server.url)
    credebl.tokensOf(await credebl.signIn(server, person))
    await credebl.signIn(server, { ...person, password: 'wrong password' })
    await credebl.signIn(server, { email: freshEmail(), password: 'wrong password' })
    const after = await scrape(server.url)
    const more = (outcome: string) => {
      const labels = { realm: 'main', dialect: 'credebl', outcome }
      return after.sum('manydoors_sign_ins_total', labels) - before.sum('manydoors_sign_ins_total', labels)
    }
    assert.deepEqual([more('success'), more('credentials')], [1, 2])
    const events = { event: 'sign_in', outcome: 'refused', dialect: 'credebl' }
    assert.equal(
      after.sum('manydoors_events_total', events) - before.sum('manydoors_events_total', events),
      2,
    )
  })

  it('count refreshes by outcome, theft among them, each once', async () => {
    const person = await register(server)
    const before = await scrape(server.url)
    const first = credebl.tokensOf(await credebl.signIn(server, person)).refresh
    const second = credebl.tokensOf(await credebl.refresh(server, first)).refresh
    credebl.tokensOf(await credebl.refresh(server, first))
    credebl.tokensOf(await credebl.refresh(server, second))
    server.clock.advance(60_000)
    assert.equal((await credebl.refresh(server, first)).status, 401)
    assert.equal((await credebl.refresh(server, second)).status, 401)
    assert.equal((await credebl.refresh(server, 'forged')).status, 401)
    const after = await scrape(server.url)
    const more = Object.fromEntries(
      ['rotated', 'repeated', 'reused', 'ended', 'invalid', 'prolonged'].map((outcome) => {
        const labels = { dialect: 'credebl', outcome }
        return [
          outcome,
          after.sum('manydoors_refreshes_total', labels) - before.sum('manydoors_refreshes_total', labels),
        ]
      }),
    )
    assert.deepEqual(more, { rotated: 2, repeated: 1, reused: 1, ended: 1, invalid: 1, prolonged: 0 })
  })

  it('count hashing, its wait and its queue', async () => {
    const person: Person = { email: freshEmail(), password: 'wrong password' }
    const before = await scrape(server.url)
    await Promise.all(Array.from({ length: 3 }, () => minbil.signIn(server, person)))
    const after = await scrape(server.url)
    const more = (name: string, labels = {}) => after.sum(name, labels) - before.sum(name, labels)
    assert.equal(more('manydoors_hashing_wait_seconds_count'), 3)
    assert.equal(more('manydoors_hashing_duration_seconds_count', { operation: 'verify' }), 3)
    assert.equal(more('manydoors_hashing_refused_total'), 0)
    assert.equal(after.one('manydoors_hashing_running'), 0)
    assert.equal(after.one('manydoors_hashing_waiting'), 0)
  })

  it('count jobs and messages, and say what waits, since when, and what was given up', async () => {
    await endOfJobs(server)
    const before = await scrape(server.url)
    assert.deepEqual(
      [before.one('manydoors_jobs_dead'), before.one('manydoors_job_lag_seconds') < 60],
      [0, true],
    )
    const email = freshEmail()
    await server.request('POST', '/auth/verification-mail', { json: { email } })
    await server.mail(email, /^Confirm/)
    const kind = 'verify-email-mail'
    const after = await eventually('the end of the job', async () => {
      const now = await scrape(server.url)
      const labels = { kind, outcome: 'succeeded' }
      const isThere =
        now.sum('manydoors_job_attempts_total', labels) > before.sum('manydoors_job_attempts_total', labels)
      return isThere && now.one('manydoors_jobs_waiting') === 0 ? now : undefined
    })
    assert.ok(after.sum('manydoors_job_duration_seconds_count', { kind }) >= 1)
    const sent = { channel: 'mail', outcome: 'succeeded' }
    assert.equal(
      after.sum('manydoors_messages_total', sent) - before.sum('manydoors_messages_total', sent),
      1,
    )

    await addJobs(server)
    const later = await scrape(server.url)
    assert.equal(later.one('manydoors_jobs_dead'), 2)
    assert.equal(later.one('manydoors_jobs_waiting'), 1)
    const lag = later.one('manydoors_job_lag_seconds')
    assert.ok(lag >= 3600 && lag < 7200, `lag ${lag}`)
  })

  it('time statements by kind, and say that nothing failed', async () => {
    await minbil.signIn(server, await register(server))
    const now = await scrape(server.url)
    for (const statement of ['select', 'insert', 'update', 'begin', 'commit']) {
      const labels = { engine, statement }
      assert.ok(now.sum('manydoors_database_statement_duration_seconds_count', labels) > 0, statement)
    }
    assert.equal(now.sum('manydoors_database_errors_total'), 0)
    assert.equal(now.one('manydoors_database_up'), 1)
    const states = now.samples.filter(({ name }) => name === 'manydoors_database_pool_connections')
    assert.equal(states.length, engine === 'postgres' ? 3 : 0)
    if (engine === 'postgres')
      assert.ok(now.one('manydoors_database_pool_connections', { state: 'total' }) >= 1)
  })

  it('say what the process does, how old the keys are, and which release this is', async () => {
    const now = await scrape(server.url)
    assert.ok(now.one('process_resident_memory_bytes') > 1_000_000)
    assert.ok(now.one('nodejs_eventloop_lag_p99_seconds') >= 0)
    const age = now.one('manydoors_signing_key_age_seconds', { realm: 'main' })
    assert.ok(age >= 60 && age < 86_400, `age ${age}`)
    assert.equal(now.one('manydoors_build_info', { engine }), 1)
  })
})

describe('metrics of limits', () => {
  const server = useServer('sqlite', { limits: { 'sign-in-account-at-address': 2 } })

  it('count what each rule did not allow', async () => {
    const person = { email: freshEmail(), password: 'wrong password' }
    const statuses: number[] = []
    for (let count = 0; count < 5; count++) statuses.push((await minbil.signIn(server, person)).status)
    assert.deepEqual(statuses, [401, 401, 429, 429, 429])
    const now = await scrape(server.url)
    assert.equal(now.one('manydoors_limit_refusals_total', { rule: 'sign-in-account-at-address' }), 3)
    assert.equal(now.sum('manydoors_limit_refusals_total'), 3)
    assert.equal(now.sum('manydoors_requests_total', { outcome: 'rate_limited' }), 3)
    assert.doesNotMatch(now.text, /@example/)
  })
})

/** One that no release knows and that has been due for an hour, and two that were given up. */
async function addJobs(server: TestServer): Promise<void> {
  const now = server.clock.now()
  const rows = [
    ['late', now - 3_600_000, 'null'],
    ['dead-1', now - 7_200_000, now],
    ['dead-2', now - 7_200_000, now],
  ]
  for (const [id, runAt, deadAt] of rows) {
    await execute(
      server.env.DATABASE_URL ?? '',
      `insert into jobs (id, realm, kind, payload, run_at, attempts, created_at, dead_at)
       values ('${id}', 'main', 'of-another-release', '{}', ${runAt}, 0, ${runAt}, ${deadAt})`,
    )
  }
}
