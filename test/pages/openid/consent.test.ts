import assert from 'node:assert/strict'
import { it } from 'node:test'
import * as client from 'openid-client'
import { select } from '../../harness/database.ts'
import { type Person, register } from '../../harness/doors.ts'
import { onEveryEngine } from '../../harness/harness.ts'
import { appBrowser, callbackOf, redirectOf } from '../../openid/browser.ts'
import { useOpenid } from '../../openid/harness.ts'
import { beginSignIn, finishSignIn } from '../../openid/relying-party.ts'
import { formsOf } from '../html.ts'
import { assertPage } from '../page.ts'
import { stale } from '../visitor.ts'

const guest = { id: 'guest', settings: { firstParty: false } }
const house = { id: 'house' }
const api = { identifier: 'https://api.example', scopes: ['orders:read'] }

onEveryEngine('somebody from whom an app of others wants something', (engine) => {
  const server = useOpenid(engine, { apps: [guest, house], openid: { resources: [api] } })
  const url = () => server.env.DATABASE_URL ?? ''

  const asked = async (
    parameters: Record<string, string> = {},
    known?: Person,
    browser = appBrowser(server),
  ) => {
    const person = known ?? (await register(server))
    const party = await server.party('guest')
    const begun = await beginSignIn(party, parameters)
    let page = await browser.visit(begun.url)
    if (page.text.includes('name="password"'))
      page = await browser.send(page, { identifier: person.email, password: person.password })
    return { person, browser, party, begun, page }
  }
  const pathOf = (page: { text: string }) => formsOf(page)[0]?.action ?? assert.fail(page.text)

  it('is told who asks, for what, as whom, and where it leads, and gets back with a code', async () => {
    const scopes = { scope: 'openid email offline_access orders:read', resource: api.identifier }
    const { person, page, browser, begun, party } = await asked({ ...scopes, prompt: 'consent' })
    assertPage(page, 200, 'https://guest.example https:')
    assert.match(page.text, /<h1>guest wants to use your account<\/h1>/)
    assert.ok(page.text.includes(`You are signed in as ${person.email}.`), page.text)
    assert.match(page.text, /Either way you go back to guest\.example\./)
    for (const text of [
      'know that it is you',
      'see your e-mail address',
      'keep access while you are not there',
      'do what is called “orders:read” at api.example',
    ])
      assert.ok(page.text.includes(`<li>${text}`), text)
    const callback = callbackOf(await browser.send(page, {}, 'allow'))
    const tokens = await finishSignIn(party, callback, begun)
    assert.ok(tokens.refresh_token)
  })

  it('is not asked again for what they have allowed, and for nothing but what is new', async () => {
    const first = await asked({ scope: 'openid email' })
    await first.browser.send(first.page, {}, 'allow')
    const again = await asked({ scope: 'openid email' }, first.person, first.browser)
    assert.ok(redirectOf(again.page)?.searchParams.has('code'), again.page.text)
    const more = await asked({ scope: 'openid email phone' }, first.person, first.browser)
    assert.match(more.page.text, /<li>see your phone number/)
    assert.doesNotMatch(more.page.text, /<li>see your e-mail address/)
  })

  it('can refuse, and the app is told that alone', async () => {
    const { person, page, browser, begun } = await asked()
    const { searchParams } = callbackOf(await browser.send(page, {}, 'deny'))
    assert.equal(searchParams.get('error'), 'access_denied')
    assert.equal(searchParams.get('state'), begun.checks.expectedState)
    assert.equal(searchParams.get('code'), null)
    const ofPerson = `(select id from accounts where email = '${person.email}')`
    assert.deepEqual(await select(url(), `select * from openid_consents where account_id = ${ofPerson}`), [])
  })

  it('is not asked by an app of the house', async () => {
    const { person, browser } = await asked()
    const begun = await beginSignIn(await server.party('house'))
    const page = await browser.visit(begun.url)
    assert.ok(redirectOf(page)?.searchParams.has('code'), `${person.email}: ${page.text}`)
  })

  it('can turn to another account before they answer', async () => {
    const { page, browser, begun, party } = await asked()
    const other = await register(server)
    const signIn = await browser.send(page, {}, 'another')
    assert.match(signIn.text, /name="password"/)
    const next = await browser.send(signIn, { identifier: other.email, password: other.password })
    assert.ok(next.text.includes(`You are signed in as ${other.email}.`), next.text)
    const tokens = await finishSignIn(party, callbackOf(await browser.send(next, {}, 'allow')), begun)
    const [account] = await select(url(), `select id from accounts where email = '${other.email}'`)
    assert.equal(tokens.claims()?.sub, account?.id)
  })

  it('allows by nothing but a form that was made for this browser', async () => {
    const mine = await asked()
    const theirs = await asked()
    const foreign = { ...formsOf(theirs.page)[0]?.fields, answer: 'allow' }
    const refused = await mine.browser.post(pathOf(mine.page), foreign)
    assert.equal(refused.status, 403)
    assert.ok(refused.text.includes(stale), refused.text)
    const { headers } = await theirs.browser.post(pathOf(mine.page), foreign)
    assert.equal(headers.get('location'), null)
  })

  it('signs in anew where the session of the browser has ended meanwhile', async () => {
    const { page, browser, person } = await asked()
    browser.cookies.delete('__Host-manydoors-session')
    const signIn = await browser.send(page, {}, 'allow')
    assert.match(signIn.text, /name="password"/)
    const next = await browser.send(signIn, { identifier: person.email, password: person.password })
    assert.match(next.text, /value="allow"/)
    assert.ok(callbackOf(await browser.send(next, {}, 'allow')).searchParams.has('code'))
  })

  it('is told that it is over where the browser has no such question', async () => {
    const { page } = await asked()
    const stranger = appBrowser(server)
    assertPage(await stranger.open(pathOf(page)), 400)
    assertPage(await stranger.open('/ui/authorize/none'), 400)
    assertPage(await stranger.open(`${pathOf(page)}/continue?code=none`), 400)
  })

  it('finds what they have allowed on the account page, and takes it back there', async () => {
    const { person, page, browser, party, begun } = await asked({
      scope: 'openid email offline_access',
      prompt: 'consent',
    })
    const tokens = await finishSignIn(party, callbackOf(await browser.send(page, {}, 'allow')), begun)
    const apps = await browser.visit('/ui/account/apps')
    assert.match(apps.text, /<strong>guest<\/strong>/)
    assert.match(apps.text, /<li>see your e-mail address<\/li>/)
    const done = await browser.submit(apps, {}, '/ui/account/apps/withdraw')
    assert.match(done.text, /guest has no access to your account any more\./)
    assert.match(done.text, /No app uses this account yet\./)
    await assert.rejects(() => refreshOf(party, tokens.refresh_token ?? ''), /invalid_grant|server responded/)
    const events = await select(
      url(),
      `select event from audit where account_id = (select id from accounts where email = '${person.email}') and event like 'consent%' order by at, id`,
    )
    assert.deepEqual(
      events.map(({ event }) => event),
      ['consent.given', 'consent.withdrawn'],
    )
    const again = await asked({ scope: 'openid email' }, person, browser)
    assert.match(again.page.text, /value="allow"/)
  })

  it('takes back a code, too, that the app has not used yet', async () => {
    const { page, browser, party, begun } = await asked()
    const callback = callbackOf(await browser.send(page, {}, 'allow'))
    await browser.submit(await browser.visit('/ui/account/apps'), {}, '/ui/account/apps/withdraw')
    await assert.rejects(() => finishSignIn(party, callback, begun), /invalid_grant|server responded/)
  })

  it('sees on which device an app is, through which browser', async () => {
    const { page, browser, party, begun } = await asked()
    await finishSignIn(party, callbackOf(await browser.send(page, {}, 'allow')), begun)
    const devices = await browser.visit('/ui/account/devices')
    assert.match(devices.text, /guest, in this browser/)
  })
})

function refreshOf(party: { config: client.Configuration }, token: string) {
  return client.refreshTokenGrant(party.config, token)
}
