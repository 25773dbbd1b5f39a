import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { exportJWK, type GenerateKeyPairResult, generateKeyPair, importJWK, SignJWT } from 'jose'
import * as client from 'openid-client'
import { register } from '../harness/doors.ts'
import type { Answer } from '../harness/harness.ts'
import { appBrowser, authorize, callbackOf } from './browser.ts'
import { issuer, useOpenid } from './harness.ts'
import { proofKey, proofOf } from './proofs.ts'
import { refusedWith } from './refusals.ts'
import type { RelyingParty } from './relying-party.ts'

// The settings file names their public halves, so they are there before the server is.
const [key, otherKey] = await Promise.all([
  generateKeyPair('PS256', { extractable: true }),
  generateKeyPair('ES256'),
])
/** The same key, for the algorithm that the profile has not. */
const rs256 = await importJWK(await exportJWK(key.privateKey), 'RS256')
const jwksOf = async ({ publicKey }: GenerateKeyPairResult) => ({
  keys: [{ ...(await exportJWK(publicKey)), kid: 'one', use: 'sig' }],
})
const rsaJwks = await jwksOf(key)
const ecJwks = await jwksOf(otherKey)

const bank = {
  id: 'bank',
  redirectUris: ['https://bank.example/callback', 'https://bank.example/callback?dummy1=lorem&dummy2=ipsum'],
  settings: { fapi: true, jwks: rsaJwks },
}
const other = { id: 'other', settings: { fapi: true, jwks: ecJwks } }

/** What of a pushed request is not as it ought to be. */
interface Weakness {
  algorithm?: string
  form?: Record<string, string>
  headers?: Record<string, string>
  signer?: Awaited<ReturnType<typeof importJWK>>
}

