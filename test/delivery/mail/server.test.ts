import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, afterEach, before, describe, it } from 'node:test'
import { freshEmail, startTestServer, type TestServer } from '../../harness/harness.ts'
import { everyFirstAttempt, failedJob } from '../../harness/jobs.ts'
import { scrape } from '../../observability/scrape.ts'
import { arrival, type SmtpInbox, startSmtpInbox } from './smtp-inbox.ts'

/** Longer than the pauses after the first and the second attempt. */
const pausesMs = [6_000, 12_000]

const defaults = { MAIL_FROM: 'Example <auth@example.com>', MANYDOORS_PUBLIC_URL: 'https://auth.example.com' }

async function askForVerification(server: TestServer, email: string): Promise<void> {
  const answer = await server.request('POST', '/auth/verification-mail', { json: { email } })
  assert.equal(answer.status, 201, answer.text)
}

describe('the name that a mail server is given', () => {
  let inbox: SmtpInbox
  before(async () => {
    inbox = await startSmtpInbox()
  })
  after(() => inbox?.close())

  /** The name and the mail that a server with these settings sends. */
  const sent = async (env: Record<string, string>, query = '') => {
    const server = await startTestServer('sqlite', {
      env: { ...defaults, SMTP_URL: `${inbox.url}${query}`, ...env },
    })
    try {
      const email = freshEmail()
      await askForVerification(server, email)
      const mail = await arrival(inbox, email)
      return { name: inbox.names.at(-1), mail }
    } finally {
      await server.close()
    }
  }

  it('is the host of the public URL, by name or as an address', async () => {
    const { name, mail } = await sent({})
    assert.equal(name, 'auth.example.com')
    assert.equal(mail.headers.has('reply-to'), false)
    assert.equal((await sent({ MANYDOORS_PUBLIC_URL: 'http://127.0.0.1:5000' })).name, '[127.0.0.1]')
    const { name: literal } = await sent({ MANYDOORS_PUBLIC_URL: 'http://[::1]:5000' })
    assert.match(String(literal), /^\[IPv6:::1\]$/i)
  })

  it('is another name where one is set, and another place for answers', async () => {
    assert.equal((await sent({}, '?name=mx.example.com')).name, 'mx.example.com')
    const { name, mail } = await sent(
      { SMTP_NAME: 'out.example.com', MAIL_REPLY_TO: 'Help <help@example.com>' },
      '?name=mx.example.com&maxConnections=1',
    )
    assert.equal(name, 'out.example.com')
    assert.equal(mail.headers.get('reply-to'), 'Help <help@example.com>')
  })
})

