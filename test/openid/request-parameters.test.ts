import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createLocalJWKSet, exportJWK, generateKeyPair, jwtVerify, SignJWT } from 'jose'
import * as client from 'openid-client'
import { nextCode, password, registerWithSecondFactor } from '../dialects/wolfpal/door.ts'
import { register } from '../harness/doors.ts'
import type { Answer } from '../harness/harness.ts'
import { formsOf } from '../pages/html.ts'
import { type AppBrowser, appBrowser, authorize, callbackOf, isSignInPage, type Visitor } from './browser.ts'
import { issuer, useOpenid } from './harness.ts'
import { beginSignIn, finishSignIn, relyingParty, signIn } from './relying-party.ts'

// The settings file names their public halves, so they are there before the server is.
const [signing, stranger] = await Promise.all([generateKeyPair('ES256'), generateKeyPair('ES256')])
const jwks = { keys: [{ ...(await exportJWK(signing.publicKey)), kid: 'one', use: 'sig' }] }

const web = { id: 'web' }
const modern = { id: 'modern', settings: { idTokenAlgorithm: 'ES256' as const } }
const third = { id: 'third', settings: { firstParty: false } }
const signer = { id: 'signer', settings: { jwks, scopes: ['openid', 'email', 'profile'] } }
const apps = [web, modern, third, signer]

