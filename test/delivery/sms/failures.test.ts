import assert from 'node:assert/strict'
import { afterEach, describe, it } from 'node:test'
import { Undeliverable } from '../../../src/delivery/message.ts'
import { createSmsSender } from '../../../src/delivery/sms/gateway.ts'
import { smsGateway } from '../../../src/delivery/sms/presets.ts'
import {
  assertBody,
  assertFail,
  codeSent,
  freshPhone,
  linkSent,
  post,
  register,
  resetByMail,
  resetBySms,
  texts,
  tokenOf,
} from '../../dialects/vastly/door.ts'
import { select } from '../../harness/database.ts'
import { freshEmail, onEveryEngine, queryOf, type TestServer } from '../../harness/harness.ts'
import { buriedJob, endOfJobs, failedJob } from '../../harness/jobs.ts'
import { type Gateway, type Posted, postedTo, startGateway, useGateway } from './gateway.ts'

/** Longer than the first pause between attempts, and than anybody waits for a code. */
const firstPauseMs = 6_000
const overMaxDelayMs = 11 * 60_000

onEveryEngine('a message that cannot be sent', (engine) => {
  const link = useGateway(engine, (host) => ({
    SMS_URL: `twilio://AC1:auth-token-of-twilio@${host}?from=Vastly`,
  }))

  afterEach(() => {
    link.gateway.reply = () => ({ status: 201 })
  })

  for (const [what, reply] of Object.entries({
    'the gateway is broken': { status: 503, body: 'Service Unavailable' },
    'the gateway has enough of us': { status: 429, body: '{"code": 20429}' },
    'the gateway does not know us': { status: 401, body: '{"code": 20003, "message": "Authenticate"}' },
    'the gateway points elsewhere': { status: 307, headers: { location: 'http://127.0.0.1:1/' } },
  })) {
    it(`is sent when that is over that ${what}`, async () => {
      const { server, gateway } = link
      gateway.reply = () => reply
      const { mobile } = await askForCode(server)
      await failedJob(server, mobile, 1)
      gateway.reply = () => ({ status: 201 })
      server.clock.advance(firstPauseMs)
      await endOfJobs(server)
      assert.equal((await postedTo(gateway, mobile)).length, 2)
    })
  }

  it('carries a fresh code in every attempt, of which the newest is good', async () => {
    const { server, gateway } = link
    gateway.reply = () => ({ status: 500 })
    const { mobile } = await askForCode(server)
    await failedJob(server, mobile, 1)
    gateway.reply = () => ({ status: 201 })
    server.clock.advance(firstPauseMs)
    await endOfJobs(server)
    const [first = '', second = ''] = (await postedTo(gateway, mobile, 2)).map(codeIn)
    if (first !== second)
      assertFail(await resetBySms(server, { token: first, mobile }), 400, texts.invalidToken)
    tokenOf(await resetBySms(server, { token: second, mobile }))
  })

  it('delays no request, whatever the gateway does', async () => {
    const { server, gateway } = link
    gateway.reply = () => undefined
    const { mobile } = await askForCode(server)
    await postedTo(gateway, mobile)
    const [job] = await jobsFor(server, mobile)
    assert.deepEqual([job?.done_at, job?.last_error], [null, null])
    gateway.hangUp()
    await failedJob(server, mobile, 1)
  })

  it('is given up when it would come too late, and never sent after that', async () => {
    const { server, gateway } = link
    gateway.reply = () => ({ status: 500 })
    const { mobile } = await askForCode(server)
    await failedJob(server, mobile, 1)
    gateway.reply = () => ({ status: 201 })
    server.clock.advance(overMaxDelayMs)
    const job = await buriedJob(server, mobile)
    assert.match(String(job.last_error), /^the code would come too late/)
    assert.equal((await postedTo(gateway, mobile)).length, 1)
  })

  it('is given up at once when the number cannot be reached', async () => {
    const { server, gateway } = link
    gateway.reply = () => ({ status: 400, body: JSON.stringify({ code: 21211, message: 'Invalid' }) })
    const { mobile } = await askForCode(server)
    const job = await buriedJob(server, mobile)
    assert.deepEqual([Number(job.attempts), job.last_error], [1, 'the SMS gateway answered 400 (21211)'])
    assert.equal((await postedTo(gateway, mobile)).length, 1)
  })

  it('does not void the link that was asked for in its place', async () => {
    const { server, gateway } = link
    gateway.reply = () => ({ status: 500 })
    const { mobile, email } = await askForCode(server)
    await failedJob(server, mobile, 1)
    assertBody(await post(server, '/forgotpass', { json: { email } }), 200, linkSent)
    const { links } = await server.mail(email, /new password/)
    gateway.reply = () => ({ status: 201 })
    server.clock.advance(firstPauseMs)
    await endOfJobs(server)
    assert.equal((await postedTo(gateway, mobile)).length, 1)
    tokenOf(await resetByMail(server, { token: queryOf(links[0], 'token') }))
  })

  it('leaves no secret in the log or with its job, though the gateway repeats them all', async () => {
    const { server, gateway } = link
    gateway.reply = ({ body, headers }) => ({
      status: 400,
      body: JSON.stringify({ code: 21606, message: `${body} ${headers.authorization}`, more: body }),
    })
    const { mobile } = await askForCode(server)
    await failedJob(server, mobile, 1)
    const [posted = assert.fail()] = await postedTo(gateway, mobile)
    const secrets = [
      codeIn(posted),
      'auth-token-of-twilio',
      String(posted.headers.authorization).slice('Basic '.length),
      'is+your+code',
      'is your code',
    ]
    const [job] = await jobsFor(server, mobile)
    assert.equal(job?.last_error, 'the SMS gateway answered 400 (21606)')
    const lines = server.log.filter((line) => line.job === job?.id)
    assert.equal(lines.length, 1)
    for (const secret of secrets) {
      assert.ok(!JSON.stringify(job).includes(secret), 'in the job')
      assert.ok(!JSON.stringify(lines).includes(secret), 'in its lines of the log')
    }
    assert.ok(!JSON.stringify(server.log).includes('auth-token-of-twilio'), 'in the log')
  })
})

