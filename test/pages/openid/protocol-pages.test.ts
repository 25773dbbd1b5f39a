import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { register } from '../../harness/doors.ts'
import { appBrowser, callbackOf } from '../../openid/browser.ts'
import { useOpenid } from '../../openid/harness.ts'
import { beginSignIn } from '../../openid/relying-party.ts'
import { assertNoForm, assertPage } from '../page.ts'

const shop = { id: 'shop', settings: { postLogoutRedirectUris: ['https://shop.example/bye'] } }
const tv = { id: 'tv', settings: { authMethod: 'none' as const, grants: ['device_code' as const] } }

// Nothing of it is of a database.
describe('a page of the protocol', () => {
  const server = useOpenid('sqlite', { apps: [shop, tv] })

  const startDevice = async () => {
    const form = { client_id: 'tv', scope: 'openid' }
    const { body } = await server.request('POST', '/oidc/device/code', { form })
    const device = { grant_type: 'urn:ietf:params:oauth:grant-type:device_code', client_id: 'tv' }
    const poll = () =>
      server.request('POST', '/oidc/token', { form: { ...device, device_code: body.device_code } })
    return { code: String(body.user_code), poll }
  }
  const enter = async (code: string, browser = appBrowser(server)) => {
    const page = await browser.visit('/oidc/device')
    assertPage(page, 200)
    return { browser, page: await browser.send(page, { user_code: code }) }
  }

  it('asks for the code of a device, compares it, warns of those who send one, and signs the device in', async () => {
    const person = await register(server)
    const { code, poll } = await startDevice()
    const { browser, page } = await enter(code.toLowerCase())
    assertPage(page, 200)
    assert.ok(page.text.includes(`<p class="code">${code}</p>`), page.text)
    assert.match(page.text, /<p>tv wants to be signed in with your account/)
    assert.match(page.text, /It asks from:[^<]* 127\.0\.0\.1/)
    assert.match(page.text, /If somebody has sent you the code or a link, do not go on/)
    assert.equal((await poll()).body.error, 'authorization_pending')
    const signIn = await browser.send(page, {}, 'yes')
    const done = await browser.send(signIn, { identifier: person.email, password: person.password })
    assertPage(done, 200)
    assert.match(done.text, /Your device is signed in/)
    assertNoForm(done)
    server.clock.advance(6_000)
    assert.ok((await poll()).body.access_token)
  })

  it('says what is wrong with a code, and takes none twice', async () => {
    const unknown = await enter('BCDF-GHJK')
    assert.match(unknown.page.text, /role="alert"[^>]*>There is no such code/)
    assert.match((await enter('')).page.text, /role="alert"[^>]*>Enter the code/)
    const { code, poll } = await startDevice()
    const { browser, page } = await enter(code)
    const form = /name="xsrf" value="([^"]+)"/.exec(page.text)?.[1] ?? ''
    const refused = await browser.post('/oidc/device', { xsrf: form, user_code: code, abort: 'yes' })
    assertPage(refused, 200)
    assert.match(refused.text, /The device was refused/)
    assert.equal((await poll()).body.error, 'access_denied')
    assert.match((await enter(code)).page.text, /role="alert"[^>]*>This code was used already/)
  })

  it('asks before it signs out of everything, or of the app alone', async () => {
    const person = await register(server)
    const browser = appBrowser(server)
    const { url } = await beginSignIn(await server.party('shop'))
    callbackOf(
      await browser.send(await browser.visit(url), { identifier: person.email, password: person.password }),
    )
    const query = { client_id: 'shop', post_logout_redirect_uri: 'https://shop.example/bye' }
    const page = await browser.visit(`/oidc/logout?${new URLSearchParams(query)}`)
    assertPage(page, 200, 'https://shop.example https:')
    assert.match(page.text, /shop asks to sign you out\./)
    assert.equal(callbackOf(await browser.send(page, {})).href, 'https://shop.example/bye')
    assert.match((await browser.visit('/ui/account')).text, /<h1>Profile<\/h1>/)
    const again = await browser.visit('/oidc/logout')
    assert.doesNotMatch(again.text, /asks to sign you out/)
    const done = await browser.send(again, {}, 'yes')
    assertPage(done, 200)
    assert.match(done.text, /in this browser, are signed out\./)
    assert.match((await browser.visit('/ui/account')).text, /<h1>Sign in<\/h1>/)
  })

  it('refuses with what the app has done wrong, for who builds it, and offers no way there', async () => {
    const page = await appBrowser(server).visit(
      `/oidc/authorize?${new URLSearchParams({ client_id: 'shop', redirect_uri: 'https://evil.example/', response_type: 'code', scope: 'openid' })}`,
    )
    assertPage(page, 400)
    assert.match(page.text, /<p class="small">invalid_redirect_uri: /)
    assert.doesNotMatch(page.text, /evil\.example/)
  })
})