describe('what an app asks for in an authorization request', () => {
  const server = useOpenid('sqlite', { apps, openid: { registration: 'open' } })

  const request = async (id: string, parameters: Record<string, string> = {}) => {
    const party = await server.party(id)
    return { party, ...(await beginSignIn(party, parameters)) }
  }
  /** Somebody whose browser is signed in, by the app `web`. */
  const signedIn = async () => {
    const [person, browser] = [await register(server), appBrowser(server)]
    const tokens = await signIn(await server.party('web'), browser, person, { scope: 'openid email' })
    return { person, browser, tokens, sub: tokens.claims()?.sub ?? assert.fail('no ID token') }
  }
  const typePassword = (browser: AppBrowser, page: Answer, { email, password }: Visitor) =>
    browser.send(page, { identifier: email, password })
  const errorOf = (answer: Answer) => callbackOf(answer).searchParams.get('error')

  for (const { id, algorithm } of [
    { id: 'web', algorithm: 'RS256' },
    { id: 'modern', algorithm: 'ES256' },
  ])
    it(`has its ID tokens signed ${algorithm}, by a key that is listed`, async () => {
      const party = await server.party(id)
      const tokens = await signIn(party, appBrowser(server), await register(server))
      const { body } = await server.request('GET', '/.well-known/jwks.json')
      const { protectedHeader, payload } = await jwtVerify(tokens.id_token ?? '', createLocalJWKSet(body), {
        issuer,
        audience: id,
        algorithms: [algorithm],
      })
      assert.ok(protectedHeader.kid)
      assert.equal(typeof payload.at_hash, 'undefined')
      const refreshed = await client.refreshTokenGrant(party.config, tokens.refresh_token ?? '')
      await jwtVerify(refreshed.id_token ?? '', createLocalJWKSet(body), { issuer, audience: id })
    })

  it('prompt: asks for a sign-in, an account or a consent though nothing else needs it', async () => {
    const { person, browser, sub } = await signedIn()
    for (const prompt of ['login', 'select_account']) {
      const begun = await request('web', { prompt })
      let page = await browser.visit(begun.url)
      assert.equal(page.status, 200, prompt)
      if (isSignInPage(page)) page = await typePassword(browser, page, person)
      else page = await browser.send(page, {})
      const tokens = await finishSignIn(begun.party, callbackOf(page), begun)
      assert.equal(tokens.claims()?.sub, sub, prompt)
    }
    const begun = await request('web', { prompt: 'consent' })
    const page = await browser.visit(begun.url)
    assert.ok(page.text.includes(' value="allow"'), page.text)
    const denied = await browser.send(page, {}, 'deny')
    assert.equal(errorOf(denied), 'access_denied')
  })

  it('prompt=none: shows nothing, and says what would have been asked', async () => {
    const { browser, sub } = await signedIn()
    const fresh = await request('web', { prompt: 'none' })
    assert.equal(errorOf(await appBrowser(server).visit(fresh.url)), 'login_required')
    const known = await request('modern', { prompt: 'none' })
    const tokens = await finishSignIn(known.party, callbackOf(await browser.visit(known.url)), known)
    assert.equal(tokens.claims()?.sub, sub)
    const foreign = await request('third', { prompt: 'none' })
    assert.match(errorOf(await browser.visit(foreign.url)) ?? '', /^(consent|interaction)_required$/)
    const both = await request('web', { prompt: 'none login' })
    assert.equal(errorOf(await browser.visit(both.url)), 'invalid_request')
  })

  it('max_age: asks again where the sign-in is older, and not where it is not', async () => {
    const { person, browser } = await signedIn()
    const young = await request('web', { max_age: '10000', prompt: 'none' })
    const tokens = await finishSignIn(young.party, callbackOf(await browser.visit(young.url)), young)
    assert.equal(typeof tokens.claims()?.auth_time, 'number')
    const old = await request('web', { max_age: '0' })
    const page = await browser.visit(old.url)
    assert.ok(isSignInPage(page), page.text)
    const again = await finishSignIn(old.party, callbackOf(await typePassword(browser, page, person)), old)
    assert.ok(again.claims())
    for (const max_age of ['-1', 'x', '1.5']) {
      const { url } = await request('web', { max_age })
      assert.equal(errorOf(await browser.visit(url)), 'invalid_request', max_age)
    }
  })

  it('id_token_hint: means the person of the token, and nobody else', async () => {
    const [mine, other] = [await signedIn(), await signedIn()]
    const hint = mine.tokens.id_token ?? ''
    const same = await request('web', { prompt: 'none', id_token_hint: hint })
    assert.ok(await finishSignIn(same.party, callbackOf(await mine.browser.visit(same.url)), same))
    const wrong = await request('web', { prompt: 'none', id_token_hint: hint })
    assert.equal(errorOf(await other.browser.visit(wrong.url)), 'login_required')
    // Asked on a page, somebody else cannot answer for them either.
    const asked = await request('web', { id_token_hint: hint })
    const page = await other.browser.visit(asked.url)
    assert.ok(isSignInPage(page), page.text)
    const answer = await typePassword(other.browser, page, other.person)
    assert.equal(errorOf(answer), 'login_required')
    // Whom it means can, on that page.
    const own = await request('web', { id_token_hint: hint })
    const theirs = appBrowser(server)
    const back = callbackOf(await typePassword(theirs, await theirs.visit(own.url), mine.person))
    assert.ok(await finishSignIn(own.party, back, own))
    const forged = await request('web', { id_token_hint: `${hint.slice(0, -8)}AAAAAAAA` })
    assert.equal(errorOf(await mine.browser.visit(forged.url)), 'invalid_request')
  })

  it('login_hint and ui_locales: fills in the name, and speaks the language', async () => {
    const { url } = await request('web', { login_hint: 'ada@example.com', ui_locales: 'xx nb-NO en' })
    const page = await appBrowser(server).visit(url)
    const form = formsOf(page).find(({ fields }) => 'identifier' in fields)
    assert.equal(form?.fields.identifier, 'ada@example.com')
    assert.match(page.text, /<html lang="nb"/)
    for (const login_hint of ['"><script>alert(1)</script>', 'x'.repeat(1000)]) {
      const strange = await appBrowser(server).visit((await request('web', { login_hint })).url)
      assert.ok(isSignInPage(strange), strange.text)
      assert.ok(!strange.text.includes('<script>alert'))
    }
  })

  it('takes no offence at what it does not know', async () => {
    const party = await server.party('web')
    const parameters = { display: 'popup', claims_locales: 'se', extra: 'foobar', audience: 'x' }
    assert.ok(await signIn(party, appBrowser(server), await register(server), parameters))
    const unknown = await signIn(party, appBrowser(server), await register(server), {
      scope: 'openid address nonsense email',
    })
    assert.equal(unknown.scope, 'openid email')
    assert.ok(await signIn(party, appBrowser(server), await register(server), { acr_values: 'urn:any 1 2' }))
  })

  it('may be posted', async () => {
    const begun = await request('web')
    const browser = appBrowser(server)
    const answer = await browser.post('/oidc/authorize', Object.fromEntries(begun.url.searchParams))
    assert.equal(answer.status, 303)
    const location = new URL(answer.headers.get('location') ?? '', issuer)
    const callback = await authorize(browser, location, await register(server))
    assert.ok(await finishSignIn(begun.party, callback, begun))
  })

  it('is refused when it says one thing twice', async () => {
    const { url } = await request('web')
    url.searchParams.append('scope', 'openid email')
    assert.equal(errorOf(await appBrowser(server).visit(url)), 'invalid_request')
    const posted = await server.request('POST', '/oidc/authorize', {
      raw: url.searchParams.toString(),
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    })
    assert.equal(posted.status, 303)
    const { searchParams } = new URL(posted.headers.get('location') ?? '', issuer)
    assert.equal(searchParams.getAll('scope').length, 2)
  })

  describe('response_mode', () => {
    it('query and fragment: bring the code where they say', async () => {
      for (const response_mode of ['query', 'fragment']) {
        const begun = await request('web', { response_mode })
        const callback = await authorize(appBrowser(server), begun.url, await register(server))
        const part = response_mode === 'query' ? callback.search.slice(1) : callback.hash.slice(1)
        const answer = new URLSearchParams(part)
        assert.ok(answer.get('code'), callback.href)
        assert.equal(answer.get('iss'), issuer)
        assert.equal(response_mode === 'query' ? callback.hash : callback.search, '')
      }
    })

    it('form_post: has the browser post it, by a page that does nothing else', async () => {
      const begun = await request('web', { response_mode: 'form_post' })
      const browser = appBrowser(server)
      const page = await typePassword(browser, await browser.visit(begun.url), await register(server))
      assert.equal(page.status, 200, page.text)
      const [form] = formsOf(page)
      assert.equal(form?.action, 'https://web.example/callback')
      assert.deepEqual(Object.keys(form?.fields ?? {}).sort(), ['code', 'iss', 'state'])
      const policy = page.headers.get('content-security-policy') ?? ''
      assert.match(policy, /default-src 'none'/)
      assert.match(policy, /script-src 'self' 'sha256-[\w+/=]+'/)
      assert.match(policy, /frame-ancestors 'none'/)
      assert.equal(page.headers.get('cache-control'), 'no-store')
      const callback = new Request('https://web.example/callback', {
        method: 'POST',
        body: new URLSearchParams(form?.fields),
      })
      assert.ok(await client.authorizationCodeGrant(begun.party.config, callback, begun.checks))
      const refused = await request('web', { response_mode: 'form_post', prompt: 'none' })
      const error = formsOf(await appBrowser(server).visit(refused.url))[0]
      assert.equal(error?.fields.error, 'login_required')
    })

    it('is refused where it is none', async () => {
      const { url } = await request('web', { response_mode: 'web_message' })
      const { status } = await appBrowser(server).visit(url)
      assert.ok(status >= 300 && status < 500)
    })
  })

  describe('a second factor', () => {
    const withFactor = async (parameters: Record<string, string>) => {
      const person = await registerWithSecondFactor(server)
      const begun = await request('web', parameters)
      const browser = appBrowser(server)
      const asked = await browser.send(await browser.visit(begun.url), {
        identifier: person.username,
        password,
      })
      assert.match(asked.text, /<h1>Enter your code<\/h1>/)
      const page = await browser.send(asked, { code: nextCode(server, person.secret) })
      return (await finishSignIn(begun.party, callbackOf(page), begun)).claims()
    }
    const essential = JSON.stringify({ id_token: { acr: { essential: true, values: ['aal2'] } } })

    it('is told of where it was shown, asked for or not', async () => {
      for (const parameters of [{}, { acr_values: 'aal2' }, { claims: essential }] as Record<
        string,
        string
      >[]) {
        const claims = await withFactor(parameters)
        assert.equal(claims?.acr, 'aal2')
        const amr = claims?.amr as string[]
        for (const method of ['pwd', 'otp', 'mfa']) assert.ok(amr.includes(method), String(amr))
      }
    })

    it('is a wish in acr_values: who has none signs in without', async () => {
      const party = await server.party('web')
      const tokens = await signIn(party, appBrowser(server), await register(server), { acr_values: 'aal2' })
      assert.equal(tokens.claims()?.acr, 'aal1')
    })

    it('is asked for as an essential claim: who has none is refused', async () => {
      const { url } = await request('web', { claims: essential })
      const callback = await authorize(appBrowser(server), url, await register(server))
      assert.equal(callback.searchParams.get('error'), 'unmet_authentication_requirements')
      const silent = await request('web', { claims: essential, prompt: 'none' })
      const { browser } = await signedIn()
      assert.match(errorOf(await browser.visit(silent.url)) ?? '', /login_required|unmet_/)
    })
  })

  describe('claims', () => {
    const infoOf = async (id: string, parameters: Record<string, string>) => {
      const party = await server.party(id)
      const person = await register(server)
      const tokens = await signIn(party, appBrowser(server), person, parameters)
      const claims = tokens.claims() ?? assert.fail('no ID token')
      const info = await client.fetchUserInfo(party.config, tokens.access_token, claims.sub)
      return { person, claims, info }
    }

    it('are told at userinfo by scopes, and not in the ID token', async () => {
      const { person, claims, info } = await infoOf('web', { scope: 'openid email profile phone' })
      assert.equal(info.email, person.email)
      assert.equal(info.email_verified, true)
      assert.equal(typeof info.updated_at, 'number')
      for (const name of ['email', 'email_verified', 'name', 'updated_at']) assert.ok(!(name in claims), name)
    })

    it('are told where the app asks for each, and nothing beside them', async () => {
      const wanted = JSON.stringify({ userinfo: { email: { essential: true } }, id_token: { email: null } })
      for (const id of ['web', 'third']) {
        const { person, claims, info } = await infoOf(id, { claims: wanted })
        assert.deepEqual(info, { sub: claims.sub, email: person.email })
        assert.equal(claims.email, person.email)
        assert.ok(!('email_verified' in claims))
      }
      const { url } = await request('web', { claims: 'nonsense' })
      assert.equal(errorOf(await appBrowser(server).visit(url)), 'invalid_request')
    })

    it('are shown to the person before an app of others gets them', async () => {
      const wanted = JSON.stringify({ userinfo: { email: null } })
      const begun = await request('third', { claims: wanted })
      const browser = appBrowser(server)
      const page = await typePassword(browser, await browser.visit(begun.url), await register(server))
      const shown = [...page.text.matchAll(/<li>([^<]+)<\/li>/g)].map(([, item]) => item)
      assert.equal(shown.length, 2)
      assert.match(shown[1] ?? '', /email/)
    })

    it('are signed for an app that has registered for that', async () => {
      const redirectUri = 'https://signed.example/callback'
      const { body } = await server.request('POST', '/oidc/register', {
        json: { redirect_uris: [redirectUri], userinfo_signed_response_alg: 'RS256' },
      })
      const { client_id: id, client_secret: secret } = body
      const metadata = { userinfo_signed_response_alg: 'RS256' }
      const party = await relyingParty(server, { id, redirectUri, secret, metadata })
      const person = await register(server)
      const tokens = await signIn(party, appBrowser(server), person, { scope: 'openid email' })
      const answer = await server.request('GET', '/oidc/userinfo', { bearer: tokens.access_token })
      assert.match(answer.headers.get('content-type') ?? '', /^application\/jwt/)
      const keys = await server.request('GET', '/.well-known/jwks.json')
      const { payload } = await jwtVerify(answer.text, createLocalJWKSet(keys.body), {
        issuer,
        audience: id,
        algorithms: ['RS256'],
      })
      assert.equal(payload.email, person.email)
      assert.equal(payload.sub, tokens.claims()?.sub)
    })

    it('are told to a GET, a POST with a header and a POST with a form', async () => {
      const { tokens, sub } = await signedIn()
      const token = tokens.access_token
      for (const answer of [
        await server.request('GET', '/oidc/userinfo', { bearer: token }),
        await server.request('POST', '/oidc/userinfo', { bearer: token }),
        await server.request('POST', '/oidc/userinfo', { form: { access_token: token } }),
      ]) {
        assert.equal(answer.status, 200, answer.text)
        assert.equal(answer.body.sub, sub)
      }
      const inAddress = await server.request('GET', `/oidc/userinfo?access_token=${token}`)
      assert.ok(inAddress.status >= 400)
    })
  })

  describe('a request object', () => {
    const objectOf = async (claims: Record<string, unknown>, { key = signing, algorithm = 'ES256' } = {}) =>
      new SignJWT({
        iss: 'signer',
        aud: issuer,
        client_id: 'signer',
        response_type: 'code',
        redirect_uri: 'https://signer.example/callback',
        scope: 'openid email',
        ...claims,
      })
        .setProtectedHeader({ alg: algorithm, typ: 'oauth-authz-req+jwt' })
        .setIssuedAt()
        .setExpirationTime('1m')
        .sign(key.privateKey)
    const withPkce = async () => {
      const { party, url, checks } = await request('signer')
      const names = ['code_challenge', 'code_challenge_method', 'state', 'nonce']
      const said = Object.fromEntries(names.map((name) => [name, url.searchParams.get(name)]))
      return { party, checks, said }
    }

    it('is taken by value, and nothing beside it counts', async () => {
      const { party, checks, said } = await withPkce()
      const url = client.buildAuthorizationUrl(party.config, {
        request: await objectOf(said),
        scope: 'openid email profile',
        redirect_uri: party.app.redirectUri,
      })
      const callback = await authorize(appBrowser(server), url, await register(server))
      const tokens = await finishSignIn(party, callback, { checks })
      assert.equal(tokens.scope, 'openid email')
    })

    it('is refused when it is not signed by the app, or is for others', async () => {
      const { party, said } = await withPkce()
      const [header, payload] = (await objectOf(said)).split('.')
      const none = Buffer.from(JSON.stringify({ alg: 'none' })).toString('base64url')
      const objects = [
        await objectOf(said, { key: stranger }),
        await objectOf({ ...said, aud: 'https://other.example' }),
        await objectOf({ ...said, iss: 'web' }),
        await objectOf({ ...said, client_id: 'web' }),
        await objectOf({ ...said, request_uri: 'https://signer.example/request' }),
        `${none}.${payload}.`,
        `${header}.${payload}.`,
        'nonsense',
      ]
      for (const object of objects) {
        const url = client.buildAuthorizationUrl(party.config, {
          request: object,
          redirect_uri: party.app.redirectUri,
          scope: 'openid',
        })
        const answer = await appBrowser(server).visit(url)
        const isSentBack = answer.status >= 300 && answer.status < 400
        if (isSentBack)
          assert.match(
            errorOf(answer) ?? '',
            /^(invalid_request_object|invalid_request|request_not_supported)$/,
          )
        else assert.equal(answer.status, 400)
      }
    })
  })
})
