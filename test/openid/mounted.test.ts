import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { openConnection } from '../harness/connection.ts'
import { register } from '../harness/doors.ts'
import { scrape } from '../observability/scrape.ts'
import { formsOf } from '../pages/html.ts'
import { appBrowser, callbackOf, isSignInPage } from './browser.ts'
import { useOpenid } from './harness.ts'
import { beginSignIn, signIn } from './relying-party.ts'

// Nothing of it is of a database.
describe('a slash at the end of a path of OpenID Connect', () => {
  const server = useOpenid('sqlite', { apps: [{ id: 'web' }] })

  const signedIn = async () => {
    const [party, browser, person] = [await server.party('web'), appBrowser(server), await register(server)]
    await signIn(party, browser, person)
    return { party, browser }
  }

  it('is ignored by an authorization, which knows who is signed in to the browser', async () => {
    const { party, browser } = await signedIn()
    browser.cookies.delete('manydoors-openid')
    const { url } = await beginSignIn(party)
    const answer = await browser.visit(`${url.pathname}/${url.search}`)
    assert.ok(callbackOf(answer).searchParams.get('code'), answer.text)
  })

  it('is ignored by a logout, which ends the session of the browser', async () => {
    const { party, browser } = await signedIn()
    const page = await browser.visit('/oidc/logout/')
    const [form = assert.fail(page.text)] = formsOf(page).filter(({ action }) => action.endsWith('/confirm'))
    const answer = await browser.post(`${form.action}/`, { ...form.fields, logout: 'yes' })
    assert.equal(answer.status, 303, answer.text)
    assert.match(
      answer.headers.getSetCookie().join('\n'),
      /^__Host-manydoors-session=; Max-Age=0; Path=\/; HttpOnly; Secure; SameSite=Lax$/m,
    )
    assert.equal(browser.cookies.has('__Host-manydoors-session'), false)
    const { url } = await beginSignIn(party)
    assert.ok(isSignInPage(await browser.visit(url)))
  })
})

describe('OpenID Connect', () => {
  const server = useOpenid('sqlite', { apps: [{ id: 'web' }] })

  it('says how it is used without saying it, too', async () => {
    for (const path of ['/.well-known/openid-configuration', '/.well-known/oauth-authorization-server']) {
      const [whole, head] = [await server.request('GET', path), await server.request('HEAD', path)]
      assert.deepEqual([head.status, head.text], [200, ''])
      assert.equal(head.headers.get('content-length'), String(Buffer.byteLength(whole.text)))
    }
    for (const path of ['/oidc/authorize', '/oidc/logout', '/oidc/device'])
      assert.equal((await server.request('HEAD', path)).status, 404, path)
  })

  it('leads to the page for devices whoever has lost its session', async () => {
    const form = { xsrf: 'x', user_code: 'BCDF-GHJK', confirm: 'yes' }
    for (const answer of [
      await server.request('GET', '/oidc/device/x'),
      await server.request('POST', '/oidc/device', { form }),
      await server.request('POST', '/oidc/device/', { form }),
    ]) {
      assert.equal(answer.headers.get('location'), '/oidc/device', answer.text)
      assert.equal(answer.status, 303)
    }
  })

  it('is counted as a door of its own', async () => {
    const { status } = await server.request('POST', '/oidc/token', { form: {} })
    const ofToken = { dialect: 'openid', route: '/oidc/token', outcome: 'invalid_request' }
    assert.equal(status, 400)
    assert.equal((await scrape(server.url)).sum('manydoors_requests_total', ofToken), 1)
  })

  it('answers what it was asked before a stop, and lets go of the connection', async () => {
    const connection = await openConnection(server.url)
    connection.write('POST /oidc/token HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\n')
    connection.write('Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 18\r\n\r\n')
    assert.match(await connection.answer(), /^HTTP\/1\.1 100 Continue\r\n/)
    const closed = server.close()
    connection.write('grant_type=unknown')
    const answer = await connection.answer()
    assert.match(answer, /^HTTP\/1\.1 400 Bad Request\r\n/)
    assert.match(answer, /\r\nconnection: close\r\n/i)
    assert.match(answer, /\r\nx-content-type-options: nosniff\r\n/i)
    await closed
  })
})
