import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import {
  assertBody,
  codeSent,
  freshPhone,
  post,
  register,
  resetBySms,
  tokenOf,
} from '../../dialects/vastly/door.ts'
import type { TestServer } from '../../harness/harness.ts'
import { endOfJobs } from '../../harness/jobs.ts'
import { type Link, type Posted, postedTo, useGateway } from './gateway.ts'

const sid = 'ACffffffffffffffffffffffffffffffff'

describe('messages through Twilio', () => {
  const link = useGateway('sqlite', (host) => ({
    SMS_URL: `twilio://${sid}:to%3Ak%C3%A9n@${host}?from=%2B4712345678`,
  }))

  it('go out as its Messages API wants them, with a code that works', async () => {
    const { mobile, posted } = await sendCode(link)
    const { method, path, headers, body } = posted
    assert.deepEqual([method, path], ['POST', `/2010-04-01/Accounts/${sid}/Messages.json`])
    assert.equal(headers['content-type'], 'application/x-www-form-urlencoded')
    assert.equal(headers.authorization, basic(`${sid}:to:kén`))
    const { To, From, Body = '', ...rest } = Object.fromEntries(new URLSearchParams(body))
    assert.deepEqual({ To, From, rest }, { To: mobile, From: '+4712345678', rest: {} })
    tokenOf(await resetBySms(link.server, { token: codeOf(Body) }))
  })

  it('go out once, and to nobody who has no account', async () => {
    const { server, gateway } = link
    const { mobile } = await sendCode(link)
    const nobody = freshPhone()
    await ask(server, nobody)
    await endOfJobs(server)
    const sentTo = gateway.posted.map(({ body }) => new URLSearchParams(body).get('To'))
    assert.equal(sentTo.filter((to) => to === mobile).length, 1)
    assert.ok(!sentTo.includes(nobody))
  })

  it('are not kept in the mailbox, where mails still are', async () => {
    await sendCode(link)
    const channels = (await link.server.mailbox()).map(({ channel }) => channel)
    assert.ok(!channels.includes('sms'))
  })
})

describe('messages through Twilio with an API key and a messaging service', () => {
  const service = `MG${'0'.repeat(32)}`
  const link = useGateway('sqlite', (host) => ({
    SMS_URL: `twilio://SK1:secret@${host}?account=${sid}`,
    SMS_FROM: service,
  }))

  it('go out in the name of both', async () => {
    const { mobile, posted } = await sendCode(link)
    assert.equal(posted.path, `/2010-04-01/Accounts/${sid}/Messages.json`)
    assert.equal(posted.headers.authorization, basic('SK1:secret'))
    const { Body, ...rest } = Object.fromEntries(new URLSearchParams(posted.body))
    assert.ok(Body)
    assert.deepEqual(rest, { To: mobile, MessagingServiceSid: service })
  })
})

