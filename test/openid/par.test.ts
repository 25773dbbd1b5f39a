import assert from 'node:assert/strict'
import { it } from 'node:test'
import * as client from 'openid-client'
import { register } from '../harness/doors.ts'
import { everyColumn } from '../harness/everything.ts'
import { onEveryEngine } from '../harness/harness.ts'
import { assertPage } from '../pages/page.ts'
import { appBrowser, authorize, callbackOf, redirectOf } from './browser.ts'
import { issuer, useOpenid } from './harness.ts'
import { refusedWith } from './refusals.ts'
import { finishSignIn, type RelyingParty } from './relying-party.ts'

const web = { id: 'web' }
const strict = { id: 'strict', settings: { par: true } }
const spa = { id: 'spa', settings: { authMethod: 'none' as const } }

onEveryEngine('a pushed authorization request', (engine) => {
  const server = useOpenid(engine, { apps: [web, strict, spa] })

  /** Pushes what `beginSignIn` of a request would have in its address. */
  const push = async ({ app, config }: RelyingParty, parameters: Record<string, string> = {}) => {
    const pkceCodeVerifier = client.randomPKCECodeVerifier()
    const [expectedState, expectedNonce] = [client.randomState(), client.randomNonce()]
    const url = await client.buildAuthorizationUrlWithPAR(config, {
      redirect_uri: app.redirectUri,
      scope: 'openid email',
      code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
      code_challenge_method: 'S256',
      state: expectedState,
      nonce: expectedNonce,
      ...parameters,
    })
    return { url, checks: { pkceCodeVerifier, expectedState, expectedNonce, idTokenExpected: true } }
  }

  for (const { id } of [web, strict, spa]) {
    it(`signs somebody in to ${id}, and shows nothing of it in the address`, async () => {
      const party = await server.party(id)
      const begun = await push(party)
      assert.deepEqual([...begun.url.searchParams.keys()].sort(), ['client_id', 'request_uri'])
      const callback = await authorize(appBrowser(server), begun.url, await register(server))
      const tokens = await finishSignIn(party, callback, begun)
      assert.equal(tokens.scope, 'openid email')
    })
  }

  it('is used once', async () => {
    const party = await server.party('web')
    const begun = await push(party)
    const person = await register(server)
    const browser = appBrowser(server)
    assert.ok((await authorize(browser, begun.url, person)).searchParams.get('code'))
    for (const again of [browser, appBrowser(server)]) {
      const answer = await again.visit(begun.url)
      assert.equal(redirectOf(answer), undefined)
      assertPage(answer, 400)
    }
  })

  it('is good for a minute', async () => {
    const party = await server.party('web')
    const begun = await push(party)
    server.clock.advance(61_000)
    const answer = await appBrowser(server).visit(begun.url)
    assert.equal(redirectOf(answer), undefined)
    assertPage(answer, 400)
  })

  it('is good for the app alone that has pushed it', async () => {
    const begun = await push(await server.party('web'))
    for (const id of ['strict', 'nobody']) {
      const url = new URL(begun.url)
      url.searchParams.set('client_id', id)
      const answer = await appBrowser(server).visit(url)
      assert.equal(redirectOf(answer), undefined)
      assertPage(answer, 400)
    }
    // Who has tried it has not used it up.
    const callback = await authorize(appBrowser(server), begun.url, await register(server))
    assert.ok(callback.searchParams.get('code'))
  })

  it('is read alone: what the address says beside it counts for nothing', async () => {
    const party = await server.party('web')
    const begun = await push(party)
    const url = new URL(begun.url)
    url.searchParams.set('scope', 'openid email phone profile')
    url.searchParams.set('redirect_uri', 'https://evil.example/callback')
    url.searchParams.set('state', 'another')
    const callback = await authorize(appBrowser(server), url, await register(server))
    assert.equal(callback.origin, 'https://web.example')
    const tokens = await finishSignIn(party, callback, begun)
    assert.equal(tokens.scope, 'openid email')
  })

  it('is asked for where the app has set that', async () => {
    const { app, config } = await server.party('strict')
    const url = client.buildAuthorizationUrl(config, {
      redirect_uri: app.redirectUri,
      scope: 'openid',
      state: 'of-the-app',
      code_challenge: await client.calculatePKCECodeChallenge(client.randomPKCECodeVerifier()),
      code_challenge_method: 'S256',
    })
    const callback = callbackOf(await appBrowser(server).visit(url))
    assert.equal(callback.searchParams.get('error'), 'invalid_request')
    assert.equal(callback.searchParams.get('iss'), issuer)
    assert.equal(callback.searchParams.get('state'), 'of-the-app')
  })

  it('is refused when it is pushed, for what it would be refused for later', async () => {
    const party = await server.party('web')
    const wrong: Record<string, string>[] = [
      { redirect_uri: 'https://evil.example/callback' },
      { response_type: 'token' },
      { code_challenge_method: 'plain' },
      { request_uri: 'urn:ietf:params:oauth:request_uri:nonsense' },
      { prompt: 'none login' },
      { max_age: '-1' },
      { claims: 'nonsense' },
    ]
    for (const parameters of wrong)
      await assert.rejects(push(party, parameters), (error) => {
        assert.ok(error instanceof client.ResponseBodyError, JSON.stringify(parameters))
        assert.equal(error.status, 400)
        return true
      })
    const impostor = await server.party('web', { secret: 'wrong' })
    await assert.rejects(push(impostor), refusedWith('invalid_client', 401))
  })

  it('never names an address to fetch a request from', async () => {
    const { config } = await server.party('web')
    const url = client.buildAuthorizationUrl(config, { request_uri: 'http://127.0.0.1:1/request.jwt' })
    const answer = await appBrowser(server).visit(url)
    assert.equal(redirectOf(answer), undefined)
    assertPage(answer, 400)
  })

  it('is in no row as it was pushed', async () => {
    const party = await server.party('web')
    const { url } = await push(party, { login_hint: 'somebody@pushed.example' })
    const id = url.searchParams.get('request_uri')?.split(':').at(-1) ?? assert.fail()
    const rows = await everyColumn(server)
    assert.ok(rows.includes('PushedAuthorizationRequest'))
    for (const shown of [id, 'pushed.example']) assert.ok(!rows.includes(shown), shown)
  })
})
