import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import type { DialectUnderTest } from '../contract/dialect-under-test.ts'
import {
  assertAlive,
  assertSuccess,
  openSession,
  requestSecret,
  type Session,
  signInAgain,
} from '../contract/support.ts'
import { arrival, type Post, usePost } from '../delivery/mail/smtp-inbox.ts'
import { adapters } from '../dialects/adapters.ts'
import { credebl } from '../dialects/credebl/adapter.ts'
import { minbil } from '../dialects/minbil/adapter.ts'
import { execute } from '../harness/database.ts'
import { eventually } from '../harness/events.ts'
import { freshEmail, onEveryEngine, type TestServer, useServer } from '../harness/harness.ts'
import { endOfJobs } from '../harness/jobs.ts'
import {
  assertLimited,
  assertStatus,
  behindProxy,
  freshAddress,
  from,
  signIn,
  signUp,
} from '../limits/callers.ts'
import { jobsTo } from './jobs-to.ts'
import { setSystemClock } from './system-clock.ts'

const hour = 3_600_000
const window = 15 * 60
const wrong = 'a wrong password'

onEveryEngine('a clock that is set back by an hour, and forward again', (engine) => {
  const server = useServer(engine, { limits: 'real', env: behindProxy })
  const sessions = new Map<DialectUnderTest, Session[]>()
  before(async () => {
    for (const dialect of adapters) {
      const session = await openSession(dialect, server)
      sessions.set(dialect, [session, await signInAgain(dialect, server, session)])
    }
  })
  after(() => setSystemClock(0))

  it('signs nobody out, and accepts the tokens that were signed before', async () => {
    setSystemClock(-hour)
    for (const [dialect, [first, second]] of sessions) {
      assert.ok(first && second)
      assertSuccess(await dialect.ask(server, first.access))
      await assertAlive(dialect, server, second)
    }
  })

  for (const dialect of adapters) {
    it(`lets people in at ${dialect.name}, and on when it is forward again`, async () => {
      setSystemClock(-hour)
      const session = await openSession(dialect, server)
      await assertAlive(dialect, server, await signInAgain(dialect, server, session))
      setSystemClock(0)
      if (dialect.refreshing) await assertAlive(dialect, server, session)
      else await signInAgain(dialect, server, session)
    })
  }

  it('lets in somebody who has the maximum of sessions', async () => {
    setSystemClock(0)
    const first = await openSession(credebl, server)
    for (let count = 1; count < 10; count++) await signInAgain(credebl, server, first)
    setSystemClock(-hour)
    await assertAlive(credebl, server, await signInAgain(credebl, server, first))
  })

  it("holds nobody back for longer than the limit's window", async () => {
    setSystemClock(0)
    const address = freshAddress()
    const person = await signUp(server)
    await useUp(server, address, person.email)
    setSystemClock(-hour)
    assertStatus(200, await signIn(server, address, person))

    const refused = await useUp(server, address, person.email)
    assert.ok(refused <= window, `${refused} seconds to wait`)
    setSystemClock(0)
    assertStatus(200, await signIn(server, address, person))
  })

  it('mails a new reset link, and accepts it', async () => {
    setSystemClock(0)
    const { recovery } = minbil
    assert.ok(recovery)
    const target = { ...server, request: from(server, freshAddress()).request } as TestServer
    Object.setPrototypeOf(target, server)
    const { email } = await openSession(minbil, target)
    await requestSecret(recovery, target, email)
    setSystemClock(-hour)
    const secret = await requestSecret(recovery, target, email)
    const password = 'quite another passphrase'
    assertSuccess(await recovery.reset(target, { email, password, secret }))
    await signInAgain(minbil, target, { email, password })
  })
})

onEveryEngine('jobs, when the clock is set back by an hour and forward again', (engine) => {
  const post = usePost(engine)
  after(() => setSystemClock(0))

  it('are run although they were written later than it is now', async () => {
    setSystemClock(0)
    const [refused, leased, fresh, last] = [freshEmail(), freshEmail(), freshEmail(), freshEmail()]
    post.inbox.become('down')
    await ask(post, refused)
    await ask(post, leased)
    for (const email of [refused, leased])
      await eventually('a first failure', async () => {
        const [job] = await jobsTo(post.server, email)
        return job?.last_error ?? undefined
      })
    // As a worker leaves one that dies in the middle of it.
    await execute(
      post.server.env.DATABASE_URL ?? '',
      `update jobs set run_at = 0, leased_until = ${Date.now() + 60_000} where payload like '%"${leased}"%'`,
    )

    setSystemClock(-hour)
    post.inbox.become('up')
    const untried = freshEmail()
    await writeJob(post, untried, Date.now() + hour)
    await ask(post, fresh)
    for (const email of [refused, leased, untried, fresh]) await arrival(post.inbox, email)
    setSystemClock(0)
    await ask(post, last)
    await arrival(post.inbox, last)
    await endOfJobs(post.server)
    for (const email of [refused, leased, untried, fresh, last])
      assert.equal(post.inbox.mails.filter(({ recipients }) => recipients.includes(email)).length, 1)
  })

  it('are not run twice when it is set forward while they run', async () => {
    setSystemClock(0)
    const answer = Promise.withResolvers<number>()
    const isRead = Promise.withResolvers<void>()
    post.inbox.replyToMail = () => {
      isRead.resolve()
      return answer.promise
    }
    const [slow, other] = [freshEmail(), freshEmail()]
    await ask(post, slow)
    await isRead.promise
    setSystemClock(hour)
    post.inbox.replyToMail = () => 250
    await ask(post, other)
    await arrival(post.inbox, other)
    answer.resolve(250)
    await endOfJobs(post.server)
    for (const email of [slow, other])
      assert.equal(post.inbox.mails.filter(({ recipients }) => recipients.includes(email)).length, 1)
  })
})

async function ask({ server }: Post, email: string): Promise<void> {
  const { status, text } = await server.request('POST', '/auth/verification-mail', { json: { email } })
  assert.equal(status, 201, text)
}

/** A job as it was written at that time, which nobody has tried yet. */
async function writeJob({ server: { env } }: Post, email: string, writtenAt: number): Promise<void> {
  const payload = {
    email,
    link: 'http://localhost:5000/ui/verify-email?token={token}',
    dialect: 'minbil',
    clientId: 'minbil',
    brand: { name: 'Minbil' },
  }
  await execute(
    env.DATABASE_URL ?? '',
    `insert into jobs (id, realm, kind, payload, run_at, attempts, created_at)
     values ('${email}', 'main', 'verify-email-mail', '${JSON.stringify(payload)}', ${writtenAt}, 0, ${writtenAt})`,
  )
}

/** Sends wrong passwords until one is refused unread; returns how long to wait, in seconds. */
async function useUp(server: TestServer, address: string, email: string): Promise<number> {
  for (let count = 0; count < 10; count++)
    assertStatus(401, await signIn(server, address, { email, password: wrong }))
  return assertLimited(await signIn(server, address, { email, password: wrong }))
}
