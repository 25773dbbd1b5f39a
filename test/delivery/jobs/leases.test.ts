import assert from 'node:assert/strict'
import { it } from 'node:test'
import { execute, select } from '../../harness/database.ts'
import { freshEmail, onEveryEngine, type TestServer, useServer } from '../../harness/harness.ts'
import { endOfJobs } from '../../harness/jobs.ts'

const leaseMs = 60_000

onEveryEngine('a job that was leased by a worker which has died', (engine) => {
  const server = useServer(engine)

  it('is left alone until the lease ends, and then run by another', async () => {
    const email = freshEmail()
    await leaveLeased(server, email)

    // Somebody else's mail, sent after it: the worker has looked and has not taken it.
    const other = freshEmail()
    await server.request('POST', '/auth/verification-mail', { json: { email: other } })
    await server.mail(other, /^Confirm/)
    assert.deepEqual(await mailsTo(server, email), [])

    server.clock.advance(leaseMs / 2)
    const another = freshEmail()
    await server.request('POST', '/auth/verification-mail', { json: { email: another } })
    await server.mail(another, /^Confirm/)
    assert.deepEqual(await mailsTo(server, email), [])

    server.clock.advance(leaseMs)
    await server.mail(email, /^Confirm/)
    // The mail is there before it is written down that it was sent.
    await endOfJobs(server)
    assert.equal((await mailsTo(server, email)).length, 1)
    const [job] = await select(
      server.env.DATABASE_URL ?? '',
      `select attempts, leased_until from jobs where payload like '%"${email}"%' and done_at is not null`,
    )
    assert.deepEqual([Number(job?.attempts), job?.leased_until], [2, null])
  })

  it('is run by the next start when its lease has ended meanwhile', async () => {
    const email = freshEmail()
    // Else the first start might still take it, and its mailbox is gone with it.
    await server.restart(async () => {
      await leaveLeased(server, email)
      server.clock.advance(leaseMs + 1)
    })
    await server.mail(email, /^Confirm/)
    await endOfJobs(server)
    assert.equal((await mailsTo(server, email)).length, 1)
  })
})

/** Writes a job into the database as a worker leaves it that dies in the middle of its first attempt. */
async function leaveLeased(server: TestServer, email: string): Promise<void> {
  const now = server.clock.now()
  const payload = {
    email,
    link: 'http://localhost:5000/ui/verify-email?token={token}',
    dialect: 'minbil',
    clientId: 'minbil',
    brand: { name: 'Minbil' },
  }
  await execute(
    server.env.DATABASE_URL ?? '',
    `insert into jobs (id, realm, kind, payload, run_at, attempts, leased_until, created_at)
     values ('${email}', 'main', 'verify-email-mail', '${JSON.stringify(payload)}',
             ${now}, 1, ${now + leaseMs}, ${now})`,
  )
}

async function mailsTo(server: TestServer, email: string) {
  return (await server.mailbox()).filter(({ to }) => to === email)
}
