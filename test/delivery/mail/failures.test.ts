import assert from 'node:assert/strict'
import { afterEach, it } from 'node:test'
import { select } from '../../harness/database.ts'
import { freshEmail, onEveryEngine, queryOf, type TestServer } from '../../harness/harness.ts'
import { buriedJob, endOfJobs, failedJob } from '../../harness/jobs.ts'
import { arrival, type Post, usePost } from './smtp-inbox.ts'

/** Longer than the first pause between attempts, and than any. */
const firstPauseMs = 6_000
const maxPauseMs = 3_600_000
const maxAttempts = 30

onEveryEngine('mail that cannot be sent', (engine) => {
  const post = usePost(engine)

  afterEach(() => {
    post.inbox.become('up')
    Object.assign(post.inbox, { replyTo: () => 250, replyToMail: () => 250 })
  })

  it('delays no request while the mail server does not answer', async () => {
    const { server, inbox } = post
    inbox.become('silent')
    const email = freshEmail()
    await askForVerification(server, email)
    const [job] = await jobsOf(server, email)
    assert.deepEqual([job?.done_at, job?.last_error], [null, null])
    assert.deepEqual(failuresOf(server, job?.id), [])

    inbox.become('up')
    await arrival(inbox, email)
    assert.equal(await countAfterAll(post, email), 1)
  })

  it('is sent once when the mail server is back', async () => {
    const { server, inbox } = post
    inbox.become('down')
    const email = freshEmail()
    await askForVerification(server, email)
    await failedJob(server, email, 1)
    assert.deepEqual(
      inbox.mails.filter(({ recipients }) => recipients.includes(email)),
      [],
    )

    inbox.become('up')
    server.clock.advance(firstPauseMs)
    await arrival(inbox, email)
    assert.equal(await countAfterAll(post, email), 1)
  })

  it('is sent once when the recipient is refused for the moment', async () => {
    const { server, inbox } = post
    inbox.replyTo = () => 450
    const email = freshEmail()
    await askForVerification(server, email)
    await failedJob(server, email, 1)
    server.clock.advance(firstPauseMs)
    await failedJob(server, email, 2)

    inbox.replyTo = () => 250
    server.clock.advance(2 * firstPauseMs)
    await arrival(inbox, email)
    assert.equal(await countAfterAll(post, email), 1)
    assert.equal(inbox.recipients.filter((recipient) => recipient === email).length, 3)
  })

  it('carries a fresh link in every attempt, of which the newest works, under one message id', async () => {
    const { server, inbox } = post
    inbox.replyToMail = () => 451
    const email = freshEmail()
    await askForVerification(server, email)
    await failedJob(server, email, 1)
    inbox.replyToMail = () => 250
    server.clock.advance(firstPauseMs)
    const accepted = await arrival(inbox, email)
    const refused = inbox.refusedMails.filter(({ recipients }) => recipients.includes(email))
    assert.equal(refused.length, 1)
    assert.equal(refused[0]?.headers.get('message-id'), accepted.headers.get('message-id'))

    const codes = [refused[0], accepted].map((mail) => queryOf(mail?.links[0], 'verificationCode'))
    assert.notEqual(codes[0], codes[1])
    const answers = codes.map(
      (code) => `/auth/verify?${new URLSearchParams({ email, verificationCode: code })}`,
    )
    assert.equal((await server.request('GET', answers[0] ?? '')).status, 401)
    assert.equal((await server.request('GET', answers[1] ?? '')).status, 200)
  })

  it('is given up after the last attempt, and never delays another', async () => {
    const { server, inbox } = post
    const hopeless = freshEmail()
    inbox.replyTo = (recipient) => (recipient === hopeless ? 450 : 250)
    await askForVerification(server, hopeless)
    for (let attempt = 1; attempt < maxAttempts; attempt++) {
      await failedJob(server, hopeless, attempt)
      server.clock.advance(maxPauseMs)
    }
    const job = await buriedJob(server, hopeless)
    assert.equal(Number(job.attempts), maxAttempts)
    assert.equal(job.done_at, null)
    assert.match(String(job.last_error), /450/)
    assert.deepEqual(failuresOf(server, job.id).at(-1), 'job given up')

    server.clock.advance(maxPauseMs)
    const email = freshEmail()
    await askForVerification(server, email)
    await arrival(inbox, email)
    await endOfJobs(server)
    assert.equal(inbox.recipients.filter((recipient) => recipient === hopeless).length, maxAttempts)
  })

  it('lets the mails of others pass while it waits for its next attempt', async () => {
    const { server, inbox } = post
    const refused = Array.from({ length: 12 }, freshEmail)
    inbox.replyTo = (recipient) => (refused.includes(recipient) ? 450 : 250)
    for (const email of refused) await askForVerification(server, email)
    const email = freshEmail()
    await askForVerification(server, email)
    await arrival(inbox, email)
    for (const email of refused) await failedJob(server, email, 1)
  })
})

async function askForVerification(server: TestServer, email: string): Promise<void> {
  const answer = await server.request('POST', '/auth/verification-mail', { json: { email } })
  assert.equal(answer.status, 201, answer.text)
}

function jobsOf({ env }: TestServer, email: string) {
  return select(env.DATABASE_URL ?? '', `select * from jobs where payload like '%"${email}"%'`)
}

/** What the log says of a job, oldest first. */
function failuresOf({ log }: TestServer, id: unknown): unknown[] {
  return log.filter((line) => line.job === id).map((line) => line.msg)
}

async function countAfterAll({ server, inbox }: Post, email: string): Promise<number> {
  await endOfJobs(server)
  return inbox.mails.filter(({ recipients }) => recipients.includes(email)).length
}
