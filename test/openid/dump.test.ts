import assert from 'node:assert/strict'
import { before, it } from 'node:test'
import { register } from '../harness/doors.ts'
import { everyColumn, everyFile } from '../harness/everything.ts'
import { onEveryEngine } from '../harness/harness.ts'
import { found, type Needle, needlesOfPassword, needlesOfToken, tokensIn } from '../harness/secrets.ts'
import { type AppBrowser, appBrowser, authorize, callbackOf } from './browser.ts'
import { newDpopKey } from './dpop.ts'
import { exchangeCode, post, refresh } from './endpoints.ts'
import { type OpenidServer, useOpenid } from './harness.ts'
import { beginSignIn } from './relying-party.ts'

const apps = [
  { id: 'web', settings: { introspect: true } },
  { id: 'guest', settings: { firstParty: false, idTokenAlgorithm: 'ES256' as const } },
  {
    id: 'tv',
    settings: { authMethod: 'none' as const, grants: ['device_code' as const, 'refresh_token' as const] },
  },
]

/** What the wire has shown, by what it is. */
type Shown = Map<string, string[]>

onEveryEngine('what OpenID Connect keeps', (engine) => {
  const server = useOpenid(engine, {
    apps,
    openid: { registration: 'open' },
    env: { LOG_LEVEL: 'trace', MANYDOORS_LOG_REQUESTS: 'true' },
  })
  const shown: Shown = new Map()
  let secrets: Needle[] = []

  before(async () => {
    await useEverything(server, shown)
    const wire = server.wire.join('\n')
    for (const [what, values] of shown) {
      assert.ok(values.length > 0, what)
      for (const value of values) assert.ok(value.length >= 8 && !value.includes(' '), `${what}: ${value}`)
    }
    const known = [...shown.values()].flat()
    // Whatever else looks like a secret, such as what a browser has got from a page of ours.
    const others = tokensIn(wire).filter((token) => !known.includes(token))
    const codes = [...known, ...(shown.get('user codes') ?? []).map((code) => code.replaceAll('-', ''))]
    secrets = [
      ...codes.flatMap((secret) => (secret.length < 16 ? needlesOfPassword(secret) : needlesOfToken(secret))),
      ...others.flatMap(needlesOfToken),
    ]
  })

  it('would be found out if it held any of them', () => {
    for (const [what, values] of shown)
      for (const value of values) assert.notDeepEqual(found(secrets, Buffer.from(`x${value}y`)), [], what)
  })

  it('is no code, token, cookie, address of a request or secret in any column of any table', async () => {
    assert.deepEqual(found(secrets, await everyColumn(server)), [])
  })

  it('is none of them in any file, while it runs and after a restart', async () => {
    assert.deepEqual(found(secrets, await everyFile(server)), [])
    await server.restart()
    assert.deepEqual(found(secrets, await everyFile(server)), [])
  })

  it('is none of them in the log, which tells of every request', () => {
    const lines = server.log.map((line) => JSON.stringify(line)).join('\n')
    assert.match(lines, /\/oidc\/token/)
    assert.deepEqual(found(secrets, Buffer.from(lines)), [])
  })
})

/** Uses every artifact there is, and leaves one of each unused. */
async function useEverything(server: OpenidServer, shown: Shown): Promise<void> {
  const note = (what: string, ...values: (string | null | undefined)[]) => {
    const known = shown.get(what) ?? []
    shown.set(what, [...known, ...values.filter((value) => typeof value === 'string')])
  }
  const noteTokens = ({ access_token, refresh_token, id_token }: Record<string, string>) =>
    note('tokens', access_token, refresh_token, id_token)
  const person = await register(server)
  const browser = appBrowser(server)
  const web = server.app('web')

  const registered = await server.request('POST', '/oidc/register', {
    json: { redirect_uris: ['https://dynamic.example/callback'] },
  })
  note('client secrets', registered.body.client_secret, web.secret, server.app('guest').secret)
  note('registration tokens', registered.body.registration_access_token)

  for (const id of ['guest', 'web']) {
    const begun = await beginSignIn(await server.party(id), { scope: 'openid email' })
    const callback = await authorize(browser, begun.url, person)
    note('codes', callback.searchParams.get('code'))
    const verifier = begun.checks.pkceCodeVerifier
    const tokens = await exchangeCode(server, server.app(id), { callback, verifier })
    assert.equal(tokens.status, 200, tokens.text)
    noteTokens(tokens.body)
    const next = await refresh(server, server.app(id), tokens.body.refresh_token)
    noteTokens(next.body)
    note('ID token', next.body.id_token)
  }
  note('cookies', ...browser.cookies.values())
  await usePushed(server, browser, note, noteTokens)
  await useDevice(server, browser, note, noteTokens)
  await leaveUnused(server, browser, note)
  note('interactions', ...interactionsIn(server))
  const [hint = ''] = (shown.get('ID token') ?? []).slice(-1)
  const second = appBrowser(server)
  const begun = await beginSignIn(await server.party('web'))
  await authorize(second, begun.url, person)
  note('cookies', ...second.cookies.values())
  const page = await second.visit(`/oidc/logout?${new URLSearchParams({ id_token_hint: hint })}`)
  await second.send(page, {}, 'yes')
}

