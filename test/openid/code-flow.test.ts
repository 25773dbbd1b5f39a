import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as client from 'openid-client'
import { type Person, register } from '../harness/doors.ts'
import { onEveryEngine } from '../harness/harness.ts'
import { assertPage } from '../pages/page.ts'
import { type AppBrowser, appBrowser, authorize, callbackOf, isSignInPage, redirectOf } from './browser.ts'
import { issuer, useOpenid } from './harness.ts'
import { beginSignIn, finishSignIn, type RelyingParty, signIn } from './relying-party.ts'

const web = {
  id: 'web',
  settings: { introspect: true, postLogoutRedirectUris: ['https://web.example/bye'] },
}
const modern = { id: 'modern', settings: { idTokenAlgorithm: 'ES256' as const } }
const spa = { id: 'spa', settings: { authMethod: 'none' as const } }
const other = { id: 'other' }

/** That the app is told of an error, in the way of its request. */
function assertError(callback: URL, error: string, state: string): void {
  const { searchParams } = callback
  assert.equal(searchParams.get('error'), error, callback.href)
  assert.equal(searchParams.get('state'), state)
  assert.equal(searchParams.get('iss'), issuer)
  assert.equal(searchParams.get('code'), null)
}

/** That the token endpoint refuses with that error. */
function isRefusal(error: string) {
  return (thrown: unknown): boolean => {
    // A refusal of credentials in a header is a challenge for others (RFC 6749 §5.2).
    if (error === 'invalid_client' && thrown instanceof client.WWWAuthenticateChallengeError) {
      assert.equal(thrown.status, 401)
      return true
    }
    assert.ok(thrown instanceof client.ResponseBodyError, String(thrown))
    assert.equal(thrown.error, error, JSON.stringify(thrown.cause))
    assert.equal(thrown.status, 400)
    return true
  }
}