describe('an SMS transport', () => {
  const sms = { id: 'x', to: '+4791234567', text: '119345 is your code' }
  const secret = 'key-of-the-gateway'
  const to = (gateway: Gateway, timeoutMs = 5_000) =>
    createSmsSender({
      gateway: smsGateway({ url: `http://${gateway.host}/`, authorization: secret }),
      network: fetch,
      timeoutMs,
    })

  it('says what went wrong, and nothing of what it sent', async () => {
    const gateway = await startGateway()
    gateway.reply = ({ body }) => ({ status: 422, body })
    await refuses(to(gateway)(sms), 'the SMS gateway answered 422')
    gateway.reply = () => undefined
    await refuses(to(gateway, 50)(sms), 'the SMS gateway cannot be reached: no answer in time')
    await gateway.close()
    await refuses(to(gateway)(sms), 'the SMS gateway cannot be reached: ECONNREFUSED')
  })

  it('tells permanent failures from passing ones', async () => {
    const url = 'twilio://AC1:secret@127.0.0.1:1?from=x'
    const { errorOf } = smsGateway({ url })
    for (const code of [21211, 21610, 21612, 21614])
      assert.ok(errorOf(400, JSON.stringify({ code })) instanceof Undeliverable)
    for (const answer of ['', 'null', '[]', '<html>', '{"code":"21211"}', '{"code":20003}', '{"code":20429}'])
      assert.ok(!(errorOf(400, answer) instanceof Undeliverable), answer)
  })

  async function refuses(sending: Promise<void>, message: string): Promise<void> {
    await assert.rejects(sending, (error: Error) => {
      assert.equal(error.message, message)
      assert.ok(!(error instanceof Undeliverable))
      return true
    })
  }
})

/** Somebody new asks for a code. */
async function askForCode(server: TestServer): Promise<{ mobile: string; email: string }> {
  const person = { mobile: freshPhone(), email: freshEmail() }
  await register(server, person)
  const { mobile } = person
  assertBody(await post(server, '/forgotpass/mobile', { json: { mobile } }), 200, codeSent)
  return person
}

function codeIn({ body }: Posted): string {
  return /^\d{6}/.exec(new URLSearchParams(body).get('Body') ?? '')?.[0] ?? assert.fail(body)
}

function jobsFor({ env }: TestServer, mobile: string) {
  return select(env.DATABASE_URL ?? '', `select * from jobs where payload like '%"${mobile}"%'`)
}
