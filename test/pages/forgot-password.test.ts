import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { beginLogin, register, reset, signIn } from '../dialects/pm2/door.ts'
import { freshEmail, mailCausedBy, queryOf, useServer } from '../harness/harness.ts'
import { endOfJobs } from '../harness/jobs.ts'
import { assertPage } from './page.ts'
import { alike, assertProven, browse, fieldsOf, stale } from './visitor.ts'

describe('the page of a forgotten password', () => {
  const server = useServer('sqlite')
  const begin = async () => browse(server, await beginLogin(server))

  it('sends a link to those who have an account, and does not reveal whether one has', async () => {
    const person = await register(server)
    const stranger = freshEmail()
    const browser = await begin()
    const page = await browser.open('/ui/forgot-password')
    assertPage(page, 200)
    const unknown = await browser.submit(page, { email: stranger })
    assertPage(unknown, 200)
    const mail = await mailCausedBy(server, { to: person.email, subject: reset }, async () => {
      const known = await browser.submit(page, { email: ` ${person.email.toUpperCase()} ` })
      assert.equal(known.status, unknown.status)
      assert.equal(alike(known, person.email.toUpperCase()), alike(unknown, stranger))
    })
    assert.ok(!(await server.mailbox()).some(({ to }) => to === stranger))

    const token = queryOf(mail.links[0], 'token')
    const form = { token, password: 'another password altogether' }
    assertPage(await server.request('POST', '/ui/reset-password', { form }), 200)
    await signIn(server, { ...person, password: form.password })
    // The login that was begun goes on.
    const typed = { identifier: person.email, password: form.password }
    assertProven(await browser.submit(await browser.open('/ui/sign-in'), typed))
  })

  it('accepts an address as pasted, and a user name from any keyboard', async () => {
    const typedName = {
      username: `Zo\u0308e ${process.pid}`,
      email: `zoe-${process.pid}@münchen.example`,
    }
    const person = await register(server, { person: { ...typedName, password: 'the first password' } })
    const browser = await begin()
    const page = await browser.open('/ui/forgot-password')
    const to = `zoe-${process.pid}@xn--mnchen-3ya.example`
    const mail = await mailCausedBy(server, { to, subject: reset }, async () =>
      assertPage(await browser.submit(page, { email: `\u200e${person.email}\ufeff` }), 200),
    )
    const form = { token: queryOf(mail.links[0], 'token'), password: 'pÄssword altogether'.normalize('NFD') }
    assertPage(await server.request('POST', '/ui/reset-password', { form }), 200)
    for (const identifier of [person.username.normalize('NFC'), person.email, `${to}\u200b`]) {
      const browser = await begin()
      const typed = { identifier, password: form.password.normalize('NFC') }
      assertProven(await browser.submit(await browser.open('/ui/sign-in'), typed))
    }
  })

  it('refuses malformed addresses, and foreign forms', async () => {
    const browser = await begin()
    const page = await browser.open('/ui/forgot-password')
    for (const email of ['', 'ada', '@', '"><b>@example.com']) {
      const refused = await browser.submit(page, { email })
      assertPage(refused, 400)
      assert.match(refused.text, /role="alert" id="problem">Enter an e-mail address, such as/)
    }
    const { email } = await register(server)
    const foreign = await browser.submit(page, { email, form: 'x' })
    assertPage(foreign, 403)
    assert.match(foreign.text, new RegExp(stale))
    assert.ok(!(await server.mailbox()).some(({ to, subject }) => to === email && reset.test(subject)))
  })

  it('is at its well-known URL, and needs no login of an app', async () => {
    const person = await register(server)
    for (const path of ['/.well-known/change-password', '/.well-known/change-password/']) {
      const led = await server.request('GET', path)
      assert.deepEqual([led.status, led.headers.get('location')], [302, '/ui/forgot-password'])
    }
    const { page, browser } = await visit()
    assert.doesNotMatch(page.text, /\/ui\/sign-in/, 'there is no sign-in to go back to')
    const stranger = freshEmail()
    const unknown = await browser.submit(page, { email: stranger })
    const mail = await mailCausedBy(server, { to: person.email, subject: reset }, async () => {
      const known = await browser.submit(page, { email: person.email })
      assertPage(known, 200)
      assert.equal(alike(known, person.email), alike(unknown, stranger))
      assert.doesNotMatch(known.text, /\/ui\/sign-in/)
    })
    assert.match(mail.links[0] ?? '', /^http:\/\/localhost:5000\/ui\/reset-password\?token=[\da-f]{64}$/)
    const form = { token: queryOf(mail.links[0], 'token'), password: 'another password altogether' }
    assertPage(await server.request('POST', '/ui/reset-password', { form }), 200)
    await signIn(server, { ...person, password: form.password })
  })

  it('accepts a form without a login only from the browser it was made for', async () => {
    const { email } = await register(server)
    const [mine, other] = [await visit(), await visit()]
    const { form = '' } = fieldsOf(mine.page)
    assert.match(mine.setCookie, /^__Host-manydoors-form=[\w-]{43}; Path=\/; HttpOnly; Secure; SameSite=Lax$/)
    for (const browser of [other.browser, browse(server, ''), browse(server, '__Host-manydoors-form=')]) {
      const foreign = await browser.post('/ui/forgot-password', { form, email })
      assertPage(foreign, 403)
      assert.match(foreign.text, new RegExp(stale))
    }
    assert.equal((await mine.browser.post('/ui/forgot-password', { form: '', email })).status, 403)
    await endOfJobs(server)
    assert.ok(!(await server.mailbox()).some(({ to, subject }) => to === email && reset.test(subject)))
    // The page can be open twice, and be reloaded.
    const again = await mine.browser.open('/ui/forgot-password')
    assert.deepEqual(again.cookies, [])
    for (const own of [form, fieldsOf(again).form ?? ''])
      assert.equal((await mine.browser.post('/ui/forgot-password', { form: own, email })).status, 200)
  })

  it('works without the login once that has expired', async () => {
    const login = await beginLogin(server)
    server.clock.advance(11 * 60_000)
    const page = await browse(server, login).open('/ui/forgot-password')
    assertPage(page, 200)
    assert.match(page.cookies[0] ?? '', /^__Host-manydoors-form=/)
  })

  /** Opens the page as somebody does who comes by themselves. */
  async function visit() {
    const page = await server.request('GET', '/ui/forgot-password')
    assertPage(page, 200)
    const [setCookie = ''] = page.headers.getSetCookie()
    return { page, setCookie, browser: browse(server, page.cookies[0] ?? '') }
  }
})
