import assert from 'node:assert/strict'
import { createPublicKey, type JsonWebKey, verify } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { jsonOf, runCommand } from '../harness/command.ts'
import { execute } from '../harness/database.ts'
import { type Person, register } from '../harness/doors.ts'
import {
  type Answer,
  createData,
  noPostgres,
  onEveryEngine,
  startTestServer,
  type TestServer,
} from '../harness/harness.ts'
import { keyVariables, newMasterKey, restartWith } from '../harness/master-keys.ts'
import { type AppBrowser, appBrowser, callbackOf, isSignInPage } from './browser.ts'
import { newDpopKey } from './dpop.ts'
import { exchangeCode, isActive, post, refresh } from './endpoints.ts'
import { type OpenidServer, useOpenid } from './harness.ts'
import { beginSignIn, finishSignIn, type RelyingParty, signIn, type Tokens } from './relying-party.ts'

const apps = [
  { id: 'web', settings: { introspect: true, idTokenAlgorithm: 'ES256' as const } },
  { id: 'old', settings: { idTokenAlgorithm: 'RS256' as const } },
  {
    id: 'tv',
    settings: { authMethod: 'none' as const, grants: ['device_code' as const, 'refresh_token' as const] },
  },
]

interface SignedIn {
  party: RelyingParty
  browser: AppBrowser
  person: Person
  tokens: Pick<Tokens, 'id_token'> & { access_token: string; refresh_token: string }
}

async function signedIn(server: OpenidServer, id = 'web'): Promise<SignedIn> {
  const [party, browser, person] = [await server.party(id), appBrowser(server), await register(server)]
  const { id_token, access_token, refresh_token = '' } = await signIn(party, browser, person)
  return { party, browser, person, tokens: { id_token, access_token, refresh_token } }
}

/** That browser, access token and refresh token are as good as before; the newest tokens are kept. */
async function assertSignedIn(server: OpenidServer, session: SignedIn): Promise<void> {
  await assertTokensGood(server, session)
  const silent = await beginSignIn(session.party, { prompt: 'none' })
  assert.ok(callbackOf(await session.browser.visit(silent.url)).searchParams.get('code'))
}

async function assertTokensGood(
  server: OpenidServer,
  { party, tokens }: Pick<SignedIn, 'party' | 'tokens'>,
): Promise<void> {
  const web = server.app('web')
  assert.equal(await isActive(server, web, tokens.access_token), true)
  const info = await server.request('GET', '/oidc/userinfo', { bearer: tokens.access_token })
  assert.equal(info.status, 200, info.text)
  const next = await refresh(server, party.app, tokens.refresh_token)
  assert.equal(next.status, 200, next.text)
  tokens.refresh_token = next.body.refresh_token
  tokens.access_token = next.body.access_token
}

const kidOf = (token: string | undefined): string =>
  JSON.parse(Buffer.from(String(token).split('.')[0] ?? '', 'base64url').toString()).kid

/** Whether the published keys verify a token. */
async function isVerified(server: TestServer, token: string | undefined): Promise<boolean> {
  const { body } = await server.request('GET', '/.well-known/jwks.json')
  const key: (JsonWebKey & { alg: string }) | undefined = body.keys.find(
    ({ kid }: { kid: string }) => kid === kidOf(token),
  )
  if (!key) return false
  const [header, payload, signature = ''] = String(token).split('.')
  const publicKey = createPublicKey({ key, format: 'jwk' })
  return verify(
    'sha256',
    Buffer.from(`${header}.${payload}`),
    { key: publicKey, ...(key.alg === 'ES256' && { dsaEncoding: 'ieee-p1363' as const }) },
    Buffer.from(signature, 'base64url'),
  )
}

/** Has every key be old enough to sign. */
function ageKeys(server: TestServer): Promise<void> {
  const aged = 'update signing_keys set created_at = created_at - 172800000'
  return execute(server.env.DATABASE_URL ?? '', aged)
}