onEveryEngine('the code flow', (engine) => {
  const server = useOpenid(engine, { apps: [web, modern, spa, other] })

  const newcomer = async (): Promise<{ person: Person; browser: AppBrowser }> => ({
    person: await register(server),
    browser: appBrowser(server),
  })
  const signedIn = async (id: string, parameters: Record<string, string> = {}) => {
    const { person, browser } = await newcomer()
    const party = await server.party(id)
    const tokens = await signIn(party, browser, person, parameters)
    return { person, browser, party, tokens }
  }
  const isActive = async (asker: RelyingParty, token: string) =>
    (await client.tokenIntrospection(asker.config, token)).active

  for (const { id, algorithm } of [
    { id: 'web', algorithm: 'RS256' },
    { id: 'modern', algorithm: 'ES256' },
    { id: 'spa', algorithm: 'RS256' },
  ]) {
    it(`signs somebody in to the app ${id}, with an ID token signed ${algorithm}`, async () => {
      const { person, party, tokens } = await signedIn(id, { scope: 'openid email' })
      const [header = ''] = String(tokens.id_token).split('.')
      assert.equal(JSON.parse(Buffer.from(header, 'base64url').toString()).alg, algorithm)
      const claims = tokens.claims() ?? assert.fail('no ID token')
      assert.equal(claims.iss, issuer)
      assert.equal(claims.aud, id)
      assert.equal(typeof claims.auth_time, 'number')
      assert.equal(claims.acr, 'aal1')
      assert.deepEqual(claims.amr, ['pwd'])
      const info = await client.fetchUserInfo(party.config, tokens.access_token, claims.sub)
      assert.equal(info.email, person.email)
      assert.equal(info.email_verified, true)
    })
  }

  it('tells at userinfo what was allowed, and no more', async () => {
    const { party, tokens } = await signedIn('web')
    const { sub } = tokens.claims() ?? assert.fail('no ID token')
    assert.deepEqual(await client.fetchUserInfo(party.config, tokens.access_token, sub), { sub })
  })

  it('refreshes, with an ID token of the same sign-in', async () => {
    const { party, tokens } = await signedIn('modern')
    const before = tokens.claims() ?? assert.fail('no ID token')
    const refreshed = await client.refreshTokenGrant(party.config, tokens.refresh_token ?? '')
    const after = refreshed.claims() ?? assert.fail('no ID token')
    assert.notEqual(refreshed.refresh_token, tokens.refresh_token)
    assert.notEqual(refreshed.access_token, tokens.access_token)
    for (const name of ['iss', 'sub', 'aud', 'auth_time', 'acr', 'amr'] as const)
      assert.deepEqual(after[name], before[name], name)
    assert.equal(after.nonce, undefined)
    await client.fetchUserInfo(party.config, refreshed.access_token, before.sub)
  })

  it('refreshes for less than was allowed, and refuses more', async () => {
    const { party, tokens } = await signedIn('web', { scope: 'openid email' })
    const refresh = tokens.refresh_token ?? ''
    const narrow = await client.refreshTokenGrant(party.config, refresh, { scope: 'email' })
    assert.equal(narrow.scope, 'email')
    assert.equal(narrow.id_token, undefined)
    await assert.rejects(
      client.refreshTokenGrant(party.config, narrow.refresh_token ?? '', { scope: 'openid profile' }),
      isRefusal('invalid_scope'),
    )
    const wide = await client.refreshTokenGrant(party.config, narrow.refresh_token ?? '')
    assert.ok(wide.id_token)
  })

  it('gives a refresh token to the app that has it alone', async () => {
    const { tokens } = await signedIn('web')
    const other = await server.party('other')
    await assert.rejects(
      client.refreshTokenGrant(other.config, tokens.refresh_token ?? ''),
      isRefusal('invalid_grant'),
    )
    const wrong = await server.party('web', { secret: 'wrong' })
    await assert.rejects(
      client.refreshTokenGrant(wrong.config, tokens.refresh_token ?? ''),
      isRefusal('invalid_client'),
    )
    const right = await server.party('web')
    assert.ok((await client.refreshTokenGrant(right.config, tokens.refresh_token ?? '')).access_token)
  })

  it('signs in without a page where the browser is signed in, each app for itself', async () => {
    const { person, browser, tokens } = await signedIn('web')
    const party = await server.party('modern')
    const begun = await beginSignIn(party, { prompt: 'none' })
    const second = await finishSignIn(party, callbackOf(await browser.visit(begun.url)), begun)
    const [first, again] = [tokens.claims(), second.claims()]
    assert.equal(again?.sub, first?.sub)
    assert.equal(again?.auth_time, first?.auth_time)
    assert.notEqual(second.refresh_token, tokens.refresh_token)
    assert.ok(person)
  })

  it('answers login_required where it may not ask', async () => {
    const party = await server.party('web')
    const { url, checks } = await beginSignIn(party, { prompt: 'none' })
    const answer = await appBrowser(server).visit(url)
    assertError(callbackOf(answer), 'login_required', checks.expectedState)
  })

  it('asks again where the app wants it to, and where the sign-in is too old', async (t) => {
    const { person, browser, tokens } = await signedIn('web')
    const first = tokens.claims() ?? assert.fail('no ID token')
    const party = await server.party('web')
    // Protocol library, core and app alike read the clock of this process.
    t.mock.timers.enable({ apis: ['Date'], now: Date.now() + 120_000 })
    for (const parameters of [{ max_age: '60' }, { prompt: 'login' }] as Record<string, string>[]) {
      const begun = await beginSignIn(party, parameters)
      const page = await browser.visit(begun.url)
      assert.ok(isSignInPage(page), `${JSON.stringify(parameters)}: ${page.text}`)
      const { email: identifier, password } = person
      const callback = callbackOf(await browser.send(page, { identifier, password }))
      const again = (await finishSignIn(party, callback, begun)).claims()
      assert.equal(again?.sub, first.sub)
      assert.ok(Number(again?.auth_time) >= Number(first.auth_time) + 120)
    }
  })

  it('takes a code once', async () => {
    const { person, browser } = await newcomer()
    const party = await server.party('modern')
    const begun = await beginSignIn(party)
    const callback = await authorize(browser, begun.url, person)
    const tokens = await finishSignIn(party, callback, begun)
    // An app that sends it twice in one moment is no thief.
    await assert.rejects(finishSignIn(party, callback, begun), isRefusal('invalid_grant'))
    const refreshed = await client.refreshTokenGrant(party.config, tokens.refresh_token ?? '')
    // Whoever shows a code again may have stolen it: what came of it is void (RFC 6749 §4.1.2).
    server.clock.advance(11_000)
    await assert.rejects(finishSignIn(party, callback, begun), isRefusal('invalid_grant'))
    await assert.rejects(
      client.refreshTokenGrant(party.config, refreshed.refresh_token ?? ''),
      isRefusal('invalid_grant'),
    )
  })

  it('takes a code from the app alone that asked for it', async () => {
    const { person, browser } = await newcomer()
    const party = await server.party('modern')
    const begun = await beginSignIn(party)
    const callback = await authorize(browser, begun.url, person)
    const thief = await server.party('other', { redirectUri: party.app.redirectUri })
    await assert.rejects(finishSignIn(thief, callback, begun), isRefusal('invalid_grant'))
  })

  it('refuses a code that is too old', async () => {
    const { person, browser } = await newcomer()
    const party = await server.party('modern')
    const begun = await beginSignIn(party)
    const callback = await authorize(browser, begun.url, person)
    server.clock.advance(10 * 60_000)
    await assert.rejects(finishSignIn(party, callback, begun), isRefusal('invalid_grant'))
  })

  it('refuses a code with another verifier than that of its request, and without one', async () => {
    const { person, browser } = await newcomer()
    const party = await server.party('modern')
    for (const pkceCodeVerifier of [client.randomPKCECodeVerifier(), '']) {
      const begun = await beginSignIn(party)
      const callback = await authorize(browser, begun.url, person)
      const { pkceCodeVerifier: _, ...others } = begun.checks
      const checks = pkceCodeVerifier ? { ...others, pkceCodeVerifier } : others
      await assert.rejects(
        client.authorizationCodeGrant(party.config, callback, checks),
        isRefusal('invalid_grant'),
      )
    }
  })

  it('says whether a token is good, to apps that may ask', async () => {
    const { person, party, tokens } = await signedIn('modern', { scope: 'openid email' })
    const asker = await server.party('web')
    const access = await client.tokenIntrospection(asker.config, tokens.access_token)
    assert.equal(access.active, true)
    assert.equal(access.sub, tokens.claims()?.sub)
    assert.equal(access.client_id, 'modern')
    assert.equal(access.iss, issuer)
    assert.deepEqual(access.scope?.split(' ').sort(), ['email', 'openid'])
    assert.equal(await isActive(asker, tokens.refresh_token ?? ''), true)
    assert.equal(await isActive(asker, 'nonsense'), false)
    assert.ok(person)
    // An app that may not ask learns nothing of the tokens of others.
    const curious = await server.party('other')
    const answer = await client.tokenIntrospection(curious.config, tokens.access_token).catch(() => undefined)
    assert.notEqual(answer?.active, true)
    assert.ok(party)
  })

  for (const kind of ['access_token', 'refresh_token'] as const) {
    it(`ends the app's session when it revokes its ${kind.replace('_', ' ')}`, async () => {
      const { party, tokens } = await signedIn('modern')
      const asker = await server.party('web')
      await client.tokenRevocation(party.config, tokens[kind] ?? '')
      assert.equal(await isActive(asker, tokens.access_token), false)
      assert.equal(await isActive(asker, tokens.refresh_token ?? ''), false)
      const { sub } = tokens.claims() ?? assert.fail('no ID token')
      await assert.rejects(client.fetchUserInfo(party.config, tokens.access_token, sub))
      await assert.rejects(
        client.refreshTokenGrant(party.config, tokens.refresh_token ?? ''),
        isRefusal('invalid_grant'),
      )
    })
  }

  it('lets no app revoke the tokens of another one', async () => {
    const { tokens } = await signedIn('modern')
    const other = await server.party('other')
    await client.tokenRevocation(other.config, tokens.refresh_token ?? '').catch(() => {})
    const asker = await server.party('web')
    assert.equal(await isActive(asker, tokens.refresh_token ?? ''), true)
  })

  it('signs out of the browser and of its apps when an app asks for it and the person agrees', async () => {
    const { browser, party, tokens } = await signedIn('web')
    const second = await server.party('modern')
    const begun = await beginSignIn(second, { prompt: 'none' })
    const others = await finishSignIn(second, callbackOf(await browser.visit(begun.url)), begun)
    const url = client.buildEndSessionUrl(party.config, {
      id_token_hint: tokens.id_token ?? '',
      post_logout_redirect_uri: 'https://web.example/bye',
      state: 'of-the-app',
    })
    const page = await browser.visit(url)
    assertPage(page, 200, 'https://web.example https:')
    assert.equal(await isActive(party, tokens.access_token), true)
    const away = await browser.send(page, {}, 'yes')
    assert.equal(callbackOf(away).href, 'https://web.example/bye?state=of-the-app')
    assert.equal(await isActive(party, tokens.access_token), false)
    assert.equal(await isActive(party, others.refresh_token ?? ''), false)
    const again = await beginSignIn(party, { prompt: 'none' })
    assertError(callbackOf(await browser.visit(again.url)), 'login_required', again.checks.expectedState)
  })

  it('ends the sessions of a browser with the browser, and leaves those of offline access', async () => {
    const { browser, party, tokens } = await signedIn('web')
    const second = await server.party('modern')
    const begun = await beginSignIn(second, { scope: 'openid offline_access', prompt: 'consent' })
    const page = await browser.visit(begun.url)
    const allowed = page.text.includes(' value="allow"') ? await browser.send(page, {}, 'allow') : page
    const offline = await finishSignIn(second, callbackOf(allowed), begun)
    const account = await browser.open('/ui/account')
    assert.equal(account.status, 200)
    await browser.submit(account, {}, '/ui/account/sign-out')
    assert.equal(await isActive(party, tokens.refresh_token ?? ''), false)
    assert.equal(await isActive(party, offline.refresh_token ?? ''), true)
  })
})

