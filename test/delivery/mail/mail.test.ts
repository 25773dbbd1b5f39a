import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { select } from '../../harness/database.ts'
import { freshEmail, queryOf, type TestServer } from '../../harness/harness.ts'
import { endOfJobs } from '../../harness/jobs.ts'
import { arrival, usePost } from './smtp-inbox.ts'

describe('mail by SMTP', () => {
  const post = usePost('sqlite')

  it('sends one mail to one recipient, from the configured sender', async () => {
    const { server, inbox } = post
    const email = freshEmail()
    await signUp(server, email)
    const { sender, recipients, headers } = await arrival(inbox, email)
    await endOfJobs(server)
    assert.equal(inbox.mails.filter((mail) => mail.recipients.includes(email)).length, 1)

    assert.equal(sender, 'auth@example.com')
    assert.deepEqual(recipients, [email])
    assert.equal(headers.get('from'), 'Example <auth@example.com>')
    assert.equal(headers.get('to'), email)
    assert.equal(headers.get('cc'), undefined)
    assert.equal(headers.get('bcc'), undefined)
    assert.equal(headers.get('subject'), 'Confirm your e-mail address for Minbil')
    assert.match(headers.get('content-type') ?? '', /^multipart\/alternative;/)
  })

  it('names a mail after its job and the public host', async () => {
    const { server, inbox } = post
    const email = freshEmail()
    await signUp(server, email)
    const { headers } = await arrival(inbox, email)
    const jobs = await select(
      server.env.DATABASE_URL ?? '',
      `select id from jobs where payload like '%"${email}"%'`,
    )
    assert.deepEqual(
      [headers.get('message-id')],
      jobs.map(({ id }) => `<${id}@localhost>`),
    )
  })

  it('says the same in text and in HTML, with one link that works', async () => {
    const { server, inbox } = post
    const email = freshEmail()
    await signUp(server, email)
    const { text, html, links } = await arrival(inbox, email)
    assert.equal(links.length, 1)
    const [link = ''] = links
    assert.ok(link.startsWith('http://localhost:5000/ui/verify-email?token='), link)
    assert.ok(html.includes(`href="${link.replaceAll('&', '&amp;')}"`), html)
    assert.ok(text.includes(email) && html.includes(email))
    assert.doesNotMatch(`${text}${html}`, /\{\{|\{%|\{token\}|undefined|\[object/)

    const verified = await server.request('POST', '/ui/verify-email', {
      form: { token: queryOf(link, 'token') },
    })
    assert.equal(verified.status, 200)
    const signedIn = await server.request('POST', '/auth/signin', { json: { email, password: '12345678' } })
    assert.equal(signedIn.status, 200, signedIn.text)
  })

  it('asks for no answer of a machine (RFC 3834)', async () => {
    const { server, inbox } = post
    const email = freshEmail()
    await signUp(server, email)
    const { headers } = await arrival(inbox, email)
    assert.equal(headers.get('auto-submitted'), 'auto-generated')
    assert.equal(headers.get('x-auto-response-suppress'), 'All')
  })

  it('keeps nothing in the mailbox when mails go out', async () => {
    assert.deepEqual((await post.server.request('GET', '/dev/mailbox.json')).body, [])
  })
})

describe('mail by SMTP for an app with a name like markup', () => {
  const name = 'Ærø & <b>Sønner</b> {{ 7 | times: 7 }}'
  const yaml = `realms: { main: { dialects: { credebl: { clients: [{ brand: { name: '${name}' } }] } } } }`
  const post = usePost('sqlite', { yaml })

  it('keeps the name as it was written', async () => {
    const { server, inbox } = post
    const email = freshEmail()
    await server.request('POST', '/auth/verification-mail', { json: { email } })
    const { headers, text, html } = await arrival(inbox, email)
    assert.equal(headers.get('subject'), `Confirm your e-mail address for ${name}`)
    assert.ok(text.includes(name), text)
    assert.ok(html.includes('Ærø &amp; &lt;b&gt;Sønner&lt;/b&gt; {{ 7 | times: 7 }}'), html)
    assert.ok(!html.includes('<b>'), html)
  })
})

async function signUp(server: TestServer, email: string): Promise<void> {
  const answer = await server.request('POST', '/api/co/auth/sign-up', {
    json: { email, password: '12345678' },
  })
  assert.equal(answer.status, 201, answer.text)
}