onEveryEngine('signing keys under OpenID Connect', (engine) => {
  const server = useOpenid(engine, { apps })

  for (const id of ['web', 'old'])
    it(`are rotated: ID tokens of ${id} are signed by the new one, older ones verify, and nobody is signed out`, async () => {
      const before = await signedIn(server, id)
      const { id_token: old } = before.tokens
      await ageKeys(server)
      const [{ rotated }] = await jsonOf(server, ['keys', 'rotate'])
      assert.deepEqual(rotated.map(({ algorithm }: { algorithm: string }) => algorithm).sort(), [
        'ES256',
        'RS256',
      ])
      await server.maintain()
      const fresh = await signedIn(server, id)
      assert.notEqual(kidOf(fresh.tokens.id_token), kidOf(old))
      assert.ok(rotated.some(({ key }: { key: string }) => key === kidOf(fresh.tokens.id_token)))
      assert.equal(await isVerified(server, old), true)
      assert.equal(await isVerified(server, fresh.tokens.id_token), true)
      await assertSignedIn(server, before)
      // A sign-out names its session by an ID token of the old key.
      const hint = new URLSearchParams({ id_token_hint: old ?? '' })
      const page = await before.browser.visit(`/oidc/logout?${hint}`)
      assert.equal(page.status, 200, page.text)
      assert.match(page.text, / value="yes"/)
    })

  it('are replaced when they have leaked: older ID tokens verify no more, and nobody is signed out', async () => {
    const before = await signedIn(server)
    assert.equal((await runCommand(server, ['keys', 'rotate', '--leaked'])).code, 0)
    await server.maintain()
    assert.equal(await isVerified(server, before.tokens.id_token), false)
    await assertSignedIn(server, before)
    const fresh = await signedIn(server)
    assert.equal(await isVerified(server, fresh.tokens.id_token), true)
  })
})

onEveryEngine('a new master key under OpenID Connect', (engine) => {
  const [old, fresh] = [newMasterKey(), newMasterKey()]
  const server = useOpenid(engine, { apps, env: keyVariables({ primary: old }) })
  const web = () => server.app('web')
  const artifactsUnder = async (): Promise<Record<string, number>> => {
    const [{ masterKeys }] = await jsonOf(server, ['keys', 'list'])
    return Object.fromEntries(
      masterKeys.map(({ role, openidArtifacts }: { role: string; openidArtifacts: number }) => [
        role,
        openidArtifacts,
      ]),
    )
  }

  it('is given step by step: nobody is signed out, and what is under way goes on', async () => {
    const session = await signedIn(server)
    const key = newDpopKey()
    const nonced = await nonceOf(server, key)

    const steps = [
      { primary: old, next: fresh },
      { primary: fresh, previous: old },
    ]
    for (const keys of steps) {
      const underWay = await beginEverything(server, session)
      await restartWith(server, keys)
      await finishEverything(server, session, underWay)
      await assertSignedIn(server, session)
      assert.equal((await proven(server, key, nonced)).body.error, 'invalid_grant')
    }

    await server.maintain()
    const counts = await artifactsUnder()
    assert.ok(Number(counts.primary) > 0)
    assert.equal(counts.previous, 0)
    const later = await signedIn(server)
    const underWay = await beginEverything(server, later)
    await restartWith(server, { primary: fresh })
    await finishEverything(server, later, underWay)
    await assertSignedIn(server, later)
    // Of the browser that has signed in under the old key alone the cookie is good no more; its apps go on.
    await assertTokensGood(server, session)
    const { url } = await beginSignIn(session.party)
    assert.ok(isSignInPage(await session.browser.visit(url)))
    // A nonce of the key that is gone is replaced by one of the new key.
    const refused = await proven(server, key, nonced)
    assert.equal(refused.body.error, 'use_dpop_nonce', refused.text)
    const given = refused.headers.get('dpop-nonce') ?? assert.fail('no nonce')
    assert.equal((await proven(server, key, given)).body.error, 'invalid_grant')
  })

  it('seals anew what the old one has sealed, by the command too', async () => {
    const session = await signedIn(server)
    const next = newMasterKey()
    await restartWith(server, { primary: next, previous: fresh })
    assert.ok(Number((await artifactsUnder()).previous) > 0)
    assert.equal((await runCommand(server, ['keys', 'reseal'])).code, 0)
    assert.equal((await artifactsUnder()).previous, 0)
    await assertSignedIn(server, session)
  })

  /** A code, a page of ours, a pushed request, and a code that somebody has not typed yet. */
  async function beginEverything(server: OpenidServer, { party, browser }: SignedIn) {
    const coded = await beginSignIn(party)
    const callback = callbackOf(await browser.visit(coded.url))
    const asked = await beginSignIn(party)
    const stranger = appBrowser(server)
    const page = await stranger.visit(asked.url)
    assert.ok(isSignInPage(page), page.text)
    const pushing = await beginSignIn(party)
    const pushed = await post(server, web(), '/oidc/par', Object.fromEntries(pushing.url.searchParams))
    assert.equal(pushed.status, 201, pushed.text)
    const device = await post(server, server.app('tv'), '/oidc/device/code', { scope: 'openid' })
    assert.equal(device.status, 200, device.text)
    return { coded, callback, asked, stranger, page, pushing, pushed, device }
  }

  async function finishEverything(
    server: OpenidServer,
    { party, browser, person }: SignedIn,
    begun: Awaited<ReturnType<typeof beginEverything>>,
  ) {
    const { coded, callback, asked, stranger, page, pushing, pushed, device } = begun
    assertTokens(await exchangeCode(server, web(), { callback, verifier: coded.checks.pkceCodeVerifier }))
    const { email: identifier, password } = person
    const signed = await stranger.send(page, { identifier, password })
    assert.ok((await finishSignIn(party, callbackOf(signed), asked)).refresh_token)
    const query = new URLSearchParams({ client_id: 'web', request_uri: pushed.body.request_uri })
    const answer = await browser.visit(`/oidc/authorize?${query}`)
    assert.ok((await finishSignIn(party, callbackOf(answer), pushing)).refresh_token)
    const { device_code, user_code } = device.body
    const typed = await browser.send(await browser.visit('/oidc/device'), { user_code })
    await browser.send(typed, {}, 'yes')
    const grant_type = 'urn:ietf:params:oauth:grant-type:device_code'
    assertTokens(await post(server, server.app('tv'), '/oidc/token', { grant_type, device_code }))
  }
})