const gateways: Record<string, { settings: (host: string) => Record<string, string>; check: Check }> = {
  'as JSON of their own, without a sender': {
    settings: (host) => ({ SMS_URL: `http://${host}/send?version=2` }),
    check: ({ path, headers, body }, mobile) => {
      assert.equal(path, '/send?version=2')
      assert.equal(headers['content-type'], 'application/json')
      assert.equal(headers.authorization, undefined)
      const { to, text, ...rest } = JSON.parse(body)
      assert.deepEqual({ to, rest }, { to: mobile, rest: {} })
      return text
    },
  },
  'as JSON of their own, with a sender, a user name and a password': {
    settings: (host) => ({ SMS_URL: `http://us%20er:p%40ss%2F%25@${host}/`, SMS_FROM: 'Vastly & co "AS"' }),
    check: ({ path, headers, body }, mobile) => {
      assert.equal(path, '/')
      assert.equal(headers.authorization, basic('us er:p@ss/%'))
      const { text, ...rest } = JSON.parse(body)
      assert.deepEqual(rest, { to: mobile, from: 'Vastly & co "AS"' })
      return text
    },
  },
  'as JSON from a template, with a key': {
    settings: (host) => ({
      SMS_URL: `http://${host}/v1`,
      SMS_FROM: 'Vastly',
      SMS_AUTHORIZATION: 'App 0123-key',
      SMS_BODY:
        ' {"messages": [{"destinations": [{"to": "{to}"}], "from": "{from}", "text": "Hi. {text}"}],\n' +
        '"urgent": true, "{to}": 1}',
    }),
    check: ({ headers, body }, mobile) => {
      assert.equal(headers.authorization, 'App 0123-key')
      const { messages, ...rest } = JSON.parse(body)
      assert.deepEqual(rest, { urgent: true, '{to}': 1 })
      const [{ text, ...message }] = messages
      assert.deepEqual(message, { destinations: [{ to: mobile }], from: 'Vastly' })
      assert.ok(text.startsWith('Hi. '))
      return text.slice('Hi. '.length)
    },
  },
  'as a form from a template': {
    settings: (host) => ({
      SMS_URL: `http://${host}/sms`,
      SMS_BODY: 'user=me%26you&number={to}&message={text}&flash=0',
    }),
    check: ({ headers, body }, mobile) => {
      assert.equal(headers['content-type'], 'application/x-www-form-urlencoded')
      const { message, ...rest } = Object.fromEntries(new URLSearchParams(body))
      assert.deepEqual(rest, { user: 'me&you', number: mobile, flash: '0' })
      return message ?? ''
    },
  },
}

/** Fails unless the request is as it should be; returns the text of the message. */
type Check = (posted: Posted, mobile: string) => string

for (const [how, { settings, check }] of Object.entries(gateways)) {
  describe(`messages go to other gateways ${how}`, () => {
    const link = useGateway('sqlite', settings)

    it('and the code in them works', async () => {
      const { mobile, posted } = await sendCode(link)
      const text = check(posted, mobile)
      assert.match(text, /^\d{6} is your code for Vastly\. /)
      tokenOf(await resetBySms(link.server, { token: codeOf(text) }))
    })
  })
}

for (const how of ['as JSON from a template, with a key', 'as a form from a template']) {
  const { settings, check } = gateways[how] ?? assert.fail()
  describe(`a message that an operator has written, ${how}`, () => {
    const folder = mkdtemp(join(tmpdir(), 'manydoors-sms-'))
    after(async () => rm(await folder, { recursive: true, force: true }))
    const link = useGateway('sqlite', settings)
    const written = `"Kode" {to} {from} & æ+%2B \\ 🔑\n= {{ code }}; {"x":1} \u2028.`

    it('arrives as it was written, whatever is in it', async () => {
      const messages = join(await folder, 'messages')
      await mkdir(messages)
      await writeFile(join(messages, 'reset-code.sms.liquid'), written)
      link.server.env.MANYDOORS_TEMPLATES = await folder
      await link.server.restart()
      const { mobile, posted } = await sendCode(link)
      const text = check(posted, mobile)
      const code = /= (\d{6});/.exec(text)?.[1] ?? assert.fail(text)
      assert.equal(text, written.replace('{{ code }}', code))
    })
  })
}

/** Somebody new asks for a code; returns the number and what was posted for it. */
async function sendCode({ server, gateway }: Link): Promise<{ mobile: string; posted: Posted }> {
  const mobile = freshPhone()
  await register(server, { mobile })
  await ask(server, mobile)
  const [posted = assert.fail()] = await postedTo(gateway, mobile)
  return { mobile, posted }
}

async function ask(server: TestServer, mobile: string): Promise<void> {
  assertBody(await post(server, '/forgotpass/mobile', { json: { mobile } }), 200, codeSent)
}

function codeOf(text: string): string {
  return /^\d{6}/.exec(text)?.[0] ?? assert.fail(text)
}

function basic(pair: string): string {
  return `Basic ${Buffer.from(pair).toString('base64')}`
}