describe('a client that is held to FAPI 2.0', () => {
  const server = useOpenid('sqlite', { apps: [bank, other] })

  const partyOf = async (id: 'bank' | 'other'): Promise<RelyingParty> => {
    const { privateKey } = id === 'bank' ? key : otherKey
    const auth = client.PrivateKeyJwt(privateKey, {
      [client.modifyAssertion]: (header, payload) => {
        header.alg = id === 'bank' ? 'PS256' : 'ES256'
        payload.aud = issuer
      },
    })
    return server.party(id, { auth, metadata: { id_token_signed_response_alg: 'ES256' } })
  }

  const push = async (
    party: RelyingParty,
    parameters: Record<string, string> = {},
    options?: { DPoP: client.DPoPHandle },
  ) => {
    const pkceCodeVerifier = client.randomPKCECodeVerifier()
    const [expectedState, expectedNonce] = [client.randomState(), client.randomNonce()]
    const all = {
      redirect_uri: party.app.redirectUri,
      scope: 'openid email',
      code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
      code_challenge_method: 'S256',
      state: expectedState,
      nonce: expectedNonce,
      ...parameters,
    }
    const given = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== ''))
    const url = await client.buildAuthorizationUrlWithPAR(party.config, given, options)
    return { url, checks: { pkceCodeVerifier, expectedState, expectedNonce, idTokenExpected: true } }
  }

  const finish = async (
    party: RelyingParty,
    begun: Awaited<ReturnType<typeof push>>,
    DPoP?: client.DPoPHandle,
  ) => {
    const callback = await authorize(appBrowser(server), begun.url, await register(server))
    assert.equal(callback.searchParams.get('iss'), issuer)
    return client.authorizationCodeGrant(party.config, callback, begun.checks, undefined, DPoP && { DPoP })
  }

  /** Pushes a request by hand. */
  let count = 0
  const pushWith = async (
    claims: Record<string, unknown>,
    { algorithm = 'PS256', form = {}, headers = {}, signer = key.privateKey }: Weakness = {},
  ): Promise<Answer> => {
    const now = Math.floor(Date.now() / 1000)
    const said = {
      iss: 'bank',
      sub: 'bank',
      aud: issuer,
      jti: `a-${++count}`,
      iat: now,
      exp: now + 60,
      ...claims,
    }
    const present = Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined))
    const client_assertion = await new SignJWT(present).setProtectedHeader({ alg: algorithm }).sign(signer)
    return server.request('POST', '/oidc/par', {
      form: {
        client_id: 'bank',
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
        client_assertion,
        response_type: 'code',
        scope: 'openid',
        redirect_uri: 'https://bank.example/callback',
        code_challenge: await client.calculatePKCECodeChallenge(client.randomPKCECodeVerifier()),
        code_challenge_method: 'S256',
        ...form,
      },
      headers,
    })
  }

  for (const id of ['bank', 'other'] as const) {
    it(`signs in with everything that the profile asks for (${id})`, async () => {
      const party = await partyOf(id)
      const DPoP = client.getDPoPHandle(party.config, await client.randomDPoPKeyPair('ES256'))
      const tokens = await finish(party, await push(party), DPoP)
      assert.equal(tokens.token_type, 'dpop')
      const { sub } = tokens.claims() ?? assert.fail('no ID token')
      const info = await client.fetchUserInfo(party.config, tokens.access_token, sub, { DPoP })
      assert.match(String(info.email), /@/)
      const refreshed = await client.refreshTokenGrant(party.config, tokens.refresh_token ?? '', undefined, {
        DPoP,
      })
      assert.equal(refreshed.token_type, 'dpop')
    })
  }

  it('may have a query in its redirect URI, which is compared as it is', async () => {
    const party = await partyOf('bank')
    const redirect_uri = 'https://bank.example/callback?dummy1=lorem&dummy2=ipsum'
    const { url } = await push(party, { redirect_uri })
    const callback = await authorize(appBrowser(server), url, await register(server))
    assert.ok(callback.href.startsWith(`${redirect_uri}&`), callback.href)
  })

  it('binds the code to the key that it proves as it pushes', async () => {
    const party = await partyOf('bank')
    const DPoP = client.getDPoPHandle(party.config, await client.randomDPoPKeyPair('ES256'))
    const thief = client.getDPoPHandle(party.config, await client.randomDPoPKeyPair('ES256'))
    await assert.rejects(finish(party, await push(party, {}, { DPoP }), thief), refusedWith('invalid_grant'))
    const dpop_jkt = await DPoP.calculateThumbprint()
    await assert.rejects(finish(party, await push(party, { dpop_jkt }), thief), refusedWith('invalid_grant'))
    await assert.rejects(push(party, { dpop_jkt }, { DPoP: thief }), client.ResponseBodyError)
    assert.ok(await finish(party, await push(party, { dpop_jkt }, { DPoP }), DPoP))
  })

  it('gets nothing without a proof of possession', async () => {
    const party = await partyOf('bank')
    await assert.rejects(finish(party, await push(party)), refusedWith('invalid_grant'))
  })

  it('has a code for a minute', async (t) => {
    const party = await partyOf('other')
    const DPoP = client.getDPoPHandle(party.config, await client.randomDPoPKeyPair('ES256'))
    const begun = await push(party)
    const callback = await authorize(appBrowser(server), begun.url, await register(server))
    t.mock.timers.enable({ apis: ['Date'], now: Date.now() + 61_000 })
    const late = client.authorizationCodeGrant(party.config, callback, begun.checks, undefined, { DPoP })
    await assert.rejects(late, refusedWith('invalid_grant'))
  })

  it('cannot ask in an address, whatever it asks for', async () => {
    const { app, config } = await partyOf('bank')
    const url = client.buildAuthorizationUrl(config, {
      redirect_uri: app.redirectUri,
      scope: 'openid',
      state: 'of-the-app',
      code_challenge: await client.calculatePKCECodeChallenge(client.randomPKCECodeVerifier()),
      code_challenge_method: 'S256',
    })
    const callback = callbackOf(await appBrowser(server).visit(url))
    assert.equal(callback.searchParams.get('error'), 'invalid_request')
  })

  it('cannot push less', async () => {
    const party = await partyOf('bank')
    const weak: Record<string, string>[] = [
      { code_challenge: '', code_challenge_method: '' },
      { code_challenge_method: 'plain' },
      { code_challenge_method: '' },
      { redirect_uri: '' },
      { redirect_uri: 'https://bank.example/other' },
      { response_type: 'code id_token' },
      { response_type: 'token' },
      { request_uri: 'urn:ietf:params:oauth:request_uri:any' },
    ]
    for (const parameters of weak)
      await assert.rejects(push(party, parameters), client.ResponseBodyError, JSON.stringify(parameters))
  })

  it('shows who it is by its key alone, for the issuer and nothing else', async () => {
    assert.equal((await pushWith({})).status, 201)
    const weak = [
      { aud: `${issuer}/oidc/par` },
      { aud: `${issuer}/oidc/token` },
      { aud: [issuer] },
      { aud: [issuer, `${issuer}/oidc/token`] },
      { aud: `${issuer}/` },
      { sub: 'other' },
      { sub: undefined },
      { iss: 'other' },
      { exp: Math.floor(Date.now() / 1000) - 300 },
      { nbf: Math.floor(Date.now() / 1000) + 90 },
    ]
    for (const claims of weak) {
      const { status, body } = await pushWith(claims)
      assert.ok(status === 401 || status === 400, JSON.stringify(claims))
      assert.match(body.error, /^invalid_(client|request)$/, JSON.stringify(claims))
    }
    const soon = Math.floor(Date.now() / 1000) + 8
    assert.equal((await pushWith({ iat: soon, nbf: soon })).status, 201)
    assert.equal((await pushWith({}, { signer: otherKey.privateKey, algorithm: 'ES256' })).status, 401)
    const none = { client_assertion: '', client_assertion_type: '' }
    assert.ok((await pushWith({}, { form: none })).status >= 400)
    const secret = await server.request('POST', '/oidc/token', {
      form: { grant_type: 'client_credentials', client_id: 'bank', client_secret: 'known by its hash alone' },
    })
    assert.equal(secret.status, 401)
  })

  it('signs with nothing weaker than the profile has', async () => {
    const { status, body } = await pushWith({}, { algorithm: 'RS256', signer: rs256 })
    assert.equal(status, 401)
    assert.equal(body.error, 'invalid_client')
    const rsa = await proofKey('RS256')
    const proof = await proofOf(rsa, '/oidc/par', { algorithm: 'RS256' })
    const weak = await pushWith({}, { headers: { dpop: proof } })
    assert.equal(weak.status, 400)
    assert.equal(weak.body.error, 'invalid_dpop_proof')
  })

  it('has the name of an exchange said again at userinfo', async () => {
    const id = '93bac548-d2de-4546-b106-880a5018460d'
    const { headers } = await server.request('GET', '/oidc/userinfo', {
      headers: { 'x-fapi-interaction-id': id },
    })
    assert.equal(headers.get('x-fapi-interaction-id'), id)
    const { headers: none } = await server.request('GET', '/oidc/userinfo', {
      headers: { 'x-fapi-interaction-id': 'whatever' },
    })
    assert.equal(none.get('x-fapi-interaction-id'), null)
  })
})
