import assert from 'node:assert/strict'
import { it } from 'node:test'
import { minbil, type Person, register } from '../harness/doors.ts'
import {
  type Answer,
  freshEmail,
  mailCausedBy,
  onEveryEngine,
  queryOf,
  type TestServer,
  useServer,
} from '../harness/harness.ts'
import { assertGone, assertPage, open } from './page.ts'

const newPassword = 'a new passphrase'
const hour = 3_600_000

onEveryEngine('the page of a reset link', (engine) => {
  const server = useServer(engine)

  it('changes nothing when it is opened, however often', async () => {
    const person = await register(server)
    const { access } = minbil.tokensOf(await minbil.signIn(server, person))
    const link = await resetLink(server, person.email)
    for (let times = 0; times < 3; times++) {
      const page = await open(server, link)
      assertPage(page, 200)
      assert.match(page.text, /<form method="post" action="\/ui\/reset-password">/)
      assert.ok(page.text.includes(`name="token" value="${queryOf(link, 'token')}"`))
    }
    assert.equal((await minbil.signIn(server, person)).status, 200)
    assert.equal((await server.request('POST', '/api/co/auth/sign-out', { bearer: access })).status, 200)

    assertPage(await submit(server, link, newPassword), 200)
    assert.equal((await minbil.signIn(server, { ...person, password: newPassword })).status, 200)
  })

  it('names the account for password managers while the link is valid, and only then', async () => {
    const person = await register(server)
    const link = await resetLink(server, person.email)
    const named = `<input type="text" name="username" autocomplete="username" value="${person.email}" readonly hidden>`
    for (const page of [await open(server, link), await submit(server, link, 'short')]) {
      assert.ok(page.text.includes(named), page.text)
      assert.match(page.text, /autocomplete="new-password"/)
    }
    assertPage(await submit(server, link, newPassword), 200)
    for (const page of [await open(server, link), await submit(server, link, 'short')]) {
      assertGone(page)
      assert.ok(!page.text.includes(person.email))
    }
  })

  it('sets the password once, signs every device out and notifies the owner', async () => {
    const person = await register(server)
    const { access, refresh } = minbil.tokensOf(await minbil.signIn(server, person))
    const link = await resetLink(server, person.email)
    const told = { to: person.email, subject: /password .* was changed/ }
    const mail = await mailCausedBy(server, told, async () => {
      const done = await submit(server, link, newPassword)
      assertPage(done, 200)
      assert.deepEqual(done.cookies, [])
      assert.doesNotMatch(done.text, /<form|eyJ/)
    })
    const page = 'http://localhost:5000/ui'
    assert.deepEqual(mail.links, [`${page}/account/activity`, `${page}/forgot-password`])

    assertGone(await submit(server, link, 'yet another one'))
    assertGone(await open(server, link))
    assert.equal((await minbil.signIn(server, person)).status, 401)
    assert.equal((await minbil.signIn(server, { ...person, password: 'yet another one' })).status, 401)
    assert.equal((await minbil.signIn(server, { ...person, password: newPassword })).status, 200)
    assert.equal((await server.request('POST', '/api/co/auth/sign-out', { bearer: access })).status, 401)
    assert.equal((await minbil.refresh(server, refresh)).status, 401)
  })

  it('is shown again with what is wrong with a password, and keeps the link valid', async () => {
    const person = await register(server)
    const link = await resetLink(server, person.email)
    const refused: [password: string, problem: RegExp][] = [
      ['1234567', /at least 15 characters/],
      ['', /at least 15 characters/],
      ['x'.repeat(257), /./],
    ]
    for (const [password, problem] of refused) {
      const page = await submit(server, link, password)
      assertPage(page, 400)
      const [, told = ''] = /<p class="problem" role="alert"[^>]*>([^<]*)<\/p>/.exec(page.text) ?? []
      assert.match(told, problem)
      assert.ok(page.text.includes(`name="token" value="${queryOf(link, 'token')}"`))
      if (password) assert.ok(!page.text.includes(password), 'a password is not written back')
    }
    assert.equal((await minbil.signIn(server, person)).status, 200)
    assertPage(await submit(server, link, newPassword), 200)
  })

  it('accepts any password that is long enough, unchanged', async () => {
    for (const password of [
      '  blå ugle på tak  ',
      'påssørd €100, takk',
      '<b>"&\'12 kastanje',
      'kX9#vQ2mLp7zRt4w'.repeat(16),
      '🔑🦉🌧🚲🍏🎻🧊🪁🐙🎲🌶🛶🧦🪐🍄',
    ]) {
      const person = await register(server)
      assertPage(await submit(server, await resetLink(server, person.email), password), 200)
      assert.equal((await minbil.signIn(server, { ...person, password })).status, 200, password)
    }
  })

  it('is gone after an hour', async () => {
    const person = await register(server)
    const link = await resetLink(server, person.email)
    server.clock.advance(hour)
    assertGone(await open(server, link))
    assertGone(await submit(server, link, newPassword))
    assert.equal((await minbil.signIn(server, person)).status, 200)
  })

  it('is gone once a newer link is sent', async () => {
    const person = await register(server)
    const older = await resetLink(server, person.email)
    const newer = await resetLink(server, person.email)
    assertGone(await open(server, older))
    assertGone(await submit(server, older, newPassword))
    assertPage(await submit(server, newer, newPassword), 200)
  })

  it('is gone where there is no such link', async () => {
    const { email } = await register(server)
    await server.request('POST', '/auth/verification-mail', { json: { email: freshEmail() } })
    for (const query of [
      '',
      '?token=',
      '?token=nothing',
      '?token=a&token=b',
      '?token[]=a',
      `?token=${'x'.repeat(5000)}`,
    ])
      assertGone(await server.request('GET', `/ui/reset-password${query}`))
    for (const form of [{}, { token: 'nothing', password: newPassword }, { password: newPassword }])
      assertGone(await server.request('POST', '/ui/reset-password', { form: form as Record<string, string> }))
    assert.equal((await minbil.signIn(server, { email, password: newPassword })).status, 401)
  })

  it('does not accept a verification link', async () => {
    const email = freshEmail()
    await server.request('POST', '/auth/verification-mail', { json: { email } })
    const { links } = await server.mail(email, /^Confirm/)
    const token = queryOf(links[0], 'verificationCode')
    assertGone(await server.request('GET', `/ui/reset-password?token=${token}`))
    const form = { token, password: newPassword }
    assertGone(await server.request('POST', '/ui/reset-password', { form }))
  })

  it('escapes the URL', async () => {
    const evil = '"><script>alert(1)</script><a href="'
    for (const name of ['token', 'verificationCode']) {
      const page = await server.request('GET', `/ui/reset-password?${new URLSearchParams({ [name]: evil })}`)
      assertGone(page)
      assert.ok(!page.text.includes('alert(1)'))
    }
    assertGone(await server.request('POST', '/ui/reset-password', { form: { token: evil, password: evil } }))
    // Shown again with a bad password: a page that writes the token back.
    const person = await register(server)
    const link = await resetLink(server, person.email)
    const page = await submit(server, link, '1234567')
    assert.doesNotMatch(page.text, /<script(?! src="\/ui\/assets\/)/i)
  })

  it('accepts a form and no other simple cross-site body', async () => {
    const person = await register(server)
    const link = await resetLink(server, person.email)
    const json = { token: queryOf(link, 'token'), password: newPassword }
    const plain = await server.request('POST', '/ui/reset-password', {
      raw: JSON.stringify(json),
      headers: { 'content-type': 'text/plain' },
    })
    assertPage(plain, 415)
    const multipart = await server.request('POST', '/ui/reset-password', {
      raw: '--b\r\n\r\n--b--',
      headers: { 'content-type': 'multipart/form-data; boundary=b' },
    })
    assertPage(multipart, 415)
    assert.equal((await minbil.signIn(server, person)).status, 200)
    assertPage(await open(server, link), 200)
  })
})

function submit(server: TestServer, link: string, password: string): Promise<Answer> {
  return server.request('POST', '/ui/reset-password', { form: { token: queryOf(link, 'token'), password } })
}

async function resetLink(server: TestServer, email: Person['email']): Promise<string> {
  const { links } = await mailCausedBy(server, { to: email, subject: /new password/ }, () =>
    server.request('POST', '/api/co/auth/forgot-password', { json: { email } }),
  )
  assert.equal(links.length, 1)
  return links[0] ?? ''
}
