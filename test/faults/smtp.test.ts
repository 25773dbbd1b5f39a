import assert from 'node:assert/strict'
import { after, afterEach, before, it } from 'node:test'
import { openAccount } from '../contract/support.ts'
import { type SmtpInbox, startSmtpInbox } from '../delivery/mail/smtp-inbox.ts'
import { type Gateway, postedTo, startGateway } from '../delivery/sms/gateway.ts'
import { minbil } from '../dialects/minbil/adapter.ts'
import { pm2 } from '../dialects/pm2/adapter.ts'
import * as vastly from '../dialects/vastly/door.ts'
import * as wolfpal from '../dialects/wolfpal/door.ts'
import { select } from '../harness/database.ts'
import { eventually } from '../harness/events.ts'
import { freshEmail, onEveryEngine, startTestServer, type TestServer } from '../harness/harness.ts'
import { endOfJobs } from '../harness/jobs.ts'

/** In milliseconds: longer than the first and the second pause between attempts, and than any. */
const pauses = [6_000, 11_000]
const maxPauseMs = 3_600_000
/** More than a worker sends at a time. */
const crowd = 12

onEveryEngine('a mail server', (engine) => {
  let inbox: SmtpInbox
  let gateway: Gateway
  let server: TestServer
  before(async () => {
    inbox = await startSmtpInbox()
    gateway = await startGateway()
    gateway.reply = () => ({ status: 201 })
    server = await startTestServer(engine, {
      env: {
        SMTP_URL: inbox.url,
        MAIL_FROM: 'Example <auth@example.com>',
        SMS_URL: `twilio://AC1:auth-token-of-twilio@${gateway.host}?from=Vastly`,
      },
    })
  })
  afterEach(() => {
    inbox.replyToMail = () => 250
    inbox.become('up')
  })
  after(async () => {
    await inbox?.close()
    await server?.close()
    await gateway?.close()
  })

  const subjectsTo = (people: People) =>
    Object.entries(people).map(([role, email]) => {
      const mails = inbox.mails.filter(({ recipients }) => recipients.includes(email))
      return { role, subjects: mails.map(({ headers }) => headers.get('subject')).sort() }
    })

  it('that is down fails no request, and gets every mail once when it is back', async () => {
    const healthy = await causeMails(server)
    await endOfJobs(server)
    const expected = subjectsTo(healthy)
    assert.ok(expected.every(({ subjects }) => subjects.length > 0))

    inbox.become('down')
    const people = await causeMails(server)
    for (const [attempt, pause] of pauses.entries()) {
      await failures(server, attempt + 1)
      server.clock.advance(pause)
    }
    await failures(server, pauses.length + 1)
    assert.deepEqual(
      subjectsTo(people).flatMap(({ subjects }) => subjects),
      [],
    )

    inbox.become('up')
    server.clock.advance(maxPauseMs)
    await endOfJobs(server)
    assert.deepEqual(subjectsTo(people), expected)
  })

  for (const [where, begin] of Object.entries({
    'before its greeting': () => inbox.become('silent'),
    'after a mail': () => {
      inbox.replyToMail = () => 'silence'
    },
  })) {
    it(`that hangs ${where} blocks neither requests nor text messages, and gets every mail once`, async () => {
      begin()
      const people = await Promise.all(Array.from({ length: crowd }, () => askForMail(server)))
      const mobile = vastly.freshPhone()
      await vastly.register(server, { mobile })
      await vastly.post(server, '/forgotpass/mobile', { json: { mobile } })
      await postedTo(gateway, mobile)
      assert.equal((await openJobs(server)).length, crowd)

      // Ends the connections that hang.
      inbox.replyToMail = () => 250
      inbox.become('up')
      await eventually('an end of every attempt', async () => {
        const jobs = await openJobs(server)
        return jobs.every(({ leased_until }) => leased_until === null) || undefined
      })
      server.clock.advance(maxPauseMs)
      await endOfJobs(server)
      for (const email of people)
        assert.equal(inbox.mails.filter(({ recipients }) => recipients.includes(email)).length, 1)
    })
  }
})

/** Somebody each, by what the mail is for. */
type People = Record<string, string>

/** Has a mail of every kind sent to somebody new each; no request may fail. */
async function causeMails(server: TestServer): Promise<People> {
  const [forgetful, mobile] = [freshEmail(), vastly.freshPhone()]
  await vastly.register(server, { email: forgetful, mobile })
  vastly.assertBody(
    await vastly.post(server, '/forgotpass', { json: { email: forgetful } }),
    200,
    vastly.linkSent,
  )
  const { email: reminded } = await openAccount(minbil, server)
  const forgot = await server.request('POST', '/api/co/auth/forgot-password', { json: { email: reminded } })
  assert.ok(forgot.status < 300, forgot.text)
  const { email: activated } = await wolfpal.signUp(server)
  const { email: registered } = await openAccount(pm2, server)
  return { forgetful, reminded, activated, registered, verified: await askForMail(server) }
}

async function askForMail(server: TestServer): Promise<string> {
  const email = freshEmail()
  const { status, text } = await server.request('POST', '/auth/verification-mail', { json: { email } })
  assert.equal(status, 201, text)
  return email
}

/** Mails that are still to be sent. */
function openJobs({ env }: TestServer) {
  return select(env.DATABASE_URL ?? '', `select * from jobs where done_at is null and kind like '%-mail'`)
}

/** Waits until every mail that is not sent has failed so often, or more often. */
async function failures(server: TestServer, attempts: number): Promise<void> {
  await eventually(`failure ${attempts} of all jobs`, async () => {
    const jobs = await openJobs(server)
    const haveFailed = jobs.every((job) => Number(job.attempts) >= attempts && job.leased_until === null)
    return (jobs.length > 0 && haveFailed) || undefined
  })
}
