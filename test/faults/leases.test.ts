import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { arrival, type SmtpInbox, startSmtpInbox } from '../delivery/mail/smtp-inbox.ts'
import { eventually } from '../harness/events.ts'
import { freshEmail, startTestServer, type TestServer } from '../harness/harness.ts'
import { endOfJobs } from '../harness/jobs.ts'
import { jobsTo } from './jobs-to.ts'
import { type OwnPostgres, startOwnPostgres } from './own-postgres.ts'

/** In milliseconds. */
const lease = 60_000

describe('a slow mail', () => {
  let postgres: OwnPostgres
  let inbox: SmtpInbox
  let first: TestServer
  let second: TestServer
  before(async () => {
    postgres = await startOwnPostgres()
    inbox = await startSmtpInbox()
    const env = { DATABASE_URL: postgres.url, SMTP_URL: inbox.url, MAIL_FROM: 'Example <auth@example.com>' }
    first = await startTestServer('postgres', { env })
    second = await startTestServer('postgres', { env, beside: first })
  })
  after(async () => {
    await inbox?.close()
    await second?.close()
    await first?.close()
    await postgres?.remove()
  })

  const mailsTo = (email: string) => inbox.mails.filter(({ recipients }) => recipients.includes(email))

  it('is not sent by another node meanwhile, although it outlasts a lease', async () => {
    const answer = Promise.withResolvers<number>()
    inbox.replyToMail = () => answer.promise
    const email = freshEmail()
    await askForMail(first, email)
    const [leased] = await eventually('a lease', () => leasedAfter(first, email, 0))
    first.clock.advance(0.5 * lease)
    await eventually('a longer lease', () => leasedAfter(first, email, Number(leased?.leased_until)))
    second.clock.advance(0.5 * lease)

    inbox.replyToMail = () => 250
    const other = freshEmail()
    await askForMail(second, other)
    await arrival(inbox, other)
    answer.resolve(250)
    await endOfJobs(first)
    const [job] = await jobsTo(first, email)
    assert.equal(Number(job?.attempts), 1)
    assert.equal(mailsTo(email).length, 1)
  })

  it('is not sent again when PostgreSQL was unavailable as it arrived', async () => {
    const answer = Promise.withResolvers<number>()
    const isRead = Promise.withResolvers<void>()
    inbox.replyToMail = () => {
      isRead.resolve()
      return answer.promise
    }
    const email = freshEmail()
    await askForMail(first, email)
    await isRead.promise
    await postgres.stop('SIGKILL')
    answer.resolve(250)
    await arrival(inbox, email)
    await postgres.start()
    await endOfJobs(first)
    const [job] = await jobsTo(first, email)
    assert.deepEqual([Number(job?.attempts), job?.last_error, job?.dead_at], [1, null, null])
    assert.equal(mailsTo(email).length, 1)
  })
})

async function askForMail(server: TestServer, email: string): Promise<void> {
  const { status, text } = await server.request('POST', '/auth/verification-mail', { json: { email } })
  assert.equal(status, 201, text)
}

/** The job once it is leased until after that time, in epoch milliseconds. */
async function leasedAfter(server: TestServer, email: string, time: number) {
  const jobs = await jobsTo(server, email)
  return Number(jobs[0]?.leased_until) > time ? jobs : undefined
}
