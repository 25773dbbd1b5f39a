import assert from 'node:assert/strict'
import { it } from 'node:test'
import { register } from '../harness/doors.ts'
import { type Answer, onEveryEngine } from '../harness/harness.ts'
import { appBrowser, authorize, callbackOf } from './browser.ts'
import { useOpenid } from './harness.ts'
import { beginSignIn, finishSignIn } from './relying-party.ts'

const times = 50

onEveryEngine('two at once', (engine) => {
  const server = useOpenid(engine, { apps: [{ id: 'web', settings: { idTokenAlgorithm: 'ES256' } }] })

  const ask = (fields: Record<string, string>): Promise<Answer> => {
    const { id, secret } = server.app('web')
    const authorization = `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`
    return server.request('POST', '/oidc/token', { form: fields, headers: { authorization } })
  }
  const refresh = (refresh_token: string) => ask({ grant_type: 'refresh_token', refresh_token })

  it('get tokens for a code once, and the other is refused', async () => {
    const [party, browser, person] = [await server.party('web'), appBrowser(server), await register(server)]
    const first = await beginSignIn(party)
    await finishSignIn(party, await authorize(browser, first.url, person), first)
    for (let count = 0; count < times; count++) {
      const { url, checks } = await beginSignIn(party)
      const callback = callbackOf(await browser.visit(url))
      const fields = {
        grant_type: 'authorization_code',
        code: callback.searchParams.get('code') ?? '',
        redirect_uri: party.app.redirectUri,
        code_verifier: checks.pkceCodeVerifier,
      }
      const answers = await Promise.all([ask(fields), ask(fields)])
      const [won, lost] = answers.toSorted((a, b) => a.status - b.status)
      assert.equal(won?.status, 200, won?.text)
      assert.equal(lost?.status, 400, lost?.text)
      assert.equal(lost.body.error, 'invalid_grant')
      assert.ok(won.body.refresh_token)
    }
  })

  it('refresh to the same successor, which is good', async () => {
    const [party, browser, person] = [await server.party('web'), appBrowser(server), await register(server)]
    const begun = await beginSignIn(party)
    const tokens = await finishSignIn(party, await authorize(browser, begun.url, person), begun)
    let token = tokens.refresh_token ?? ''
    for (let count = 0; count < times; count++) {
      const [one, two] = await Promise.all([refresh(token), refresh(token)])
      assert.equal(one.status, 200, one.text)
      assert.equal(two.status, 200, two.text)
      assert.equal(one.body.refresh_token, two.body.refresh_token)
      assert.notEqual(one.body.refresh_token, token)
      token = one.body.refresh_token
    }
  })

  it('are one more than a session can bear where one of them shows a token that is two turns old', async () => {
    const [party, browser, person] = [await server.party('web'), appBrowser(server), await register(server)]
    const begun = await beginSignIn(party)
    const tokens = await finishSignIn(party, await authorize(browser, begun.url, person), begun)
    const first = await refresh(tokens.refresh_token ?? '')
    const second = await refresh(first.body.refresh_token)
    assert.equal(second.status, 200, second.text)
    const stolen = await refresh(tokens.refresh_token ?? '')
    assert.equal(stolen.status, 400, stolen.text)
    assert.equal(stolen.body.error, 'invalid_grant')
    const after = await refresh(second.body.refresh_token)
    assert.equal(after.body.error, 'invalid_grant', after.text)
  })
})