describe('a mail that the mail server refuses', () => {
  let inbox: SmtpInbox
  const server = {} as TestServer
  before(async () => {
    inbox = await startSmtpInbox()
    Object.setPrototypeOf(
      server,
      await startTestServer('sqlite', { env: { ...defaults, SMTP_URL: inbox.url } }),
    )
  })
  after(async () => {
    await inbox?.close()
    await server.close?.()
  })
  afterEach(() => {
    Object.assign(inbox, { replyTo: () => 250, replyToMail: () => 250, replyToSender: () => 250 })
  })

  const kind = 'verify-email-mail'
  const givenUp = async (reason: string) =>
    (await scrape(server.url)).sum('manydoors_jobs_given_up_total', { kind, reason })
  const attemptsAt = (email: string) => inbox.recipients.filter((recipient) => recipient === email).length

  it('is given up at once when there is no such recipient, and counted as such', async () => {
    const before = await givenUp('undeliverable')
    inbox.replyTo = () => '550 5.1.1 no such user'
    const email = freshEmail()
    await askForVerification(server, email)
    const job = await failedJob(server, email, 1)
    assert.ok(job?.dead_at)
    assert.match(String(job?.last_error), /5\.1\.1/)
    assert.equal(await givenUp('undeliverable'), before + 1)

    server.clock.advance(24 * 3_600_000)
    const other = freshEmail()
    inbox.replyTo = () => 250
    await askForVerification(server, other)
    await arrival(inbox, other)
    assert.equal(attemptsAt(email), 1)
  })

  for (const [what, refuse] of [
    ['the recipient', () => Object.assign(inbox, { replyTo: () => '550 5.7.1 not from you' })],
    ['the mail', () => Object.assign(inbox, { replyToMail: () => 554 })],
  ] as const)
    it(`is given up after three attempts when ${what} is refused otherwise, and counted as such`, async () => {
      const before = await givenUp('refused')
      refuse()
      const email = freshEmail()
      await askForVerification(server, email)
      for (const [index, pause] of pausesMs.entries()) {
        const job = await failedJob(server, email, index + 1)
        assert.equal(job?.dead_at, null)
        server.clock.advance(pause)
      }
      assert.ok((await failedJob(server, email, 3))?.dead_at)
      assert.equal(await givenUp('refused'), before + 1)
      assert.equal(attemptsAt(email), 3)
      const line = server.log.findLast(({ msg }) => msg === 'job given up')
      assert.equal(line?.reason, 'refused')
    })

  it('is kept and sent later when it is the sender that is refused, or the recipient for now', async () => {
    const before = [await givenUp('refused'), await givenUp('undeliverable')]
    inbox.replyToSender = () => '550 5.7.1 Helo command rejected'
    const email = freshEmail()
    await askForVerification(server, email)
    for (const [index, pause] of [...pausesMs, 24_000].entries()) {
      assert.equal((await failedJob(server, email, index + 1))?.dead_at, null)
      server.clock.advance(pause)
    }
    await failedJob(server, email, 4)
    inbox.replyToSender = () => 250
    inbox.replyTo = () => '450 4.1.1 later'
    server.clock.advance(60_000)
    await failedJob(server, email, 5)
    inbox.replyTo = () => 250
    server.clock.advance(120_000)
    await arrival(inbox, email)
    assert.deepEqual([await givenUp('refused'), await givenUp('undeliverable')], before)
  })
})

describe('the password of the mail server, in a file', () => {
  let inbox: SmtpInbox
  let folder = ''
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'manydoors-smtp-'))
    inbox = await startSmtpInbox({ isGuarded: true })
  })
  after(async () => {
    await inbox?.close()
    await rm(folder, { recursive: true, force: true })
  })

  const file = () => join(folder, 'smtp-url')
  const write = (password: string) => writeFile(file(), `${inbox.url.replace('//', `//auth:${password}@`)}\n`)

  for (const [where, settings] of [
    ['a variable', () => ({ env: { SMTP_URL_FILE: file() } })],
    ['the settings file', () => ({ yaml: `smtp: { urlFile: ${file()} }` })],
  ] as const)
    it(`is read again when it is refused, so that it can change without a restart: ${where}`, async () => {
      inbox.password = 'first'
      await write('first')
      const { env, yaml } = { env: {}, yaml: undefined, ...settings() }
      const server = await startTestServer('sqlite', { env: { ...defaults, ...env }, yaml })
      try {
        const first = freshEmail()
        await askForVerification(server, first)
        await arrival(inbox, first)

        inbox.password = 'second'
        await write('second')
        inbox.become('up')
        const emails = Array.from({ length: 6 }, freshEmail)
        for (const email of emails) await askForVerification(server, email)
        // Those that were on their way when the file was read again are tried again.
        await everyFirstAttempt(server)
        server.clock.advance(pausesMs[0] ?? 0)
        for (const email of emails) await arrival(inbox, email)

        // What the file says is no better: nothing is given up, and nothing is lost.
        inbox.password = 'third'
        inbox.become('up')
        const late = freshEmail()
        await askForVerification(server, late)
        const job = await failedJob(server, late, 1)
        assert.equal(job?.dead_at, null)
        assert.match(String(job?.last_error), /535|Invalid login/)
        for (const line of server.log) assert.doesNotMatch(JSON.stringify(line), /auth:(first|second)@/)
      } finally {
        await server.close()
      }
    })
})