function assertTokens({ status, body, text }: Answer): void {
  assert.equal(status, 200, text)
  assert.ok(body.access_token && body.refresh_token)
}

/** A request with a proof of possession that names a nonce, for a code that nobody has. */
function proven(server: OpenidServer, key: ReturnType<typeof newDpopKey>, nonce: string): Promise<Answer> {
  return post(
    server,
    server.app('web'),
    '/oidc/token',
    { grant_type: 'authorization_code', code: 'nothing', redirect_uri: server.app('web').redirectUri },
    { headers: { dpop: key.proof('POST', '/oidc/token', { nonce }) } },
  )
}

async function nonceOf(server: OpenidServer, key: ReturnType<typeof newDpopKey>): Promise<string> {
  const { headers, text } = await proven(server, key, 'wrong')
  return headers.get('dpop-nonce') ?? assert.fail(`no nonce: ${text}`)
}

describe('a database with OpenID Connect', () => {
  const server = useOpenid('sqlite', { apps, env: { MANYDOORS_SECRET: newMasterKey() } })

  it('is restored from a backup, and whoever is known to it stays signed in', async () => {
    const session = await signedIn(server)
    const unused = await signedIn(server)
    const code = await beginSignIn(session.party)
    const callback = callbackOf(await session.browser.visit(code.url))
    const file = join(server.env.MANYDOORS_DATA ?? '', 'copy.db')
    assert.equal((await runCommand(server, ['backup', file])).code, 0)
    // Newer than the backup.
    for (let count = 0; count < 3; count++) await assertSignedIn(server, session)
    await server.restart(async () => {
      const { code, stderr } = await runCommand(server, ['restore', file])
      assert.equal(code, 0, stderr)
    })
    await rm(file)
    await assertSignedIn(server, session)
    await assertSignedIn(server, session)
    await assertSignedIn(server, unused)
    // It may have been used since.
    const late = await exchangeCode(server, server.app('web'), {
      callback,
      verifier: code.checks.pkceCodeVerifier,
    })
    assert.equal(late.body.error, 'invalid_grant', late.text)
  })

  it('moves to PostgreSQL, and everybody stays signed in', { skip: noPostgres }, async () => {
    const session = await signedIn(server)
    const target = await createData('postgres')
    try {
      const { DATABASE_URL } = target.env
      await server.restart(async () => {
        const { code, stderr } = await runCommand(server, ['move', '--to', DATABASE_URL])
        assert.equal(code, 0, stderr)
      })
      const moved = await startTestServer('postgres', { beside: server, env: { DATABASE_URL } })
      const asServer = Object.setPrototypeOf({ request: moved.request, url: moved.url }, server)
      const there = { ...session, browser: appBrowser(asServer) }
      for (const [name, value] of session.browser.cookies) there.browser.cookies.set(name, value)
      try {
        await assertSignedIn(asServer, there)
        await assertSignedIn(asServer, there)
      } finally {
        await moved.close()
      }
    } finally {
      await target.drop()
    }
  })
})
