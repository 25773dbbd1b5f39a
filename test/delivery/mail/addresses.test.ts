import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { freshEmail } from '../../harness/harness.ts'
import { endOfJobs } from '../../harness/jobs.ts'
import { arrival, usePost } from './smtp-inbox.ts'

/** What would reach somebody else, or write a header of its own, where an address is pasted into a mail. */
const notOneAddress = [
  'a@b.example, x@y.example',
  'a@b.example,x@y.example',
  'a@b.example;x@y.example',
  'a@b.example x@y.example',
  'a@b.example\r\nBcc: x@y.example',
  'a@b.example\nBcc: x@y.example',
  'a@b.example\r\n\r\nHello',
  'a@b.example>\r\nRCPT TO:<x@y.example',
  'a@b.example>,<x@y.example',
  'a\r\n@b.example',
  'a\0@b.example',
  '<a@b.example>',
  'Somebody <a@b.example>',
  '"a@b.example, x"@y.example',
  '(x@y.example)a@b.example',
  'a@b.example(x@y.example)',
  'friends: a@b.example, x@y.example;',
  'a@[127.0.0.1]',
  '=?utf-8?q?a=0d=0aBcc:x=40y.example?=@b.example',
  '@y.example:a@b.example',
]

/** Everything that mails an address because a stranger says so. */
const doors: [name: string, path: string][] = [
  ['minbil sign-up', '/api/co/auth/sign-up'],
  ['minbil forgot-password', '/api/co/auth/forgot-password'],
  ['credebl verification-mail', '/auth/verification-mail'],
  ['credebl forgot-password', '/auth/forgot-password'],
]

describe('mail addresses', () => {
  const post = usePost('sqlite')

  for (const [name, path] of doors) {
    it(`of ${name} are one address or are refused`, async () => {
      const { server, inbox } = post
      for (const email of notOneAddress) {
        const answer = await server.request('POST', path, { json: { email, password: '12345678' } })
        assert.equal(answer.status, 400, JSON.stringify(email))
      }
      await endOfJobs(server)
      assert.deepEqual(inbox.recipients, [])
    })
  }

  it('are no list when several are sent', async () => {
    const { server, inbox } = post
    for (const [, path] of doors) {
      const list = { email: ['a@b.example', 'x@y.example'], password: '12345678' }
      assert.equal((await server.request('POST', path, { json: list })).status, 400)
      const raw = 'email=a%40b.example&email=x%40y.example&password=12345678'
      const headers = { 'content-type': 'application/x-www-form-urlencoded' }
      assert.equal((await server.request('POST', path, { raw, headers })).status, 400)
    }
    await endOfJobs(server)
    assert.deepEqual(inbox.recipients, [])
  })

  it('reach one recipient, however unusual they are', async () => {
    const { server, inbox } = post
    for (const email of [`o'hara+a_b-${freshEmail()}`, `x.y.${freshEmail()}`, `a+b${freshEmail()}`]) {
      const answer = await server.request('POST', '/auth/verification-mail', { json: { email } })
      assert.equal(answer.status, 201, answer.text)
      const mail = await arrival(inbox, email)
      assert.deepEqual(mail.recipients, [email])
      assert.equal(mail.headers.get('to'), email)
    }
  })

  it('reach one recipient with all that HTML takes, and with a domain in Unicode', async () => {
    const { server, inbox } = post
    const local = freshEmail().split('@')[0]
    for (const [typed, email] of [
      [`o&leary/${local}@example.com`, `o&leary/${local}@example.com`],
      [`=?${local}%relay!$&{token}@example.com`, `=?${local}%relay!$&{token}@example.com`],
      [`${local}@example.xn--p1ai`, `${local}@example.xn--p1ai`],
      [`${local}@münchen.example`, `${local}@xn--mnchen-3ya.example`],
      // An address whose dots RFC 5321 does not know is sent in quotes, which mean the same mailbox (§4.1.2).
      [`${local}..b@example.com`, `"${local}..b"@example.com`],
      [`${local}.@example.com`, `"${local}."@example.com`],
    ] as const) {
      const answer = await server.request('POST', '/auth/verification-mail', { json: { email: typed } })
      assert.equal(answer.status, 201, answer.text)
      const mail = await arrival(inbox, email)
      assert.deepEqual(mail.recipients, [email])
      assert.equal(mail.headers.get('to'), email.startsWith('"') ? `<${email}>` : email)
      const link = new URL(mail.links[0] ?? '')
      assert.equal(link.searchParams.get('email'), email.replaceAll('"', ''))
      // Of one that a mail client could make a link of, the mail shows the domain alone.
      const shown = /[/?#]/.test(typed) ? '…@example.com' : email.replaceAll('"', '')
      assert.ok(mail.html.includes(shown), mail.html)
    }
  })

  it('are trimmed of the blanks and line ends around them', async () => {
    const { server, inbox } = post
    const email = freshEmail()
    await server.request('POST', '/auth/verification-mail', { json: { email: ` ${email}\r\n` } })
    assert.deepEqual((await arrival(inbox, email)).recipients, [email])
  })

  it('and names of platforms cannot write a header', async () => {
    const { server, inbox } = post
    for (const platformName of [
      'A\r\nBcc: x@y.example',
      'A\nB',
      'A\0',
      'A\u2028B\u202e',
      'Cc: x@y.example, "B" <z@y.example>',
      '=?utf-8?q?A=0d=0aBcc:x=40y.example?=',
    ]) {
      const email = freshEmail()
      const json = { email, platformName }
      const answer = await server.request('POST', '/auth/verification-mail', { json })
      assert.equal(answer.status, 201, JSON.stringify(platformName))
      const { recipients, headers } = await arrival(inbox, email)
      assert.deepEqual(recipients, [email])
      assert.equal(headers.get('subject'), 'Confirm your e-mail address for CREDEBL')
      for (const name of ['cc', 'bcc']) assert.equal(headers.get(name), undefined)
    }
    assert.ok(!inbox.recipients.some((recipient) => recipient.includes('y.example')))
  })

  it('carry no link of whoever has the mail sent', async () => {
    const { server, inbox } = post
    const email = `somebody+www.evil.example.${freshEmail()}`
    for (const [path, subject] of [
      ['/auth/verification-mail', /^Confirm/],
      ['/api/co/auth/sign-up', /^Confirm/],
      ['/auth/forgot-password', /new password/],
    ] as const) {
      const before = inbox.mails.length
      await server.request('POST', path, { json: { email, password: '12345678' } })
      await endOfJobs(server)
      const [mail] = inbox.mails.slice(before)
      assert.match(mail?.headers.get('subject') ?? '', subject)
      assert.deepEqual(mail?.recipients, [email])
      for (const form of [mail?.text, mail?.html]) {
        assert.ok(form?.includes('…@example.com'), form)
        assert.doesNotMatch(form?.replaceAll(/http:\/\/localhost:\d+\/\S*/g, '') ?? '', /evil/)
      }
    }
  })
})
