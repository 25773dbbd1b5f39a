import assert from 'node:assert/strict'
import { it } from 'node:test'
import { type Person, register } from '../../harness/doors.ts'
import { onEveryEngine } from '../../harness/harness.ts'
import { formsOf } from '../../pages/html.ts'
import { assertPage } from '../../pages/page.ts'
import { type AppBrowser, appBrowser, callbackOf, isSignInPage, redirectOf } from '../browser.ts'
import { useOpenid } from '../harness.ts'
import { type Begun, beginSignIn, finishSignIn, signIn } from '../relying-party.ts'

const web = { id: 'web' }
const guest = { id: 'guest', settings: { firstParty: false } }

onEveryEngine('a browser that somebody else has led or sits at', (engine) => {
  const server = useOpenid(engine, { apps: [web, guest] })

  const atAccountPage = async (person: Person, browser = appBrowser(server)): Promise<AppBrowser> => {
    const page = await browser.visit('/ui/account')
    await browser.send(page, { identifier: person.email, password: person.password })
    assert.ok((await browser.visit('/ui/account')).text.includes(person.email))
    return browser
  }
  const begin = async (parameters: Record<string, string> = {}) =>
    beginSignIn(await server.party('web'), parameters)
  /** Where the person is asked: the path of that page, whose cookies the browser keeps. */
  const questionOf = async (browser: AppBrowser, { url }: Begun): Promise<string> => {
    const cookie = [...browser.cookies].map((pair) => pair.join('=')).join('; ')
    const answer = await server.request('GET', `${url.pathname}${url.search}`, { headers: { cookie } })
    for (const set of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(set) ?? []
      browser.cookies.set(name, value)
    }
    return redirectOf(answer)?.pathname ?? assert.fail(answer.text)
  }

  it('is asked before it is signed out, though it has signed in at the account page alone', async () => {
    const browser = await atAccountPage(await register(server))
    const page = await browser.visit('/oidc/logout')
    assertPage(page, 200)
    assert.match(page.text, /<button[^>]* name="logout" value="yes"/)
    assert.doesNotMatch(page.text, /\.submit\(\)/)
    assert.match((await browser.visit('/ui/account')).text, /<h1>Profile<\/h1>/)
  })

  it('is not signed out by a form of another site, or of another browser', async () => {
    const person = await register(server)
    const [browser, other] = [await atAccountPage(person), appBrowser(server)]
    const [form] = formsOf(await other.visit('/oidc/logout'))
    await browser.visit('/oidc/logout')
    for (const xsrf of [form?.fields.xsrf ?? assert.fail(), 'guessed', '']) {
      const { status } = await browser.post('/oidc/logout/confirm', { xsrf, logout: 'yes' })
      assert.equal(status, 400)
    }
    assert.match((await browser.visit('/ui/account')).text, /<h1>Profile<\/h1>/)
  })

  it('shows who sits there where the app wants a sign-in anew, whatever is sent to its page', async () => {
    const browser = await atAccountPage(await register(server))
    const path = await questionOf(browser, await begin({ prompt: 'login' }))
    for (const answer of ['allow', 'another']) {
      const sent = await browser.post(path, { form: 'none', answer })
      assert.ok(isSignInPage(await browser.visit(redirectOf(sent) ?? assert.fail(sent.text))))
    }
  })

  it('shows who sits there where the app wants an account chosen, and a sign-in anew', async () => {
    const person = await register(server)
    const browser = await atAccountPage(person)
    const begun = await begin({ prompt: 'select_account login' })
    const page = await browser.visit(begun.url)
    assert.ok(isSignInPage(page), page.text)
    const back = await browser.send(page, { identifier: person.email, password: person.password })
    const tokens = await finishSignIn(await server.party('web'), callbackOf(back), begun)
    assert.ok(tokens.id_token)
  })

  it('goes on with a sign-in for as long as it is signed in, and asks whoever sits there then', async () => {
    const [person, other] = [await register(server), await register(server)]
    const halfway = async () => {
      const browser = appBrowser(server)
      const page = await browser.visit((await begin({ scope: 'openid offline_access' })).url)
      const signedIn = await browser.submit(page, { identifier: person.email, password: person.password })
      return { browser, resume: redirectOf(signedIn) ?? assert.fail(signedIn.text) }
    }
    const left = await halfway()
    left.browser.cookies.delete('__Host-manydoors-session')
    assert.ok(isSignInPage(await left.browser.visit(left.resume)))
    const taken = await halfway()
    taken.browser.cookies.delete('__Host-manydoors-session')
    await atAccountPage(other, taken.browser)
    const asked = await taken.browser.visit(taken.resume)
    assert.equal(redirectOf(asked), undefined, 'it was signed in as who has left')
    const ended = await halfway()
    const session = ended.browser.cookies.get('__Host-manydoors-session') ?? assert.fail()
    const account = await ended.browser.visit('/ui/account')
    await ended.browser.send(account, {}).catch(() => undefined)
    const out =
      formsOf(account).find(({ action }) => action.includes('sign-out')) ?? assert.fail(account.text)
    await ended.browser.post(out.action, out.fields)
    ended.browser.cookies.set('__Host-manydoors-session', session)
    assert.ok(isSignInPage(await ended.browser.visit(ended.resume)))
  })

  it('has nothing of a question that another browser was asked, or that another app asks', async () => {
    const person = await register(server)
    const [browser, other] = [await atAccountPage(person), await atAccountPage(await register(server))]
    const asked = await beginSignIn(await server.party('guest'))
    const page = await browser.visit(asked.url)
    const [form] = formsOf(page)
    const theirs = form ?? assert.fail(page.text)
    assert.equal((await other.visit(theirs.action)).status, 400)
    assert.equal((await other.post(theirs.action, { ...theirs.fields, answer: 'allow' })).status, 400)
    // A question of its own does not open that of another: the cookie is of one, and the path of the other.
    await other.visit((await beginSignIn(await server.party('guest'))).url)
    assert.equal((await other.post(theirs.action, { ...theirs.fields, answer: 'allow' })).status, 400)
    assert.ok(redirectOf(await browser.send(page, {}, 'allow'))?.searchParams.has('code'))
  })

  it('is signed in to nothing by the cookie of the protocol alone, its own or another', async () => {
    const [person, attacker] = [await register(server), await register(server)]
    const [victims, attackers] = [appBrowser(server), appBrowser(server)]
    await signIn(await server.party('web'), attackers, attacker)
    await signIn(await server.party('web'), victims, person)
    const name = [...attackers.cookies.keys()].find((name) => name.endsWith('manydoors-openid')) ?? ''
    const alone = appBrowser(server)
    alone.cookies.set(name, victims.cookies.get(name) ?? assert.fail('it has no cookie'))
    assert.ok(isSignInPage(await alone.visit((await begin()).url)))
    // Planted in a browser of somebody else it changes nothing of who that is.
    victims.cookies.set(name, attackers.cookies.get(name) ?? assert.fail('it has no cookie'))
    const begun = await begin()
    const tokens = await finishSignIn(
      await server.party('web'),
      callbackOf(await victims.visit(begun.url)),
      begun,
    )
    const { sub } = tokens.claims() ?? assert.fail('no ID token')
    const own = await signIn(await server.party('web'), appBrowser(server), person)
    assert.equal(sub, own.claims()?.sub)
  })
})
