import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { DialectUnderTest } from '../contract/dialect-under-test.ts'
import { openSession, signInAgain, tokensOf } from '../contract/support.ts'
import { arrival, type SmtpInbox, startSmtpInbox } from '../delivery/mail/smtp-inbox.ts'
import { adapters } from '../dialects/adapters.ts'
import { select } from '../harness/database.ts'
import type { Target } from '../harness/doors.ts'
import { eventually } from '../harness/events.ts'
import { claimsOf, createData, freshEmail, startTestServer, type TestData } from '../harness/harness.ts'
import { endOfJobs } from '../harness/jobs.ts'
import { joinMailboxes } from '../harness/mailboxes.ts'
import { sampleKey } from '../harness/master-keys.ts'
import { type Program, startProgram } from '../harness/program.ts'
import { behindProxy } from '../limits/callers.ts'
import { asServer } from './as-server.ts'
import { jobsTo } from './jobs-to.ts'

const key = { MANYDOORS_SECRET: sampleKey(7).toString('base64') }
const callers = 200
/** In milliseconds: how long minbil and wolfpal let a replaced token be repeated. */
const graceWindow = 10_000

describe('two nodes with one PostgreSQL', () => {
  let data: TestData
  let nodes: [Program, Program]
  before(async () => {
    data = await createData('postgres')
    const env = { ...behindProxy, ...key, ...data.env, LOG_LEVEL: 'silent' }
    nodes = await Promise.all([startProgram(env), startProgram(env)])
  })
  after(async () => {
    await Promise.all((nodes ?? []).map((node) => node.kill()))
    await data?.drop()
  })

  const reuses = (session: string) =>
    select(
      data.env.DATABASE_URL,
      `select id from audit where event = 'session.reuse_detected' and session_id = '${session}'`,
    )
  const refreshAt200 = ({ refreshing }: DialectUnderTest, token: string) =>
    Promise.all(
      Array.from({ length: callers }, (_, index) => {
        const node = nodes[index % 2] ?? nodes[0]
        return refreshing?.refresh(asServer(node), token) ?? assert.fail('nothing to refresh')
      }),
    )

  for (const dialect of adapters.filter(({ refreshing }) => refreshing)) {
    const rotation = dialect.refreshing?.rotation
    it(`give ${callers} callers with one token of ${dialect.name} (${rotation}) one generation`, async (test) => {
      const server = asServer({ ...nodes[0], ...joinMailboxes(nodes) })
      const { access, refresh } = await openSession(dialect, server)
      const start = Date.now()
      const answers = await refreshAt200(dialect, refresh)
      const successors = [...new Set(answers.flatMap(({ tokens }) => tokens?.refresh ?? []))]
      assert.equal(successors.length, 1)
      const isLate = Date.now() - start > 0.9 * graceWindow
      if (rotation === 'grace' && isLate) return test.diagnostic('a machine too slow for the grace window')
      for (const answer of answers) tokensOf(answer)
      assert.equal(successors[0] === refresh, rotation === 'static')

      const { sid } = claimsOf(access)
      const [row] = await select(
        data.env.DATABASE_URL,
        `select generation, ended_at from sessions where id = '${sid}'`,
      )
      assert.deepEqual([Number(row?.generation), row?.ended_at], [rotation === 'static' ? 1 : 2, null])
      assert.deepEqual(await reuses(sid), [])
      tokensOf((await dialect.refreshing?.refresh(server, successors[0] ?? '')) ?? assert.fail())
    })

    // Where older tokens are forgiven for a while, nobody is a thief so soon, and these clocks cannot be set.
    if (rotation !== 'untilConfirmed' || dialect.refreshing?.forgivesOlderTokens) continue
    it(`refuse ${callers} callers with a stolen token of ${dialect.name}, and end the session once`, async () => {
      const server = asServer({ ...nodes[0], ...joinMailboxes(nodes) })
      const { access, refresh, ...person } = await openSession(dialect, server)
      const other = await signInAgain(dialect, server, person)
      let newest = refresh
      for (let turn = 0; turn < 2; turn++)
        newest = tokensOf((await dialect.refreshing?.refresh(server, newest)) ?? assert.fail()).refresh

      const answers = await refreshAt200(dialect, refresh)
      assert.deepEqual(
        answers.filter(({ tokens }) => tokens),
        [],
      )
      assert.equal((await reuses(claimsOf(access).sid)).length, 1)
      const afterwards = await dialect.refreshing?.refresh(server, newest)
      assert.equal(afterwards?.tokens, undefined)
      tokensOf((await dialect.refreshing?.refresh(server, other.refresh)) ?? assert.fail())
    })
  }
})

describe('a node that is killed while it sends mails', () => {
  /** In milliseconds. */
  const lease = 60_000
  /** As many as one node sends at a time. */
  const mails = 8
  let data: TestData
  let inbox: SmtpInbox
  before(async () => {
    data = await createData('postgres')
    inbox = await startSmtpInbox()
  })
  after(async () => {
    await inbox?.close()
    await data?.drop()
  })

  it('leaves them to the other, which sends each; one already delivered is repeated under its id', async () => {
    const env = { ...data.env, ...key, SMTP_URL: inbox.url, MAIL_FROM: 'Example <auth@example.com>' }
    const mailsTo = (email: string) => inbox.mails.filter(({ recipients }) => recipients.includes(email))
    // The first of the mails arrives, and its sender is never told; the others are on their way.
    let arrivals = 0
    inbox.replyToMail = () => (arrivals++ === 0 ? 'accepted in silence' : 'silence')
    const people = Array.from({ length: mails }, freshEmail)
    const first = await startProgram({ ...env, LOG_LEVEL: 'silent' })
    try {
      for (const email of people) await askForMail(first, email)
      await eventually('all mails to be on their way', async () => {
        const jobs = await Promise.all(people.map((email) => jobsTo({ env }, email)))
        const areLeased = jobs.flat().every(({ leased_until }) => leased_until !== null)
        return (areLeased && inbox.mails.length === 1 && inbox.refusedMails.length > 0) || undefined
      })
    } finally {
      await first.kill()
    }

    inbox.replyToMail = () => 250
    const second = await startTestServer('postgres', { env })
    try {
      const email = freshEmail()
      await askForMail(second, email)
      await arrival(inbox, email)
      assert.equal(inbox.mails.length, 2, 'a mail was sent before the lease of its sender had ended')

      second.clock.advance(lease)
      await endOfJobs(second)
      const twice = people.filter((email) => mailsTo(email).length === 2)
      const once = people.filter((email) => mailsTo(email).length === 1)
      assert.deepEqual([twice.length, once.length], [1, mails - 1])
      const ids = mailsTo(twice[0] ?? '').map(({ headers }) => headers.get('message-id'))
      assert.equal(new Set(ids).size, 1)
    } finally {
      await second.close()
    }
  })
})

async function askForMail(target: Pick<Target, 'request'>, email: string): Promise<void> {
  const { status, text } = await target.request('POST', '/auth/verification-mail', { json: { email } })
  assert.equal(status, 201, text)
}