describe('an authorization request', () => {
  const server = useOpenid('sqlite', { apps: [web, modern, spa] })

  const request = async (id: string, parameters: Record<string, string>) =>
    beginSignIn(await server.party(id), parameters)

  it('brings state and issuer back, with the code', async () => {
    const { url, checks } = await request('web', {})
    const callback = await authorize(appBrowser(server), url, await register(server))
    assert.equal(`${callback.origin}${callback.pathname}`, 'https://web.example/callback')
    assert.deepEqual([...callback.searchParams.keys()].sort(), ['code', 'iss', 'state'])
    assert.equal(callback.searchParams.get('state'), checks.expectedState)
    assert.equal(callback.searchParams.get('iss'), issuer)
  })

  it('is refused on a page, and leads nowhere, for an app or an address that nobody has registered', async () => {
    const wrong: Record<string, string>[] = [
      { client_id: 'nobody' },
      { client_id: 'Web' },
      { redirect_uri: 'https://evil.example/callback' },
      { redirect_uri: 'https://web.example/callback/' },
      { redirect_uri: 'https://web.example/callback?more=1' },
      { redirect_uri: 'https://web.example:443/callback' },
      { redirect_uri: 'https://web.example/%63allback' },
      { redirect_uri: 'https://web.example/other/../callback' },
      { redirect_uri: 'HTTPS://web.example/callback' },
      { redirect_uri: 'https://modern.example/callback' },
      { redirect_uri: 'javascript:alert(1)' },
    ]
    for (const parameters of wrong) {
      const { url } = await request('web', parameters)
      const answer = await appBrowser(server).visit(url)
      assert.equal(redirectOf(answer), undefined, JSON.stringify(parameters))
      assertPage(answer, 400)
      assert.doesNotMatch(answer.text, /(href|src|action|content)="[^"]*(evil\.example|javascript:)/)
    }
  })

  it('is refused for every response type but code, without PKCE, and with a plain challenge', async () => {
    const wrong: { parameters: Record<string, string>; error: string }[] = [
      { parameters: { response_type: 'token' }, error: 'unsupported_response_type' },
      { parameters: { response_type: 'id_token' }, error: 'unsupported_response_type' },
      { parameters: { response_type: 'code id_token' }, error: 'unsupported_response_type' },
      { parameters: { response_type: 'code token' }, error: 'unsupported_response_type' },
      { parameters: { response_type: 'none' }, error: 'unsupported_response_type' },
      { parameters: { code_challenge_method: 'plain' }, error: 'invalid_request' },
    ]
    for (const id of ['web', 'spa']) {
      for (const { parameters, error } of wrong) {
        const { url, checks } = await request(id, parameters)
        const callback = callbackOf(await appBrowser(server).visit(url))
        const { searchParams } = new URL(callback.href.replace('#', '?'))
        assert.equal(searchParams.get('error'), error, `${id} ${JSON.stringify(parameters)} ${callback.href}`)
        assert.equal(searchParams.get('state'), checks.expectedState)
      }
      const { url, checks } = await request(id, {})
      url.searchParams.delete('code_challenge')
      url.searchParams.delete('code_challenge_method')
      assertError(callbackOf(await appBrowser(server).visit(url)), 'invalid_request', checks.expectedState)
    }
  })
})

