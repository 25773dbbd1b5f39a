import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  beginLogin,
  commandLineClient,
  defaultClient,
  loopbackUri,
  password,
  redirectUri,
  refresh,
  refreshTokenOf,
  register,
  reset,
  send,
  tokenMailed,
  whoAmI,
} from '../dialects/pm2/door.ts'
import { type RequestOptions, useServer } from '../harness/harness.ts'
import { unescaped } from './html.ts'
import { assertPage } from './page.ts'
import { assertOver, assertProblem, assertProven, browse, fieldsOf, stale, wrong } from './visitor.ts'

const minute = 60_000

describe('the sign-in page', () => {
  const server = useServer('sqlite')
  const begin = async (client?: string, uri?: string) => browse(server, await beginLogin(server, client, uri))

  it('signs in with a user name and with an e-mail address, and leads back to the app', async () => {
    const person = await register(server)
    for (const identifier of [person.username, ` ${person.email.toUpperCase()} `]) {
      const browser = await begin()
      const page = await browser.open('/ui/sign-in')
      assertPage(page, 200, redirectUri)
      assert.match(page.text, /To continue to PM2/)
      assert.deepEqual(page.cookies, [])
      const done = await browser.open(assertProven(await browser.submit(page, { identifier, password })))
      const { body } = await refresh(server, refreshTokenOf(done, redirectUri))
      assert.equal((await whoAmI(server, body.access_token)).body.username, person.username)
      assertOver(await browser.open('/ui/sign-in'))
      assertOver(await browser.submit(page, { identifier, password }))
    }
  })

  it('lets its form redirect to the app of the login alone', async () => {
    const targets = [
      { client: commandLineClient, uri: 'http://localhost:51234/', target: 'http://localhost:51234' },
      { client: commandLineClient, uri: 'http://[::1]:51234', target: 'http:' },
      { client: commandLineClient, uri: undefined, target: loopbackUri },
      { client: defaultClient, uri: `${redirectUri}/`, target: redirectUri },
    ]
    for (const { client, uri, target } of targets) {
      const browser = await begin(client, uri)
      const page = await browser.open('/ui/sign-in')
      assertPage(page, 200, target)
      assertProblem(await browser.submit(page, { identifier: 'x', password }), 401, wrong, target)
    }
  })

  it('answers wrong passwords and unknown names alike, and is shown again', async () => {
    const { username, email } = await register(server)
    const browser = await begin()
    let page = await browser.open('/ui/sign-in')
    for (const identifier of [username, email, 'nobody at all', 'nobody@example.com']) {
      page = await browser.submit(page, { identifier, password: 'wrong-password' })
      assertProblem(page, 401, wrong)
      assert.equal(fieldsOf(page).identifier, identifier)
      assert.doesNotMatch(page.text, /wrong-password/)
    }
    assertProven(await browser.submit(page, { identifier: username, password }))
  })

  it('asks for what is missing', async () => {
    const browser = await begin()
    const page = await browser.open('/ui/sign-in')
    const text = 'Enter your e-mail address or user name, and your password.'
    for (const typed of [
      { identifier: '', password },
      { identifier: '  ', password },
      { identifier: 'x', password: '' },
    ])
      assertProblem(await browser.submit(page, typed), 400, text)
    assertProblem(await browser.post('/ui/sign-in', { form: fieldsOf(page).form ?? '' }), 400, text)
  })

  it('shows what was typed as text', async () => {
    const browser = await begin()
    const page = await browser.open('/ui/sign-in')
    for (const identifier of [
      '"><script>alert(1)</script>',
      "' autofocus onfocus=x",
      '{{ texts.signInTitle }}',
    ]) {
      const shown = await browser.submit(page, { identifier, password })
      assert.equal(shown.status, 401)
      assert.equal(unescaped(fieldsOf(shown).identifier ?? ''), identifier)
      assert.doesNotMatch(shown.text, /<script(?! src="\/ui\/assets\/)/)
    }
  })

  it('is in Norwegian on request', async () => {
    const browser = await begin()
    for (const wanted of ['nb-NO,nb;q=0.9,en;q=0.8', 'no', 'nn-NO', 'fr, nb;q=0.2, en;q=0.1']) {
      const { text, headers } = await browser.open('/ui/sign-in', { 'accept-language': wanted })
      assert.match(text, /<html lang="nb">[\s\S]*<h1>Logg inn<\/h1>[\s\S]*For å gå videre til PM2/)
      assert.equal(headers.get('vary'), 'Accept-Language, Cookie')
    }
    const english = await browser.open('/ui/sign-in', { 'accept-language': 'fr' })
    assert.match(english.text, /<html lang="en">/)
  })

  describe('is only for those', () => {
    it('whom an app has sent here, for ten minutes', async () => {
      const { username } = await register(server)
      const browser = await begin()
      const page = await browser.open('/ui/sign-in')
      const typed = { ...fieldsOf(page), identifier: username, password }
      const cookie = await beginLogin(server)
      const empty = cookie.replace(/=.*/, '=')
      for (const foreign of ['', 'other=1', empty, cookie.toUpperCase(), `${cookie}0`]) {
        assertOver(await browse(server, foreign).open('/ui/sign-in'))
        for (const path of ['/ui/sign-in', '/ui/sign-in/second-factor'])
          assertOver(await browse(server, foreign).post(path, typed))
      }
      server.clock.advance(10 * minute + 1000)
      assertOver(await browser.open('/ui/sign-in'))
      assertOver(await browser.submit(page, typed))
    })

    it('who send the form that was made for them', async () => {
      const { username } = await register(server)
      const [browser, other] = [await begin(), await begin()]
      const foreign = fieldsOf(await other.open('/ui/sign-in')).form ?? ''
      const own = fieldsOf(await browser.open('/ui/sign-in')).form ?? ''
      assert.match(own, /^[\w-]{64}$/)
      const typed = { identifier: username, password }
      for (const form of [foreign, '', 'x', `${own}A`, own.slice(0, -4), `${own}=`, ` ${own}`, `${own}!`]) {
        const refused = await browser.post('/ui/sign-in', { ...typed, form })
        assertProblem(refused, 403, stale)
        // Another one in each page, and the ones before are as good.
        assert.notEqual(fieldsOf(refused).form, own)
      }
      assertProblem(await browser.post('/ui/sign-in', typed), 403, stale)
      assertProven(await browser.post('/ui/sign-in', { ...typed, form: own }))
    })

    it('whose browser has kept the login: the form of another one is refused', async () => {
      const { username } = await register(server)
      const old = await (await begin()).open('/ui/sign-in')
      const browser = await begin(commandLineClient)
      const typed = { identifier: username, password }
      assertOver(await browser.submit(old, typed))
      const { form = '' } = fieldsOf(old)
      const refused = await browser.post('/ui/sign-in', { ...typed, form })
      assertProblem(refused, 403, stale, loopbackUri)
      refreshTokenOf(await browser.open(assertProven(await browser.submit(refused, typed))), loopbackUri)
    })
  })

  it('resists login CSRF', async () => {
    const [attacker, victim] = [await register(server), await register(server)]
    const [evil, innocent] = [await begin(), await begin()]
    const page = await evil.open('/ui/sign-in')
    const path = assertProven(await evil.submit(page, { identifier: attacker.username, password }))
    // The victim is in the middle of a login, and is made to open the attacker's path.
    const mine = await innocent.open('/ui/sign-in')
    assertOver(await innocent.open(path))
    const own = assertProven(await innocent.submit(mine, { identifier: victim.username, password }))
    // The attacker, who has seen the victim's path, has not the victim's cookie.
    assertOver(await evil.open(own))
    const token = refreshTokenOf(await innocent.open(own), redirectUri)
    const { body } = await refresh(server, token)
    assert.equal((await whoAmI(server, body.access_token)).body.username, victim.username)
  })

  it('is void after a new password: what was proven by the old one is lost', async () => {
    const person = await register(server)
    const browser = await begin()
    const page = await browser.open('/ui/sign-in')
    const path = assertProven(await browser.submit(page, { identifier: person.username, password }))
    const token = await tokenMailed(server, { to: person.email, subject: reset }, () =>
      send(server, 'POST', '/reset_password', { json: { email: person.email } }),
    )
    const json = { password: 'another password altogether' }
    assert.equal((await send(server, 'POST', `/reset_password/${token}`, { json })).status, 200)
    assertOver(await browser.open(path))
    assertProblem(await browser.submit(page, { identifier: person.username, password }), 401, wrong)
  })

  it('survives malformed forms', async () => {
    const cookie = await beginLogin(server)
    const post = (options: RequestOptions) =>
      server.request('POST', '/ui/sign-in', { ...options, headers: { ...options.headers, cookie } })
    const type = (value: string) => ({ 'content-type': value })
    const typed = 'form=a&form=b&identifier=a&identifier=b&password[]=x'
    assertProblem(await post({ raw: typed, headers: type('application/x-www-form-urlencoded') }), 403, stale)
    assertProblem(await post({ json: { form: 7, identifier: {}, password: null } }), 403, stale)
    assertProblem(await post({}), 403, stale)
    for (const [status, options] of [
      [400, { raw: '{', headers: type('application/json') }],
      [413, { raw: 'x'.repeat(70_000), headers: type('application/json') }],
      [415, { raw: 'x', headers: type('text/plain') }],
    ] as const) {
      assertPage(await post(options), status)
    }
    assertPage(await browse(server, cookie).open('/ui/sign-in'), 200, redirectUri)
  })
})
