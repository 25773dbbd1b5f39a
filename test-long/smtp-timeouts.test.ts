import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { arrival, type SmtpInbox, usePost } from '../test/delivery/mail/smtp-inbox.ts'
import { jobsTo } from '../test/faults/jobs-to.ts'
import { eventually } from '../test/harness/events.ts'
import { freshEmail } from '../test/harness/harness.ts'
import { endOfJobs } from '../test/harness/jobs.ts'

/** In milliseconds: longer than any between two attempts. */
const maxPauseMs = 3_600_000

const ways: Record<string, (inbox: SmtpInbox) => void> = {
  'before its greeting': (inbox) => inbox.become('silent'),
  'after a mail': (inbox) => {
    inbox.replyToMail = () => 'silence'
  },
}

// All of the time goes into waiting: both wait at once.
describe('a mail server that stalls', { concurrency: true }, () => {
  for (const [where, hang] of Object.entries(ways))
    describe(where, () => {
      const post = usePost('sqlite')

      it(`times out ${where}, and is retried`, async () => {
        const { server, inbox } = post
        hang(inbox)
        const email = freshEmail()
        await server.request('POST', '/auth/verification-mail', { json: { email } })
        await eventually(
          'a failure',
          async () => {
            const [job] = await jobsTo(server, email)
            return job?.last_error ?? undefined
          },
          90_000,
        )
        assert.equal(inbox.mails.filter(({ recipients }) => recipients.includes(email)).length, 0)

        inbox.replyToMail = () => 250
        inbox.become('up')
        server.clock.advance(maxPauseMs)
        await arrival(inbox, email)
        await endOfJobs(server)
        assert.equal(inbox.mails.filter(({ recipients }) => recipients.includes(email)).length, 1)
      })
    })
})