describe('discovery', () => {
  const server = useOpenid('sqlite', { apps: [web] })
  const documents = ['/.well-known/openid-configuration', '/.well-known/oauth-authorization-server']

  it('names the issuer and what is on', async () => {
    for (const path of documents) {
      const { status, body, headers } = await server.request('GET', path)
      assert.equal(status, 200)
      assert.match(headers.get('content-type') ?? '', /^application\/json/)
      assert.equal(body.issuer, issuer)
      assert.deepEqual(body.response_types_supported, ['code'])
      assert.deepEqual(body.code_challenge_methods_supported, ['S256'])
      assert.deepEqual([...body.id_token_signing_alg_values_supported].sort(), ['ES256', 'RS256'])
      assert.equal(body.authorization_response_iss_parameter_supported, true)
      assert.equal(body.jwks_uri, `${issuer}/.well-known/jwks.json`)
      assert.equal(body.authorization_endpoint, `${issuer}/oidc/authorize`)
      assert.equal(body.token_endpoint, `${issuer}/oidc/token`)
      assert.equal(body.userinfo_endpoint, `${issuer}/oidc/userinfo`)
      assert.equal(body.introspection_endpoint, `${issuer}/oidc/introspect`)
      assert.equal(body.revocation_endpoint, `${issuer}/oidc/revoke`)
      assert.equal(body.end_session_endpoint, `${issuer}/oidc/logout`)
      assert.equal(body.pushed_authorization_request_endpoint, `${issuer}/oidc/par`)
      assert.equal(body.registration_endpoint, undefined)
    }
  })

  it('names the issuer whatever name the server was asked by', async () => {
    for (const path of documents) {
      for (const host of ['127.0.0.1:1', 'localhost', 'evil.example']) {
        const { status, text } = await server.request('GET', path, { headers: { host } })
        if (status === 200) assert.doesNotMatch(text, /evil\.example|127\.0\.0\.1/, host)
      }
    }
  })

  it('leads to keys of both algorithms, and to nothing secret', async () => {
    const { body } = await server.request('GET', '/.well-known/jwks.json')
    const keys: Record<string, unknown>[] = body.keys
    assert.deepEqual([...new Set(keys.map(({ alg }) => alg))].sort(), ['ES256', 'RS256'])
    for (const key of keys) assert.ok(!('d' in key))
  })
})

describe('a realm with OpenID Connect off', () => {
  const server = useOpenid('sqlite', { apps: [web], openid: { enabled: false } })

  it('has none of its routes', async () => {
    for (const path of ['/.well-known/openid-configuration', '/oidc/authorize', '/oidc/userinfo'])
      assert.equal((await server.request('GET', path)).status, 404, path)
    assert.equal((await server.request('POST', '/oidc/token', { form: {} })).status, 404)
  })
})
