import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { describe, it } from 'node:test'
import { createMessageRenderer } from '../../../src/delivery/render.ts'
import { messageSamples } from '../../../src/delivery/samples.ts'
import { authorizePath, redirectUri, refreshTokenOf, register } from '../../dialects/pm2/door.ts'
import { freshEmail, queryOf, useServer } from '../../harness/harness.ts'
import { plainBrowser } from '../jar.ts'
import { assertPage } from '../page.ts'
import { changeMail, confirm, provenPerson } from './names.ts'

const accountLink = /\/ui\/account/
/** OpenID Connect is the other thing that rests on the session of a browser. */
const off = 'realms: { main: { accountPage: false, openid: { enabled: false } } }'

describe('without accountPage', () => {
  const server = useServer('sqlite', { yaml: off })

  it('none of its pages is there, whatever leads to them', async () => {
    const paths = server.routes.filter(({ path }) =>
      /^\/ui\/(?:account|signed-out|confirm-change)/.test(path),
    )
    assert.deepEqual(paths, [])
    const navigate = { 'sec-fetch-mode': 'navigate' }
    for (const path of [
      '/ui',
      '/ui/account',
      '/ui/account/sign-in',
      '/ui/account/security',
      '/ui/signed-out',
    ])
      assertPage(await server.request('GET', path), 404)
    const short = await server.request('GET', '/account', { headers: navigate })
    assert.equal(short.headers.get('location'), null)
    // That of wolfpal's API, which asks who is there.
    assert.equal(short.status, 401)
  })

  it('no page leads there', async () => {
    const browser = plainBrowser(server)
    const pages = [
      '/',
      '/ui/no-such-page',
      '/ui/sign-in',
      '/ui/verify-email?token=none',
      '/ui/undo-change?token=none',
      '/ui/reset-password?token=none',
      '/ui/verify-email-done',
      '/ui/forgot-password',
      authorizePath(),
    ]
    for (const path of pages) assert.doesNotMatch((await browser.open(path)).text, accountLink, path)
    const { headers } = await browser.post('/ui/language', { language: 'nb', back: '' })
    assert.equal(headers.get('location'), '/ui/forgot-password')
  })

  it('no mail and no page of its links leads there', async () => {
    const email = freshEmail()
    await server.request('POST', '/api/co/auth/sign-up', { json: { email, password: '12345678' } })
    await server.request('POST', '/api/co/auth/forgot-password', { json: { email } })
    const browser = plainBrowser(server)
    const token = queryOf((await server.mail(email, /^Set/)).links[0], 'token')
    const reset = await browser.open(`/ui/reset-password?token=${token}`)
    const done = await browser.submit(reset, { password: 'a new passphrase' })
    assertPage(done, 200)
    const { text, html, links } = await server.mail(email, /^Your password .* was changed/)
    for (const shown of [done.text, text, html ?? '']) assert.doesNotMatch(shown, accountLink)
    assert.doesNotMatch(text, /What has happened/)
    assert.deepEqual(links, ['http://localhost:5000/ui/forgot-password'])
  })

  it('whoever is to lose their account is told whom to ask', async () => {
    for (const language of ['en', 'nb'] as const) {
      const { activityLink: _, ...sample } = messageSamples['deletion-begun']
      const { text, html } = await createMessageRenderer(undefined).mail('deletion-begun', language, sample)
      for (const shown of [text, html]) {
        assert.match(shown, /those who run Example|dem som driver Example/)
        assert.doesNotMatch(shown, /Keep my account|Behold kontoen min|\/ui\/account/)
      }
    }
  })

  it('people sign in to apps as before', async () => {
    const person = await register(server)
    const browser = plainBrowser(server)
    const typed = { identifier: person.username, password: person.password }
    const done = await browser.submit(await browser.open(authorizePath()), typed)
    assert.ok(refreshTokenOf(done, redirectUri))
  })
})

describe('an account page that is turned off later', () => {
  const server = useServer('sqlite', { yaml: 'realms: { main: {} }' })

  it('leaves a browser that was signed in to it nobody, and a changed address can still be undone', async () => {
    const { person, browser } = await provenPerson(server)
    await confirm(browser, await changeMail(server, browser, freshEmail()))
    const undo = (await server.mail(person.email, /^Your e-mail address/)).links.find((link) =>
      link.includes('/ui/undo-change'),
    )
    assert.match((await browser.open(authorizePath())).text, /Continue as/)
    await server.restart(() => writeFile(server.env.MANYDOORS_CONFIG ?? '', off))
    assertPage(await browser.open('/ui/account'), 404)
    const signIn = await browser.open(authorizePath())
    assert.match(signIn.text, /<h1>Sign in<\/h1>/)
    assert.doesNotMatch(signIn.text, /Continue as/)
    const page = await browser.open(new URL(undo ?? '').pathname + new URL(undo ?? '').search)
    assertPage(page, 200)
    assert.match((await browser.submit(page, {})).text, /name="password"/)
  })
})
