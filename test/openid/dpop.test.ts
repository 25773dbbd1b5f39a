import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { calculateJwkThumbprint, exportJWK } from 'jose'
import * as client from 'openid-client'
import { register } from '../harness/doors.ts'
import { onEveryEngine } from '../harness/harness.ts'
import { appBrowser, authorize } from './browser.ts'
import { useOpenid } from './harness.ts'
import { type ProofClaims, proofKey, proofOf } from './proofs.ts'
import { refusedWith } from './refusals.ts'
import { beginSignIn, type RelyingParty } from './relying-party.ts'

const spa = { id: 'spa', settings: { authMethod: 'none' as const } }
const web = { id: 'web', settings: { introspect: true } }
const bound = { id: 'bound', settings: { dpop: true } }
const apps = [spa, web, bound]

type Options = Parameters<typeof client.authorizationCodeGrant>[4]

/** Signs somebody in, with the proofs of a key of the app. */
async function signInWith(
  server: ReturnType<typeof useOpenid>,
  party: RelyingParty,
  options: Options,
  parameters: Record<string, string> = {},
) {
  const begun = await beginSignIn(party, parameters)
  const callback = await authorize(appBrowser(server), begun.url, await register(server))
  return client.authorizationCodeGrant(party.config, callback, begun.checks, undefined, options)
}

const keyOf = async ({ config }: RelyingParty) =>
  client.getDPoPHandle(config, await client.randomDPoPKeyPair('ES256'))

onEveryEngine('tokens that are bound to a key', (engine) => {
  const server = useOpenid(engine, { apps })

  for (const { id } of apps) {
    it(`are given to ${id}, and good with proofs of that key alone`, async () => {
      const party = await server.party(id)
      const DPoP = await keyOf(party)
      const tokens = await signInWith(server, party, { DPoP })
      assert.equal(tokens.token_type, 'dpop')
      const { sub } = tokens.claims() ?? assert.fail('no ID token')
      await client.fetchUserInfo(party.config, tokens.access_token, sub, { DPoP })
      await assert.rejects(client.fetchUserInfo(party.config, tokens.access_token, sub))
      const thief = { DPoP: await keyOf(party) }
      await assert.rejects(
        client.fetchUserInfo(party.config, tokens.access_token, sub, thief),
        refusedWith('invalid_token', 401),
      )
      const refreshed = await client.refreshTokenGrant(party.config, tokens.refresh_token ?? '', undefined, {
        DPoP,
      })
      assert.equal(refreshed.token_type, 'dpop')
      await client.fetchUserInfo(party.config, refreshed.access_token, sub, { DPoP })
    })
  }

  it('say at introspection which key that is', async () => {
    const party = await server.party('web')
    const DPoP = await keyOf(party)
    const tokens = await signInWith(server, party, { DPoP })
    const answer = await client.tokenIntrospection(party.config, tokens.access_token)
    assert.equal(answer.token_type, 'DPoP')
    assert.equal(answer.cnf?.jkt, await DPoP.calculateThumbprint())
  })

  it('are refreshed by a public client with that key alone', async () => {
    const party = await server.party('spa')
    const DPoP = await keyOf(party)
    const tokens = await signInWith(server, party, { DPoP })
    const refresh = tokens.refresh_token ?? ''
    for (const options of [undefined, { DPoP: await keyOf(party) }])
      await assert.rejects(
        client.refreshTokenGrant(party.config, refresh, undefined, options),
        refusedWith('invalid_grant'),
      )
    // What was refused has used nothing up, and the key stays what it is after a refresh.
    const second = await client.refreshTokenGrant(party.config, refresh, undefined, { DPoP })
    await assert.rejects(
      client.refreshTokenGrant(party.config, second.refresh_token ?? ''),
      refusedWith('invalid_grant'),
    )
    assert.ok(await client.refreshTokenGrant(party.config, second.refresh_token ?? '', undefined, { DPoP }))
  })

  it('are refreshed by a confidential client with another key, as it shows who it is', async () => {
    const party = await server.party('web')
    const tokens = await signInWith(server, party, { DPoP: await keyOf(party) })
    const DPoP = await keyOf(party)
    const refreshed = await client.refreshTokenGrant(party.config, tokens.refresh_token ?? '', undefined, {
      DPoP,
    })
    const { sub } = tokens.claims() ?? assert.fail('no ID token')
    await client.fetchUserInfo(party.config, refreshed.access_token, sub, { DPoP })
  })

  it('are all that an app gets that has asked for no others', async () => {
    const party = await server.party('bound')
    await assert.rejects(signInWith(server, party, undefined), refusedWith('invalid_grant'))
  })

  it('come of a code that was bound to the key when it was asked for', async () => {
    const party = await server.party('web')
    const DPoP = await keyOf(party)
    const dpop_jkt = await DPoP.calculateThumbprint()
    assert.ok(await signInWith(server, party, { DPoP }, { dpop_jkt }))
    for (const options of [undefined, { DPoP: await keyOf(party) }])
      await assert.rejects(signInWith(server, party, options, { dpop_jkt }), refusedWith('invalid_grant'))
  })
})

