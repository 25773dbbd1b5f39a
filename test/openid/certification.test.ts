import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as client from 'openid-client'
import { register } from '../harness/doors.ts'
import { claimsOf } from '../harness/harness.ts'
import { formsOf } from '../pages/html.ts'
import { type AppBrowser, appBrowser, callbackOf, isSignInPage, type Visitor } from './browser.ts'
import { issuer, useOpenid } from './harness.ts'
import { relyingParty } from './relying-party.ts'

/** What the suite of the OpenID Foundation has of its own client: where it is called back, and where after a logout. */
const redirectUri = 'https://suite.example/test/a/manydoors/callback'
const afterLogout = 'https://suite.example/test/a/manydoors/post_logout_redirect'

// Modules of the certification plans whose requests no certified client would send, or would send otherwise.
describe('a client as the certification suite has it', () => {
  const server = useOpenid('sqlite', { apps: [], openid: { registration: 'open' } })

  const registerClient = async (more: Record<string, unknown> = {}) => {
    const { status, body, text } = await server.request('POST', '/oidc/register', {
      json: {
        client_name: 'conformance suite',
        grant_types: ['authorization_code', 'refresh_token'],
        response_types: ['code'],
        redirect_uris: [redirectUri],
        post_logout_redirect_uris: [afterLogout],
        contacts: ['certification@oidf.example'],
        ...more,
      },
    })
    assert.equal(status, 201, text)
    return body as { client_id: string; client_secret: string }
  }
  const addressOf = (id: string, parameters: Record<string, string> = {}) => {
    const query = {
      response_type: 'code',
      scope: 'openid',
      redirect_uri: redirectUri,
      state: 'a'.repeat(128),
    }
    return `${issuer}/oidc/authorize?${new URLSearchParams({ client_id: id, ...query, ...parameters })}`
  }
  /** As the suite drives the pages: #identifier, #password, button[value=allow]. */
  const drive = async (browser: AppBrowser, address: string, { email, password }: Visitor) => {
    let page = await browser.visit(address)
    if (isSignInPage(page)) {
      for (const id of ['identifier', 'password']) assert.ok(page.text.includes(` id="${id}"`))
      page = await browser.send(page, { identifier: email, password })
    }
    return page.text.includes(' value="allow"') ? browser.send(page, {}, 'allow') : page
  }
  const exchange = async (id: string, secret: string, code: string) =>
    server.request('POST', '/oidc/token', {
      form: { grant_type: 'authorization_code', code, redirect_uri: redirectUri },
      headers: { authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}` },
    })
  const signedIn = async (parameters: Record<string, string> = {}, more: Record<string, unknown> = {}) => {
    const { client_id: id, client_secret: secret } = await registerClient(more)
    const [browser, person] = [appBrowser(server), await register(server)]
    const callback = callbackOf(await drive(browser, addressOf(id, parameters), person))
    const code = callback.searchParams.get('code') ?? assert.fail(callback.href)
    const { status, body } = await exchange(id, secret, code)
    assert.equal(status, 200)
    return { id, secret, browser, person, code, tokens: body }
  }
  const errorOf = async (browser: AppBrowser, address: string) =>
    callbackOf(await browser.visit(address)).searchParams.get('error')

  it('has its tokens brought by the browser where it registers for that, as any client must be able to', async () => {
    const { body: known } = await server.request('GET', '/.well-known/openid-configuration')
    assert.deepEqual(known.response_types_supported.sort(), ['code', 'id_token', 'id_token token'])
    const types = { response_types: ['id_token token'], grant_types: ['implicit'] }
    const { client_id: id } = await registerClient(types)
    const [browser, person] = [appBrowser(server), await register(server)]
    const asked = { response_type: 'id_token token', nonce: 'of-the-app' }
    const callback = callbackOf(await drive(browser, addressOf(id, asked), person))
    const answer = new URLSearchParams(callback.hash.slice(1))
    assert.deepEqual([callback.search, answer.get('token_type'), answer.get('code')], ['', 'Bearer', null])
    assert.equal(claimsOf(answer.get('id_token') ?? '').nonce, 'of-the-app')
    const bearer = answer.get('access_token') ?? undefined
    const ask = async () => (await server.request('GET', '/oidc/userinfo', { bearer })).status
    assert.equal(await ask(), 200)
    await browser.submit(await browser.open('/ui/account'), {}, '/ui/account/sign-out')
    assert.equal(await ask(), 401)
  })

  it('comes in without PKCE and without a nonce, and learns its state as it was', async () => {
    const { client_id: id } = await registerClient()
    const callback = callbackOf(await drive(appBrowser(server), addressOf(id), await register(server)))
    assert.equal(callback.searchParams.get('state'), 'a'.repeat(128))
    assert.equal(callback.searchParams.get('iss'), issuer)
  })

  it('comes in with PKCE where it wants to, and is then held to it', async () => {
    const { client_id: id, client_secret: secret } = await registerClient()
    const challenge = await client.calculatePKCECodeChallenge(client.randomPKCECodeVerifier())
    const address = addressOf(id, { code_challenge: challenge, code_challenge_method: 'S256' })
    const callback = callbackOf(await drive(appBrowser(server), address, await register(server)))
    const { status, body } = await exchange(id, secret, callback.searchParams.get('code') ?? '')
    assert.equal(status, 400)
    assert.equal(body.error, 'invalid_grant')
  })

  it('is answered in its tokens as the specification has it', async () => {
    const { tokens } = await signedIn({ nonce: 'n-1' })
    assert.equal(tokens.token_type, 'Bearer')
    assert.equal(typeof tokens.expires_in, 'number')
    const [header = '', payload = ''] = tokens.id_token.split('.')
    const { alg, kid } = JSON.parse(Buffer.from(header, 'base64url').toString())
    assert.equal(alg, 'RS256')
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString())
    assert.equal(claims.nonce, 'n-1')
    const { body } = await server.request('GET', '/.well-known/jwks.json')
    assert.ok(body.keys.some((key: { kid: string }) => key.kid === kid))
  })

  it('is told when it says no response type, or one that is not on', async () => {
    const { client_id: id } = await registerClient()
    const browser = appBrowser(server)
    const missing = new URL(addressOf(id))
    missing.searchParams.delete('response_type')
    assert.match((await errorOf(browser, missing.href)) ?? '', /invalid_request|unsupported_response_type/)
  })

  it('has what came of a code ended when it shows that again', async () => {
    for (const grant_types of [['authorization_code', 'refresh_token'], ['authorization_code']]) {
      const { id, secret, code, tokens } = await signedIn({}, { grant_types })
      const answer = async () => {
        const { status, body } = await exchange(id, secret, code)
        assert.equal(status, 400)
        assert.equal(body.error, 'invalid_grant')
        return (await server.request('GET', '/oidc/userinfo', { bearer: tokens.access_token })).status
      }
      // An app that sends it twice at once is no thief.
      assert.equal(await answer(), 200)
      server.clock.advance(11_000)
      assert.equal(await answer(), 401)
    }
  })

  it('goes on in a browser that is signed in, and asks for nothing twice', async () => {
    const { id, browser } = await signedIn()
    const silent = callbackOf(await browser.visit(addressOf(id, { prompt: 'none' })))
    assert.ok(silent.searchParams.get('code'), silent.href)
    const young = callbackOf(await browser.visit(addressOf(id, { max_age: '10000' })))
    assert.ok(young.searchParams.get('code'), young.href)
  })

  it('has an unsigned request object refused, in a way that says so', async () => {
    const { client_id: id } = await registerClient()
    const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url')
    const request = `${encode({ alg: 'none' })}.${encode({ client_id: id, scope: 'openid' })}.`
    assert.match(
      (await errorOf(appBrowser(server), addressOf(id, { request }))) ?? '',
      /^(request_not_supported|invalid_request_object)$/,
    )
    const request_uri = 'https://suite.example/request.jwt'
    const answer = await appBrowser(server).visit(addressOf(id, { request_uri }))
    const told = answer.headers.get('location')
    if (told) assert.equal(new URL(told).searchParams.get('error'), 'request_uri_not_supported')
    else assert.equal(answer.status, 400)
  })

  it('is kept apart from other clients as it refreshes', async () => {
    const { id, secret, tokens } = await signedIn()
    const other = await registerClient()
    const refresh = async (name: string, word: string) =>
      server.request('POST', '/oidc/token', {
        form: { grant_type: 'refresh_token', refresh_token: tokens.refresh_token },
        headers: { authorization: `Basic ${Buffer.from(`${name}:${word}`).toString('base64')}` },
      })
    assert.equal((await refresh(other.client_id, other.client_secret)).body.error, 'invalid_grant')
    assert.equal((await refresh(id, secret)).status, 200)
  })

  it('may be called back by a form', async () => {
    const { client_id: id } = await registerClient()
    const address = addressOf(id, { response_mode: 'form_post' })
    const page = await drive(appBrowser(server), address, await register(server))
    assert.equal(formsOf(page)[0]?.action, redirectUri)
  })

  it('may read the name of a token in either case', async () => {
    const { tokens } = await signedIn()
    for (const scheme of ['bearer', 'BEARER']) {
      const headers = { authorization: `${scheme} ${tokens.access_token}` }
      assert.equal((await server.request('GET', '/oidc/userinfo', { headers })).status, 200, scheme)
    }
  })

  it('signs a person out by the page, and is called back with its state', async () => {
    const { id, browser, tokens } = await signedIn()
    const query = {
      id_token_hint: tokens.id_token,
      post_logout_redirect_uri: afterLogout,
      state: 's'.repeat(128),
    }
    const page = await browser.visit(`${issuer}/oidc/logout?${new URLSearchParams(query)}`)
    assert.ok(page.text.includes(' value="yes"'), page.text)
    const away = callbackOf(await browser.send(page, {}, 'yes'))
    assert.equal(away.href, `${afterLogout}?state=${'s'.repeat(128)}`)
    assert.equal(await errorOf(browser, addressOf(id, { prompt: 'none' })), 'login_required')
  })

  it('signs a person out without being called back, where it has not said who it is or where', async () => {
    for (const query of [{}, { state: 's' }, { post_logout_redirect_uri: afterLogout, state: 's' }]) {
      const { id, browser } = await signedIn()
      const page = await browser.visit(`${issuer}/oidc/logout?${new URLSearchParams(query as never)}`)
      if (page.status === 200 && page.text.includes(' value="yes"')) {
        const done = await browser.send(page, {}, 'yes')
        assert.equal(done.status, 200, `${JSON.stringify(query)} ${done.headers.get('location')}`)
        assert.equal(await errorOf(browser, addressOf(id, { prompt: 'none' })), 'login_required')
      } else assert.equal(page.status, 400)
    }
  })

  it('is shown a page for a logout that is not in order, and called back nowhere', async () => {
    const { browser, tokens } = await signedIn()
    const hint = tokens.id_token
    const wrong: Record<string, string>[] = [
      { id_token_hint: hint, post_logout_redirect_uri: `${afterLogout}?more=1` },
      { id_token_hint: hint, post_logout_redirect_uri: 'https://evil.example/' },
      { id_token_hint: `${hint.slice(0, -8)}AAAAAAAA`, post_logout_redirect_uri: afterLogout },
      { id_token_hint: 'nonsense', post_logout_redirect_uri: afterLogout },
    ]
    for (const query of wrong) {
      const page = await browser.visit(`${issuer}/oidc/logout?${new URLSearchParams(query)}`)
      assert.equal(page.status, 400, JSON.stringify(query))
      assert.ok(!page.text.includes('evil.example'))
    }
  })

  it('pushes with POST alone, and may open what it has pushed twice before anybody has signed in', async () => {
    for (const method of ['PUT', 'GET', 'DELETE'])
      assert.ok((await server.request(method, '/oidc/par')).status >= 400, method)
    const { client_id: id, client_secret: secret } = await registerClient()
    const { config } = await relyingParty(server, { id, redirectUri, secret })
    const url = await client.buildAuthorizationUrlWithPAR(config, {
      redirect_uri: redirectUri,
      scope: 'openid',
    })
    const [first, second] = [appBrowser(server), appBrowser(server)]
    assert.ok(isSignInPage(await first.visit(url)))
    assert.ok(isSignInPage(await first.visit(url)))
    const callback = callbackOf(await drive(second, url.href, await register(server)))
    assert.ok(callback.searchParams.get('code'))
  })

  it('finds the ways of registration that it looks for', async () => {
    const { body } = await server.request('GET', '/.well-known/openid-configuration')
    assert.equal(body.registration_endpoint, `${issuer}/oidc/register`)
    assert.deepEqual(body.subject_types_supported, ['public'])
    assert.equal(body.claims_parameter_supported, true)
    assert.equal(body.request_parameter_supported, true)
    assert.equal(body.request_uri_parameter_supported, false)
    for (const method of ['client_secret_basic', 'client_secret_post', 'private_key_jwt'])
      assert.ok(body.token_endpoint_auth_methods_supported.includes(method))
    assert.equal(body.backchannel_logout_supported, true)
    assert.equal(body.backchannel_logout_session_supported, true)
  })
})
