import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { describe, it } from 'node:test'
import { register } from '../../harness/doors.ts'
import type { Answer } from '../../harness/harness.ts'
import { appBrowser, authorize } from '../browser.ts'
import { issuer, useOpenid } from '../harness.ts'
import { beginSignIn, finishSignIn, signIn } from '../relying-party.ts'

const web = { id: 'web', settings: { authMethod: 'client_secret_post' as const } }
const lax = { id: 'lax', settings: { authMethod: 'client_secret_post' as const, pkce: 'optional' as const } }
const guest = { id: 'guest', settings: { firstParty: false } }
const tv = { id: 'tv', settings: { authMethod: 'none' as const, grants: ['device_code' as const] } }

const verifierOf = () => randomBytes(32).toString('base64url')
const challengeOf = (verifier: string) => createHash('sha256').update(verifier).digest('base64url')

// Nothing of it is of a database.
describe('an authorization request', () => {
  const server = useOpenid('sqlite', { apps: [web, lax, guest, tv] })

  const codeFor = async (id: string, parameters: Record<string, string>): Promise<string> => {
    const query = new URLSearchParams({
      client_id: id,
      response_type: 'code',
      scope: 'openid',
      redirect_uri: `https://${id}.example/callback`,
      ...parameters,
    })
    const callback = await authorize(appBrowser(server), `/oidc/authorize?${query}`, await register(server))
    return callback.searchParams.get('code') ?? assert.fail(callback.href)
  }
  const exchange = (id: string, code: string, more: Record<string, string> = {}): Promise<Answer> =>
    server.request('POST', '/oidc/token', {
      form: {
        grant_type: 'authorization_code',
        code,
        client_id: id,
        client_secret: server.app(id).secret ?? '',
        redirect_uri: `https://${id}.example/callback`,
        ...more,
      },
    })
  const assertRefused = ({ status, body }: Answer) => {
    assert.deepEqual([status, body.error], [400, 'invalid_grant'])
    assert.equal(body.access_token, undefined)
  }

  it('without a challenge gives a code that no verifier is good for (PKCE downgrade, §4.8)', async () => {
    assertRefused(await exchange('lax', await codeFor('lax', {}), { code_verifier: verifierOf() }))
    const { status } = await exchange('lax', await codeFor('lax', {}))
    assert.equal(status, 200)
  })

  it('with a challenge gives a code that is good with its verifier alone (§2.1.1)', async () => {
    for (const id of ['web', 'lax']) {
      const verifier = verifierOf()
      const challenge = { code_challenge: challengeOf(verifier), code_challenge_method: 'S256' }
      assertRefused(await exchange(id, await codeFor(id, challenge)))
      assertRefused(await exchange(id, await codeFor(id, challenge), { code_verifier: verifierOf() }))
      assertRefused(
        await exchange(id, await codeFor(id, challenge), { code_verifier: challengeOf(verifier) }),
      )
      const good = await exchange(id, await codeFor(id, challenge), { code_verifier: verifier })
      assert.equal(good.status, 200)
    }
  })

  it('is led back with no code where it has no challenge, or one that is plain or none', async () => {
    const challenges: Record<string, string>[] = [
      {},
      { code_challenge: verifierOf() },
      { code_challenge: verifierOf(), code_challenge_method: 'plain' },
      { code_challenge: verifierOf(), code_challenge_method: 'S512' },
      { code_challenge: 'short', code_challenge_method: 'S256' },
      { code_challenge_method: 'S256' },
    ]
    for (const challenge of challenges) {
      const query = new URLSearchParams({
        client_id: 'web',
        response_type: 'code',
        scope: 'openid',
        redirect_uri: 'https://web.example/callback',
        ...challenge,
      })
      const { status, headers } = await server.request('GET', `/oidc/authorize?${query}`)
      const location = new URL(headers.get('location') ?? assert.fail(`${status}`))
      assert.equal(location.searchParams.get('error'), 'invalid_request')
      assert.equal(location.searchParams.get('code'), null)
    }
  })

  it('of another session gives a code that is refused in this one (code injection, §4.5)', async () => {
    const [person, attacker] = [await register(server), await register(server)]
    const party = await server.party('web', { secret: server.app('web').secret ?? '' })
    const [theirs, own] = [await beginSignIn(party), await beginSignIn(party)]
    const stolen = await authorize(appBrowser(server), theirs.url, person)
    const mine = await authorize(appBrowser(server), own.url, attacker)
    mine.searchParams.set('code', stolen.searchParams.get('code') ?? '')
    await assert.rejects(finishSignIn(party, mine, own))
  })

  it('cannot have tokens in an address, nor sent by a script to a window (§2.1.2, §4.17)', async () => {
    const base = {
      client_id: 'web',
      scope: 'openid',
      redirect_uri: 'https://web.example/callback',
      nonce: 'nonce',
      code_challenge: 'x'.repeat(43),
      code_challenge_method: 'S256',
    }
    const others: Record<string, string>[] = [
      { response_type: 'token' },
      { response_type: 'id_token' },
      { response_type: 'code token' },
      { response_type: 'code id_token token' },
      { response_type: 'none' },
      { response_type: 'code', response_mode: 'web_message' },
    ]
    for (const other of others) {
      const query = new URLSearchParams({ ...base, ...other })
      const answer = await server.request('GET', `/oidc/authorize?${query}`)
      const location = answer.headers.get('location') ?? ''
      assert.doesNotMatch(`${location}${answer.text}`, /access_token=|id_token=|[?&#]code=/)
      assert.match(location || answer.text, /error|unsupported|invalid/i)
    }
    const { body } = await server.request('GET', '/.well-known/openid-configuration')
    assert.deepEqual(body.response_types_supported, ['code'])
    assert.ok(!body.response_modes_supported.includes('web_message'))
    assert.deepEqual(body.code_challenge_methods_supported, ['S256'])
    assert.equal(body.authorization_response_iss_parameter_supported, true)
  })

  it('is followed by no password of a person, and by no grant that is not named (§2.4)', async () => {
    const person = await register(server)
    const secret = { client_id: 'web', client_secret: server.app('web').secret ?? '' }
    for (const grant_type of [
      'password',
      'implicit',
      'urn:ietf:params:oauth:grant-type:jwt-bearer',
      'urn:ietf:params:oauth:grant-type:token-exchange',
    ]) {
      const form = { grant_type, username: person.email, password: person.password, ...secret }
      const { status, body } = await server.request('POST', '/oidc/token', { form })
      assert.deepEqual([status, body.error], [400, 'unsupported_grant_type'])
    }
    const { body } = await server.request('GET', '/.well-known/openid-configuration')
    assert.ok(!body.grant_types_supported.some((name: string) => /password|implicit/.test(name)))
  })

  it('is answered on pages that no site can frame and that name no address to another (§4.2, §4.16)', async () => {
    const person = await register(server)
    const browser = appBrowser(server)
    const signInPage = await browser.visit((await beginSignIn(await server.party('guest'))).url)
    const typed = { identifier: person.email, password: person.password }
    const consent = await browser.send(signInPage, typed)
    const form = { client_id: 'tv', scope: 'openid' }
    const { body } = await server.request('POST', '/oidc/device/code', { form })
    const device = await browser.visit('/oidc/device')
    const confirm = await browser.send(device, { user_code: body.user_code })
    const posting = await beginSignIn(await server.party('web'), { response_mode: 'form_post' })
    const pages = {
      signInPage,
      consent,
      device,
      confirm,
      logout: await browser.visit('/oidc/logout'),
      failure: await browser.visit('/oidc/authorize?client_id=nobody'),
      formPost: await browser.visit(posting.url),
    }
    for (const [name, { headers, text }] of Object.entries(pages)) {
      assert.match(text, /<html/, name)
      assert.match(headers.get('content-security-policy') ?? '', /frame-ancestors 'none'/, name)
      assert.equal(headers.get('x-frame-options'), 'DENY', name)
      assert.match(headers.get('referrer-policy') ?? '', /^(no-referrer|same-origin|origin)$/, name)
      assert.match(headers.get('cache-control') ?? '', /no-store/, name)
      assert.doesNotMatch(headers.get('content-security-policy') ?? '', /unsafe/, name)
    }
  })

  it('leads to tokens that are in no address, and are not taken from one (§4.3)', async () => {
    const party = await server.party('web', { secret: server.app('web').secret ?? '' })
    const tokens = await signIn(party, appBrowser(server), await register(server))
    const query = new URLSearchParams({ access_token: tokens.access_token })
    const { status } = await server.request('GET', `/oidc/userinfo?${query}`)
    assert.equal(status, 400)
    for (const path of ['/oidc/token', '/oidc/introspect', '/oidc/revoke'])
      assert.equal((await server.request('GET', `${path}?${query}`)).status, 404)
    const answer = await server.request('POST', `/oidc/token?client_secret=${server.app('web').secret}`, {
      form: { grant_type: 'refresh_token', refresh_token: String(tokens.refresh_token), client_id: 'web' },
    })
    assert.equal(answer.body.error, 'invalid_client')
  })

  it('is answered as who this server is, whatever a proxy or a stranger says of that (§4.4, §4.13)', async () => {
    const headers = {
      'x-forwarded-host': 'evil.example',
      'x-forwarded-proto': 'https',
      forwarded: 'host=evil.example;proto=https',
      'x-original-url': '/oidc/token',
      'x-client-id': 'web',
      'ssl-client-cert': 'MIIB',
    }
    const { body } = await server.request('GET', '/.well-known/openid-configuration', { headers })
    assert.doesNotMatch(JSON.stringify(body), /evil\.example/)
    assert.equal(body.issuer, issuer)
    const refused = await server.request('POST', '/oidc/token', {
      headers,
      form: { grant_type: 'client_credentials', client_id: 'web' },
    })
    assert.equal(refused.body.error, 'invalid_client')
  })
})