describe('a proof of possession', () => {
  const server = useOpenid('sqlite', { apps })

  const exchange = async (proof: string, code = 'nonsense') => {
    const { secret } = server.app('web')
    return server.request('POST', '/oidc/token', {
      form: { grant_type: 'authorization_code', code, redirect_uri: 'https://web.example/callback' },
      headers: {
        authorization: `Basic ${Buffer.from(`web:${secret}`).toString('base64')}`,
        dpop: proof,
      },
    })
  }
  const signedIn = async () => {
    const party = await server.party('web')
    const key = await proofKey()
    const tokens = await signInWith(server, party, { DPoP: client.getDPoPHandle(party.config, key) })
    return { party, key, token: tokens.access_token }
  }
  const userinfo = (token: string, proof?: string, scheme = 'DPoP') =>
    server.request('GET', '/oidc/userinfo', {
      headers: { authorization: `${scheme} ${token}`, ...(proof !== undefined && { dpop: proof }) },
    })

  it('is for one request, by its method and its address, and of now', async () => {
    const key = await proofKey()
    const now = Math.floor(Date.now() / 1000)
    const wrong: ProofClaims[] = [
      { htm: 'GET' },
      { htu: 'https://evil.example/oidc/token' },
      { htu: 'http://localhost:5000/oidc/userinfo' },
      { typ: 'jwt' },
      { nonce: 'made-up' },
      { iat: now - 3600 },
      { iat: now + 3600 },
    ]
    for (const claims of wrong) {
      const { status, body } = await exchange(await proofOf(key, '/oidc/token', claims))
      assert.equal(status, 400, JSON.stringify(claims))
      assert.match(body.error, /^(invalid_dpop_proof|use_dpop_nonce)$/, JSON.stringify(claims))
    }
    const { body } = await exchange(await proofOf(key, '/oidc/token'))
    assert.equal(body.error, 'invalid_grant')
  })

  it('is refused when it is signed by an algorithm that is not for it, or with a private key in it', async () => {
    const rsa = await proofKey('RS256')
    const slow = await exchange(await proofOf(rsa, '/oidc/token', { algorithm: 'RS256' }))
    assert.equal(slow.body.error, 'invalid_dpop_proof')
    const { privateKey } = await proofKey()
    const open = await exchange(await proofOf({ privateKey, publicKey: privateKey }, '/oidc/token'))
    assert.equal(open.body.error, 'invalid_dpop_proof')
    for (const nonsense of ['', 'nonsense', 'a.b.c']) {
      const { status, body } = await exchange(nonsense || ' ')
      assert.equal(status, 400)
      assert.match(body.error, /invalid_dpop_proof|invalid_grant/, nonsense)
    }
  })

  it('is good once', async () => {
    const { key, token } = await signedIn()
    const proof = await proofOf(key, '/oidc/userinfo', { htm: 'GET', token })
    assert.equal((await userinfo(token, proof)).status, 200)
    const again = await userinfo(token, proof)
    assert.equal(again.status, 401)
    assert.match(again.headers.get('www-authenticate') ?? '', /^DPoP .*error="invalid_token"/)
  })

  it('is good once when it is shown many times at once', async () => {
    const { key, token } = await signedIn()
    const proof = await proofOf(key, '/oidc/userinfo', { htm: 'GET', token })
    const answers = await Promise.all(Array.from({ length: 10 }, () => userinfo(token, proof)))
    assert.equal(answers.filter(({ status }) => status === 200).length, 1)
    for (const { status } of answers) assert.ok(status < 500)
  })

  it('goes with the access token that it names', async () => {
    const { key, token } = await signedIn()
    const { token: other } = await signedIn()
    for (const named of [other, undefined]) {
      const claims = { htm: 'GET', ...(named !== undefined && { token: named }) }
      const { status, headers } = await userinfo(token, await proofOf(key, '/oidc/userinfo', claims))
      assert.ok(status === 400 || status === 401, String(status))
      assert.match(headers.get('www-authenticate') ?? '', /invalid_dpop_proof/)
    }
    const bearer = await userinfo(token, undefined, 'Bearer')
    assert.equal(bearer.status, 401)
    const proof = await proofOf(key, '/oidc/userinfo', { htm: 'GET', token })
    assert.ok((await userinfo(token, proof, 'Bearer')).status >= 400)
  })

  it('has the nonce that the server gives, where the clock of the app is wrong', async () => {
    const { key, token } = await signedIn()
    const iat = Math.floor(Date.now() / 1000) - 3600
    const claims = { htm: 'GET', token, iat }
    const asked = await userinfo(token, await proofOf(key, '/oidc/userinfo', claims))
    assert.equal(asked.status, 401)
    assert.match(asked.headers.get('www-authenticate') ?? '', /error="use_dpop_nonce"/)
    const nonce = asked.headers.get('dpop-nonce') ?? assert.fail('no nonce')
    const answer = await userinfo(token, await proofOf(key, '/oidc/userinfo', { ...claims, nonce }))
    assert.equal(answer.status, 200)
  })

  it('is asked for with a nonce that every node knows, and that does not last', async (t) => {
    const { key, token } = await signedIn()
    const first = await userinfo(token, await proofOf(key, '/oidc/userinfo', { htm: 'GET', token }))
    const nonce = first.headers.get('dpop-nonce') ?? assert.fail('no nonce')
    await server.restart()
    const claims = { htm: 'GET', token, nonce }
    assert.equal((await userinfo(token, await proofOf(key, '/oidc/userinfo', claims))).status, 200)
    t.mock.timers.enable({ apis: ['Date'], now: Date.now() + 4 * 60_000 })
    const late = await userinfo(token, await proofOf(key, '/oidc/userinfo', claims))
    assert.equal(late.status, 401)
    assert.ok(late.headers.get('dpop-nonce'))
  })

  it('is bound by the thumbprint of its key', async () => {
    const { party, key, token } = await signedIn()
    const { cnf } = await client.tokenIntrospection(party.config, token)
    assert.equal(cnf?.jkt, await calculateJwkThumbprint(await exportJWK(key.publicKey)))
  })
})
