import assert from 'node:assert/strict'
import { it } from 'node:test'
import { register } from '../harness/doors.ts'
import type { Answer, TestServer } from '../harness/harness.ts'
import { type AppBrowser, appBrowser, authorize, callbackOf, redirectOf } from './browser.ts'
import { onEveryOpenidCluster } from './cluster.ts'
import { newDpopKey } from './dpop.ts'
import { exchangeCode, isActive, post, refresh } from './endpoints.ts'
import { beginSignIn, finishSignIn, type RelyingParty, signIn } from './relying-party.ts'

const times = 50

const apps = [
  { id: 'web', settings: { idTokenAlgorithm: 'ES256' as const, introspect: true } },
  {
    id: 'tv',
    settings: { authMethod: 'none' as const, grants: ['device_code' as const, 'refresh_token' as const] },
  },
]

/** Of two answers the one that succeeded, and that the other is a refusal of what was used up. */
function oneOf(answers: Answer[], error: string): Answer {
  const [won, lost] = answers.toSorted((a, b) => a.status - b.status)
  assert.ok(won && lost)
  assert.equal(won.status, 200, won.text)
  assert.ok(lost.status === 400 || lost.status === 401, lost.text)
  assert.equal(lost.body.error, error, lost.text)
  return won
}

onEveryOpenidCluster('two at once', { apps }, (cluster) => {
  const web = () => cluster.app('web')

  const signedIn = async () => {
    const [party, browser, person] = [
      await cluster.party('web'),
      appBrowser(cluster),
      await register(cluster),
    ]
    const tokens = await signIn(party, browser, person)
    return { party, browser, person, tokens }
  }
  /** A code of a browser that is signed in, and what it is exchanged with. */
  const newCode = async (party: RelyingParty, browser: AppBrowser) => {
    const { url, checks } = await beginSignIn(party)
    return { callback: callbackOf(await browser.visit(url)), verifier: checks.pkceCodeVerifier }
  }
  const assertWorks = async (tokens: Answer) => {
    const next = await refresh(cluster, web(), tokens.body.refresh_token)
    assert.equal(next.status, 200, next.text)
    assert.notEqual(next.body.refresh_token, tokens.body.refresh_token)
  }
  const assertDead = async (answer: Answer) => {
    if (answer.status !== 200) return
    for (const token of [answer.body.access_token, answer.body.refresh_token])
      assert.equal(await isActive(cluster, web(), token), false)
    assert.equal((await refresh(cluster, web(), answer.body.refresh_token)).body.error, 'invalid_grant')
  }

  it('exchange a code: one gets tokens that go on, the other nothing', async () => {
    const { party, browser } = await signedIn()
    for (let count = 0; count < times; count++) {
      const code = await newCode(party, browser)
      const exchange = (node: TestServer) => exchangeCode(node, web(), code)
      await assertWorks(oneOf(await cluster.race(exchange, exchange), 'invalid_grant'))
    }
  })

  it('refresh: both get the same successor, which goes on', async () => {
    const { tokens } = await signedIn()
    let token = tokens.refresh_token ?? ''
    for (let count = 0; count < times; count++) {
      const ask = (node: TestServer) => refresh(node, web(), token)
      const [one, two] = await cluster.race(ask, ask)
      assert.ok(one && two)
      assert.equal(one.status, 200, one.text)
      assert.equal(two.status, 200, two.text)
      assert.equal(one.body.refresh_token, two.body.refresh_token)
      assert.notEqual(one.body.refresh_token, token)
      for (const { body } of [one, two]) assert.equal(await isActive(cluster, web(), body.access_token), true)
      token = one.body.refresh_token
    }
  })

  it('go on from a pushed request: one gets a code, and so does nobody later', async () => {
    const { party, browser } = await signedIn()
    for (let count = 0; count < times; count++) {
      const { url, checks } = await beginSignIn(party)
      const pushed = await post(cluster, web(), '/oidc/par', Object.fromEntries(url.searchParams))
      assert.equal(pushed.status, 201, pushed.text)
      const { request_uri } = pushed.body
      const visit = () =>
        browser.visit(`/oidc/authorize?${new URLSearchParams({ client_id: 'web', request_uri })}`)
      const answers = [...(await cluster.race(visit, visit)), await visit()]
      const codes = answers.flatMap((answer) => redirectOf(answer)?.searchParams.get('code') ?? [])
      assert.equal(codes.length, 1)
      const [late] = answers.slice(-1)
      assert.equal(late?.status, 400, late?.text)
      const callback = answers.map(redirectOf).find((target) => target?.searchParams.has('code'))
      assert.ok(callback)
      const tokens = await exchangeCode(cluster, web(), { callback, verifier: checks.pkceCodeVerifier })
      await assertWorks(tokens)
    }
  })

  it('show one proof of possession: it is good once, at the token endpoint and at userinfo', async () => {
    const { party, browser } = await signedIn()
    const key = newDpopKey()
    const code = await newCode(party, browser)
    const first = await post(
      cluster,
      web(),
      '/oidc/token',
      {
        grant_type: 'authorization_code',
        code: code.callback.searchParams.get('code') ?? '',
        redirect_uri: party.app.redirectUri,
        code_verifier: code.verifier,
      },
      { headers: { dpop: key.proof('POST', '/oidc/token') } },
    )
    assert.equal(first.status, 200, first.text)
    assert.equal(first.body.token_type, 'DPoP')
    let newest = first
    for (let count = 0; count < times; count++) {
      const headers = { dpop: key.proof('POST', '/oidc/token') }
      const ask = (node: TestServer) => refresh(node, web(), newest.body.refresh_token, { headers })
      const answers = await cluster.race(ask, ask)
      newest = oneOf(answers, 'invalid_grant')
      const { access_token: accessToken } = newest.body
      const proof = key.proof('GET', '/oidc/userinfo', { accessToken })
      const authorization = `DPoP ${accessToken}`
      const read = (node: TestServer) =>
        node.request('GET', '/oidc/userinfo', { headers: { authorization, dpop: proof } })
      oneOf(await cluster.race(read, read), 'invalid_token')
    }
  })

  it('ask with the code of a device: one gets tokens that go on', async () => {
    const { browser } = await signedIn()
    const tv = cluster.app('tv')
    for (let count = 0; count < times; count++) {
      const begun = await post(cluster, tv, '/oidc/device/code', { scope: 'openid' })
      assert.equal(begun.status, 200, begun.text)
      const { device_code, user_code } = begun.body
      const typed = await browser.send(await browser.visit('/oidc/device'), { user_code })
      const asked = await browser.send(typed, {}, 'yes')
      assert.equal(asked.status, 200, asked.text)
      const ask = (node: TestServer) =>
        post(node, tv, '/oidc/token', {
          grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
          device_code,
        })
      const tokens = oneOf(await cluster.race(ask, ask), 'invalid_grant')
      const next = await refresh(cluster, tv, tokens.body.refresh_token)
      assert.equal(next.status, 200, next.text)
    }
  })

  it('sign out at the app and refresh: nothing lives on once the sign-out is answered', async () => {
    const { party, browser, person } = await signedIn()
    for (let count = 0; count < times; count++) {
      const begun = await beginSignIn(party)
      const tokens = await finishSignIn(party, await authorize(browser, begun.url, person), begun)
      const page = await browser.visit(
        `/oidc/logout?${new URLSearchParams({ id_token_hint: tokens.id_token ?? '' })}`,
      )
      const [away, refreshed] = await cluster.race(
        () => browser.send(page, {}, 'yes'),
        (node) => refresh(node, web(), tokens.refresh_token ?? ''),
      )
      assert.equal(away?.status, 200, away?.text)
      assert.ok(refreshed)
      await assertDead(refreshed)
      assert.equal(await isActive(cluster, web(), tokens.access_token), false)
    }
  })

  it('sign out of the browser and exchange a code: nothing lives on once the sign-out is answered', async () => {
    const { party, browser, person } = await signedIn()
    for (let count = 0; count < times; count++) {
      const { url, checks } = await beginSignIn(party)
      const callback = await authorize(browser, url, person)
      const account = await browser.open('/ui/account')
      const [, exchanged] = await cluster.race(
        () => browser.submit(account, {}, '/ui/account/sign-out'),
        (node) => exchangeCode(node, web(), { callback, verifier: checks.pkceCodeVerifier }),
      )
      assert.ok(exchanged)
      await assertDead(exchanged)
    }
  })
})
