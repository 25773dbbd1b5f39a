import assert from 'node:assert/strict'
import { it } from 'node:test'
import { nextCode, registerWithSecondFactor } from '../../dialects/wolfpal/door.ts'
import { select } from '../../harness/database.ts'
import { type Person, register } from '../../harness/doors.ts'
import { onEveryEngine } from '../../harness/harness.ts'
import { type AppBrowser, appBrowser, callbackOf, isSignInPage, redirectOf } from '../../openid/browser.ts'
import { useOpenid } from '../../openid/harness.ts'
import { beginSignIn, finishSignIn } from '../../openid/relying-party.ts'
import { formsOf } from '../html.ts'
import { signInAtAccount } from '../jar.ts'
import { assertPage } from '../page.ts'

const session = '__Host-manydoors-session'

onEveryEngine('a browser that an app has sent by OpenID Connect', (engine) => {
  const server = useOpenid(engine, { apps: [{ id: 'shop' }] })
  const url = () => server.env.DATABASE_URL ?? ''

  const begin = async (browser: AppBrowser, parameters: Record<string, string> = {}) => {
    const party = await server.party('shop')
    const begun = await beginSignIn(party, parameters)
    return { party, begun, page: await browser.visit(begun.url) }
  }
  const typed = ({ email, password }: Pick<Person, 'email' | 'password'>) => ({ identifier: email, password })
  /** A browser that is signed in, by the app itself. */
  const signedIn = async () => {
    const [person, browser] = [await register(server), appBrowser(server)]
    const { party, begun, page } = await begin(browser)
    const tokens = await finishSignIn(party, callbackOf(await browser.send(page, typed(person))), begun)
    return { person, browser, tokens }
  }
  const liveSessions = (email: string, dialect: string) =>
    select(
      url(),
      `select id, proven_at from sessions where ended_at is null and dialect = '${dialect}'
       and account_id = (select id from accounts where email = '${email}')`,
    )

  it('signs in on the page of every login, and the account page is open then, too', async () => {
    const { person, browser } = await signedIn()
    assert.ok((await browser.visit('/ui/account')).text.includes(person.email))
    assert.equal((await liveSessions(person.email, 'account')).length, 1)
  })

  it('goes on as whoever is signed in to the account page, without a question', async () => {
    const person = await register(server)
    const { cookies } = await signInAtAccount(server, { username: person.email, password: person.password })
    const browser = appBrowser(server)
    browser.cookies.set(session, cookies.get(session) ?? '')
    const { page } = await begin(browser)
    assert.ok(redirectOf(page)?.searchParams.has('code'), page.text)
  })

  it('says to where its form leads, and fills in whom the app means', async () => {
    const { page } = await begin(appBrowser(server), { login_hint: 'ada@example.com' })
    assertPage(page, 200, 'https://shop.example https:')
    assert.equal(formsOf(page)[0]?.fields.identifier, 'ada@example.com')
    const long = await begin(appBrowser(server), { login_hint: 'a'.repeat(255) })
    assert.equal(formsOf(long.page)[0]?.fields.identifier, '')
  })

  it('speaks the language that the app asks for, unless the browser was switched', async () => {
    const { page } = await begin(appBrowser(server), { ui_locales: 'fr nb-NO en' })
    assert.match(page.text, /<html lang="nb">/)
    const switched = appBrowser(server)
    switched.cookies.set('__Host-manydoors-language', 'en')
    assert.match((await begin(switched, { ui_locales: 'nb' })).page.text, /<html lang="en">/)
  })

  for (const [name, parameters] of [
    ['prompt=login', { prompt: 'login' }],
    ['max_age=0', { max_age: '0' }],
  ] as const) {
    it(`is asked for the password again for ${name}, and keeps its session and its apps`, async () => {
      const { person, browser } = await signedIn()
      const before = browser.cookies.get(session)
      const [row] = await liveSessions(person.email, 'account')
      server.clock.advance(60_000)
      const { page, party, begun } = await begin(browser, parameters)
      assert.ok(isSignInPage(page), page.text)
      const callback = callbackOf(await browser.send(page, typed(person)))
      const tokens = await finishSignIn(party, callback, begun)
      assert.ok(tokens.refresh_token)
      const [again, ...others] = await liveSessions(person.email, 'account')
      assert.deepEqual([again?.id, others], [row?.id, []])
      assert.ok(Number(again?.proven_at) > Number(row?.proven_at))
      assert.equal((await liveSessions(person.email, 'openid')).length, 2)
      // Nobody can have planted the secret.
      assert.notEqual(browser.cookies.get(session), before)
      const stale = appBrowser(server)
      stale.cookies.set(session, before ?? '')
      assert.match((await stale.visit('/ui/account')).text, /<h1>Sign in<\/h1>/)
    })
  }

  it('ends what was of another account when somebody else signs in', async () => {
    const { person, browser } = await signedIn()
    const other = await register(server)
    const { page, begun, party } = await begin(browser, { prompt: 'login' })
    const tokens = await finishSignIn(party, callbackOf(await browser.send(page, typed(other))), begun)
    const [account] = await select(url(), `select id from accounts where email = '${other.email}'`)
    assert.equal(tokens.claims()?.sub, account?.id)
    assert.deepEqual(await liveSessions(person.email, 'account'), [])
    assert.deepEqual(await liveSessions(person.email, 'openid'), [])
  })

  it('chooses the account for prompt=select_account: the one that is signed in, or another', async () => {
    const { person, browser } = await signedIn()
    const { page, party, begun } = await begin(browser, { prompt: 'select_account' })
    assert.ok(page.text.includes(`Continue as ${person.email}`), page.text)
    const tokens = await finishSignIn(party, callbackOf(await browser.send(page, {})), begun)
    assert.ok(tokens.id_token)
    const next = await begin(browser, { prompt: 'select_account' })
    const [, another = ''] = /href="([^"]*sign-in\?another)"/.exec(next.page.text) ?? []
    const signIn = await browser.visit(another)
    assert.ok(isSignInPage(signIn), signIn.text)
  })

  it('shows a second factor that the app needs, though the browser is trusted', async () => {
    const person = await registerWithSecondFactor(server)
    const browser = appBrowser(server)
    const first = await begin(browser)
    const code = await browser.send(first.page, { identifier: person.username, password: person.password })
    const trusting = { code: nextCode(server, person.secret), trust: 'on' }
    assert.ok(callbackOf(await browser.send(code, trusting)).searchParams.has('code'))
    browser.cookies.delete(session)
    const again = await begin(browser, { acr_values: 'aal2' })
    const asked = await browser.send(again.page, { identifier: person.username, password: person.password })
    assert.match(asked.text, /<h1>Enter your code<\/h1>/)
    server.clock.advance(60_000)
    const callback = callbackOf(await browser.send(asked, { code: nextCode(server, person.secret) }))
    const tokens = await finishSignIn(again.party, callback, again.begun)
    assert.equal(tokens.claims()?.acr, 'aal2')
  })

  it('is sent back with an error where the app takes nobody without one, and the account has none', async () => {
    const [person, browser] = [await register(server), appBrowser(server)]
    const claims = JSON.stringify({ id_token: { acr: { essential: true, value: 'aal2' } } })
    const { page } = await begin(browser, { claims })
    const { searchParams } = callbackOf(await browser.send(page, typed(person)))
    assert.equal(searchParams.get('error'), 'unmet_authentication_requirements')
  })

  it('finishes a login at its own place alone, and once', async () => {
    const person = await register(server)
    const browser = appBrowser(server)
    const prove = async () => {
      const { page } = await begin(browser)
      const [form = assert.fail(page.text)] = formsOf(page)
      const proven = await browser.post(form.action, { ...form.fields, ...typed(person) })
      const finish = new URL(proven.headers.get('location') ?? '', 'http://localhost')
      assert.match(finish.pathname, /^\/ui\/authorize\/[\w-]+\/continue$/)
      return finish
    }
    const other = await prove()
    const own = await prove()
    assertPage(await browser.open(`${own.pathname}${other.search}`), 400)
    assertPage(await appBrowser(server).open(`${own.pathname}${own.search}`), 400)
    assert.ok(redirectOf(await browser.open(`${own.pathname}${own.search}`)))
    assertPage(await browser.open(`${own.pathname}${own.search}`), 400)
  })
})
