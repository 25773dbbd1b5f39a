import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { arrival, type SmtpInbox, startSmtpInbox } from '../delivery/smtp-inbox.ts'
import { freshEmail, startTestServer, type TestServer } from '../harness.ts'
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
})