type Note = (what: string, ...values: (string | null | undefined)[]) => void

async function usePushed(
  server: OpenidServer,
  browser: AppBrowser,
  note: Note,
  noteTokens: (body: Record<string, string>) => void,
): Promise<void> {
  const web = server.app('web')
  const { url, checks } = await beginSignIn(await server.party('web'))
  const pushed = await post(server, web, '/oidc/par', Object.fromEntries(url.searchParams))
  const { request_uri } = pushed.body
  note('request URIs', request_uri.split(':').at(-1))
  const callback = callbackOf(
    await browser.visit(`/oidc/authorize?${new URLSearchParams({ client_id: 'web', request_uri })}`),
  )
  const key = newDpopKey()
  const proof = key.proof('POST', '/oidc/token')
  note('proofs', proof)
  const tokens = await post(
    server,
    web,
    '/oidc/token',
    {
      grant_type: 'authorization_code',
      code: callback.searchParams.get('code') ?? '',
      redirect_uri: web.redirectUri,
      code_verifier: checks.pkceCodeVerifier,
    },
    { headers: { dpop: proof } },
  )
  assert.equal(tokens.body.token_type, 'DPoP', tokens.text)
  noteTokens(tokens.body)
}

async function useDevice(
  server: OpenidServer,
  browser: AppBrowser,
  note: Note,
  noteTokens: (body: Record<string, string>) => void,
): Promise<void> {
  const tv = server.app('tv')
  const { body } = await post(server, tv, '/oidc/device/code', { scope: 'openid' })
  const { device_code, user_code } = body
  note('device codes', device_code)
  note('user codes', user_code)
  await browser.send(await browser.send(await browser.visit('/oidc/device'), { user_code }), {}, 'yes')
  const grant_type = 'urn:ietf:params:oauth:grant-type:device_code'
  const tokens = await post(server, tv, '/oidc/token', { grant_type, device_code })
  assert.equal(tokens.status, 200, tokens.text)
  noteTokens(tokens.body)
}

/** A code, a pushed request, a code for a device, and a page that asks somebody to sign in. */
async function leaveUnused(server: OpenidServer, browser: AppBrowser, note: Note): Promise<void> {
  const party = await server.party('web')
  const coded = await beginSignIn(party)
  note('codes', callbackOf(await browser.visit(coded.url)).searchParams.get('code'))
  const { url } = await beginSignIn(party)
  const pushed = await post(server, party.app, '/oidc/par', Object.fromEntries(url.searchParams))
  note('request URIs', pushed.body.request_uri.split(':').at(-1))
  const device = await post(server, server.app('tv'), '/oidc/device/code', { scope: 'openid' })
  note('device codes', device.body.device_code)
  note('user codes', device.body.user_code)
  const stranger = appBrowser(server)
  await stranger.visit((await beginSignIn(party)).url)
  note('cookies', ...stranger.cookies.values())
}

function interactionsIn({ wire }: OpenidServer): string[] {
  const ids = wire.flatMap((text) => [...text.matchAll(/\/ui\/authorize\/([\w-]{16,})/g)].map(([, id]) => id))
  return [...new Set(ids.filter((id) => id !== undefined))]
}
