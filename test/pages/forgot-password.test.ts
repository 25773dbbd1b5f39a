import assert from 'node:assert/strict'
import { it } from 'node:test'
import { beginLogin, register, reset, signIn } from '../dialects/pm2-door.ts'
import { freshEmail, mailCausedBy, onEveryEngine, queryOf, useServer } from '../harness.ts'
import { assertPage } from './page.ts'
import { assertProven, browse, stale } from './visitor.ts'

onEveryEngine('the page of a forgotten password', (engine) => {
  const server = useServer(engine)
  const begin = async () => browse(server, await beginLogin(server))

  it('has a link sent to those who have an account, and tells nobody whether one has', async () => {
    const person = await register(server)
    const stranger = freshEmail()
    const browser = await begin()
    const page = await browser.open('/ui/forgot-password')
    assertPage(page, 200)
    const unknown = await browser.submit(page, { email: stranger })
    assertPage(unknown, 200)
    const mail = await mailCausedBy(server, { to: person.email, subject: reset }, async () => {
      const known = await browser.submit(page, { email: ` ${person.email.toUpperCase()} ` })
      assert.deepEqual([known.status, known.text], [unknown.status, unknown.text])
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

  it('knows an address as people paste it, and a user name from any keyboard', async () => {
    const typedName = {
      username: `Zo\u0308e ${process.pid} ${engine}`,
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

  it('refuses what is no address, and foreign forms', async () => {
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
})
