import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { arrival, type SmtpInbox, startSmtpInbox } from '../delivery/mail/smtp-inbox.ts'
import { freshEmail, startTestServer, type TestServer } from '../harness/harness.ts'
import { endOfJobs } from '../harness/jobs.ts'
import { fieldsOf } from '../pages/visitor.ts'
import { sendAs } from './at-host.ts'

describe('the mails of two realms', () => {
  let inbox: SmtpInbox
  let server: TestServer
  before(async () => {
    inbox = await startSmtpInbox()
    const yaml = `
smtp: { url: '${inbox.url}', from: Main <main@example.com> }
realms:
  main: { brand: { name: Main } }
  partners: { hosts: [partners.localhost], brand: { name: Partners }, mailFrom: Partners <partners@example.com> }
`
    server = await startTestServer('sqlite', { yaml })
  })
  after(async () => {
    await server?.close()
    await inbox?.close()
  })

  it('have each their own sender, name and links', async () => {
    const realms = { 'localhost:5000': 'Main', 'partners.localhost:5000': 'Partners' }
    for (const [host, name] of Object.entries(realms)) {
      const email = freshEmail()
      const json = { email, password: '12345678' }
      await sendAs(host, `${server.url}/api/co/auth/sign-up`, 'POST', { json })
      const { headers, links, sender } = await arrival(inbox, email)
      assert.equal(sender, `${name.toLowerCase()}@example.com`)
      assert.equal(headers.get('from'), `${name} <${sender}>`)
      assert.equal(headers.get('subject'), `Confirm your e-mail address for ${name}`)
      assert.ok(links.every((link) => new URL(link).host === host))
    }
  })

  it('are sent by the forgotten-password page of each, to its own accounts', async () => {
    const email = freshEmail()
    const json = { email, password: '12345678' }
    await sendAs('partners.localhost', `${server.url}/api/co/auth/sign-up`, 'POST', { json })
    await arrival(inbox, email)
    for (const host of ['localhost:5000', 'partners.localhost:5000']) {
      const led = await sendAs(host, `${server.url}/.well-known/change-password`, 'GET')
      assert.deepEqual([led.status, led.headers.get('location')], [302, '/ui/forgot-password'])
      const page = await sendAs(host, `${server.url}/ui/forgot-password`, 'GET')
      const headers = { cookie: page.cookies[0] ?? '' }
      const form = { ...fieldsOf(page), email }
      const sent = await sendAs(host, `${server.url}/ui/forgot-password`, 'POST', { form, headers })
      assert.equal(sent.status, 200)
    }
    await endOfJobs(server)
    const mails = inbox.mails.filter(({ recipients }) => recipients.includes(email))
    const [mail, ...others] = mails.filter(({ headers }) => /new password/.test(headers.get('subject') ?? ''))
    assert.deepEqual(others, [])
    assert.equal(mail?.headers.get('subject'), 'Set a new password for Partners')
    assert.match(mail?.links[0] ?? '', /^http:\/\/partners\.localhost:5000\/ui\/reset-password\?token=/)
  })
})
