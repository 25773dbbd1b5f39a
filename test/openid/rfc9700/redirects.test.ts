import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { register } from '../../harness/doors.ts'
import { assertNoForm, assertPage } from '../../pages/page.ts'
import { appBrowser, callbackOf, redirectOf } from '../browser.ts'
import { issuer, useOpenid } from '../harness.ts'
import { beginSignIn, signIn } from '../relying-party.ts'

const web = {
  id: 'web',
  settings: { postLogoutRedirectUris: ['https://web.example/bye'] },
}
const guest = { id: 'guest', settings: { firstParty: false } }
const native = {
  id: 'native',
  redirectUris: ['http://127.0.0.1/cb', 'http://[::1]/cb', 'com.example.app:/cb'],
  settings: { native: true, authMethod: 'none' as const },
}

/** Other spellings of a registered address, and others that begin or end like it. */
const strange = {
  web: [
    'https://web.example/callback/',
    'https://web.example/callback?x=1',
    'https://web.example/callback#x',
    'https://web.example/callback%23',
    'https://web.example/Callback',
    'https://web.example/%63allback',
    'https://web.example/x/../callback',
    'https://web.example//callback',
    'https://WEB.example/callback',
    'https://web.example./callback',
    'https://web.example:443/callback',
    'https://user@web.example/callback',
    'https://web.example@evil.example/callback',
    'https://web.example\\@evil.example/callback',
    'https://web.example.evil.example/callback',
    'https://evil.example/callback?https://web.example/callback',
    'https://sub.web.example/callback',
    'http://web.example/callback',
    '//web.example/callback',
    ' https://web.example/callback',
    'https://web.example/callback\r\nX-Header: 1',
    'javascript:alert(1)//https://web.example/callback',
    'data:text/html,https://web.example/callback',
    '',
  ],
  native: [
    'http://127.0.0.1:5123/cb?x=1',
    'http://127.0.0.1:5123/cb/',
    'http://127.0.0.1:5123/cb#x',
    'http://127.0.0.1:5123@evil.example/cb',
    'http://user@127.0.0.1:5123/cb',
    'http://127.0.0.1.evil.example/cb',
    'http://127.0.0.2:5123/cb',
    'http://0x7f.1/cb',
    'http://localhost:5123/cb',
    'http://[0:0:0:0:0:0:0:1]:5123/cb',
    'http://[::ffff:127.0.0.1]:5123/cb',
    'http://127.0.0.1:99999/cb',
    'https://127.0.0.1:5123/cb',
    'com.example.app://cb',
    'com.example.app:/cb/',
    'com.example.other:/cb',
    'COM.EXAMPLE.APP:/cb',
  ],
}

// What is compared is in memory, and the same for every database.
describe('an address that a browser is sent to (RFC 9700 §2.1, §4.1, §4.11)', () => {
  const server = useOpenid('sqlite', { apps: [web, guest, native] })
  const ask = (parameters: Record<string, string>) => {
    const request = {
      response_type: 'code',
      scope: 'openid',
      code_challenge: 'x'.repeat(43),
      code_challenge_method: 'S256',
      prompt: 'none',
      ...parameters,
    }
    return server.request('GET', `/oidc/authorize?${new URLSearchParams(request)}`)
  }

  for (const [id, addresses] of Object.entries(strange))
    it(`is one that ${id} has registered, to the letter: none of ${addresses.length} others leads anywhere`, async () => {
      for (const redirect_uri of addresses) {
        const answer = await ask({ client_id: id, redirect_uri })
        assertPage(answer, 400)
        assertNoForm(answer)
        assert.equal(redirectOf(answer), undefined, redirect_uri)
        const pushed = await server.request('POST', '/oidc/par', {
          form: { client_id: id, redirect_uri, response_type: 'code' },
          headers: { authorization: `Basic ${Buffer.from(`${id}:x`).toString('base64')}` },
        })
        assert.ok(pushed.status >= 400, redirect_uri)
      }
    })

  it('may have any port of its own machine for a native app, and no port for another', async () => {
    for (const redirect_uri of ['http://127.0.0.1:5123/cb', 'http://[::1]:65535/cb', 'http://127.0.0.1/cb']) {
      const target = callbackOf(await ask({ client_id: 'native', redirect_uri }))
      assert.ok(target.href.startsWith(redirect_uri), redirect_uri)
      assert.equal(target.searchParams.get('error'), 'login_required')
      assert.equal(target.searchParams.get('iss'), issuer)
    }
  })

  it('is none where the app is not known, and nothing of what was asked for is on that page', async () => {
    const nonsense = '<script>alert(1)</script>'
    for (const parameters of [
      { client_id: nonsense },
      { client_id: '__proto__' },
      { client_id: 'WEB' },
      { client_id: 'web', redirect_uri: `https://evil.example/${nonsense}` },
    ]) {
      const answer = await ask({
        redirect_uri: 'https://web.example/callback',
        state: nonsense,
        ...parameters,
      })
      assertPage(answer, 400)
      assert.doesNotMatch(answer.text, /alert|evil\.example/)
      assert.equal(answer.headers.get('location'), null)
    }
  })

  it('is for a logout one that the app has registered for that, whoever the browser is', async () => {
    const person = await register(server)
    const browser = appBrowser(server)
    const { id_token } = await signIn(await server.party('web'), browser, person)
    const hint = { id_token_hint: String(id_token) }
    const askers: Record<string, string>[] = [{ client_id: 'web' }, hint, {}]
    const strangers = [
      'https://web.example/bye/',
      'https://web.example/callback',
      'https://evil.example/',
      '//evil.example',
    ]
    for (const post_logout_redirect_uri of strangers)
      for (const named of askers) {
        const query = new URLSearchParams({ ...named, post_logout_redirect_uri })
        const page = await browser.visit(`/oidc/logout?${query}`)
        assert.equal(redirectOf(page), undefined)
        assert.doesNotMatch(page.text, /(action|href|content)="[^"]*evil\.example/)
        assert.doesNotMatch(String(page.headers.get('content-security-policy')), /evil\.example/)
      }
    const query = new URLSearchParams({ ...hint, post_logout_redirect_uri: 'https://web.example/bye' })
    const back = await browser.send(await browser.visit(`/oidc/logout?${query}`), {}, 'yes')
    assert.equal(callbackOf(back).href, 'https://web.example/bye')
  })

  it('gets what the app is told by 303, so that no form is sent there again (§4.12)', async () => {
    const person = await register(server)
    const browser = appBrowser(server)
    const begun = await beginSignIn(await server.party('guest'))
    const page = await browser.visit(begun.url)
    const consent = await browser.send(page, { identifier: person.email, password: person.password })
    const answer = await browser.send(consent, {}, 'allow')
    assert.equal(answer.status, 303)
    const posted = await browser.post('/oidc/authorize', { client_id: 'guest' })
    assert.equal(posted.status, 303)
    assert.equal(new URL(posted.headers.get('location') ?? '', issuer).origin, issuer)
  })
})
