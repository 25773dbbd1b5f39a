import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { Browser } from 'playwright-core'
import { register } from '../dialects/pm2/door.ts'
import { useServer } from '../harness/harness.ts'
import { launchBrowser, noBrowser } from './browser.ts'
import { plainBrowser } from './jar.ts'
import { open } from './ways/ways.ts'

describe('the page of the mailbox', () => {
  const server = useServer('sqlite')

  const receive = async () => {
    const { email } = await register(server)
    return server.mail(email, /./)
  }

  it('shows the newest message, and finds others by whom they went to', async () => {
    const first = await receive()
    const second = await receive()
    const page = await server.request('GET', '/dev/mailbox')
    assert.ok(page.text.includes(`<iframe sandbox src="/dev/mailbox/${second.id}"`))
    const found = await server.request('GET', `/dev/mailbox?to=${first.to.toUpperCase()}`)
    assert.ok(found.text.includes(`<iframe sandbox src="/dev/mailbox/${first.id}"`))
    assert.ok(!found.text.includes(second.to))
    const none = await server.request('GET', '/dev/mailbox?to=<nobody>')
    assert.match(none.text, /No message to “&lt;nobody&gt;”/)
    const asText = await server.request('GET', `/dev/mailbox?id=${first.id}&as=text`)
    assert.match(asText.text, /<pre tabindex="0">/)
    assert.doesNotMatch(asText.text, /<iframe/)
  })

  it('names links as the mail does', async () => {
    const { id, links } = await receive()
    const { text } = await server.request('GET', `/dev/mailbox?id=${id}`)
    const href = links[0]?.replaceAll('&', '&amp;')
    assert.ok(href)
    const [, name = ''] = text.split(`href="${href}" rel="noreferrer">`)[1]?.match(/^([^<]+)</) ?? []
    assert.equal(name, 'Yes, it is mine')
  })

  it('lets a frame of ours alone show a mail, in which no script runs', async () => {
    const { id } = await receive()
    const page = await server.request('GET', '/dev/mailbox')
    const policy = page.headers.get('content-security-policy') ?? ''
    assert.match(policy, /default-src 'none'; .*frame-src 'self'; connect-src 'self'$/)
    const mail = await server.request('GET', `/dev/mailbox/${id}`)
    const mailPolicy = mail.headers.get('content-security-policy') ?? ''
    for (const directive of ["default-src 'none'", 'sandbox', "frame-ancestors 'self'"])
      assert.ok(mailPolicy.split('; ').includes(directive), directive)
    assert.doesNotMatch(mailPolicy, /script-src|allow-/)
    assert.equal(mail.headers.get('x-frame-options'), 'SAMEORIGIN')
  })

  it('forgets all messages, but not on the word of another site', async () => {
    await receive()
    const browser = plainBrowser(server)
    const refused = await browser.post('/dev/mailbox/delete', {}, { 'sec-fetch-site': 'cross-site' })
    assert.equal(refused.status, 403)
    assert.ok((await server.mailbox()).length > 0)
    const page = await browser.submit(await browser.open('/dev/mailbox'), {}, '/dev/mailbox/delete')
    assert.match(page.text, /No message yet/)
    assert.deepEqual((await server.request('GET', '/dev/mailbox.json')).body, [])
  })
})

describe('the page of the mailbox in a browser', { skip: noBrowser }, () => {
  const server = useServer('sqlite')
  let browser: Browser
  before(async () => {
    browser = await launchBrowser()
  })
  after(() => browser?.close())

  it('shows a message that comes, under its own policy', async () => {
    const page = await browser.newPage()
    const said: string[] = []
    page.on('console', (message) => said.push(message.text()))
    await open(server, page, '/dev/mailbox')
    assert.equal(await page.getByText('No message yet').count(), 1)
    const { email } = await register(server)
    const { links } = await server.mail(email, /./)
    await page.locator('.mailbox').getByText(email).first().waitFor()
    const mail = page.frameLocator('iframe')
    await mail.locator('body').getByRole('link').first().waitFor()
    assert.ok(links[0])
    assert.deepEqual(said, [])
  })
})
