import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as client from 'openid-client'
import { register } from '../harness/doors.ts'
import { everyColumn } from '../harness/everything.ts'
import { type Answer, onEveryEngine } from '../harness/harness.ts'
import { formsOf } from '../pages/html.ts'
import { assertPage } from '../pages/page.ts'
import { type AppBrowser, appBrowser, isSignInPage, type Visitor } from './browser.ts'
import { issuer, type OpenidServer, useOpenid } from './harness.ts'
import { refusedWith } from './refusals.ts'
import type { RelyingParty } from './relying-party.ts'

const grants = ['device_code' as const, 'refresh_token' as const]
const tv = { id: 'tv', redirectUris: [], settings: { authMethod: 'none' as const, grants } }
const box = { id: 'box', redirectUris: [], settings: { grants, introspect: true } }
const guest = { id: 'guest', redirectUris: [], settings: { grants, firstParty: false } }
const web = { id: 'web' }
const apps = [tv, box, guest, web]

const deviceGrant = 'urn:ietf:params:oauth:grant-type:device_code'
const wrongCode = 'BBBB-BBBB'

const begin = async (party: RelyingParty, parameters: Record<string, string> = {}) =>
  client.initiateDeviceAuthorization(party.config, { scope: 'openid email', ...parameters })

/** One poll, without the patience of the library. */
const poll = (party: RelyingParty, deviceCode: string) =>
  client.genericGrantRequest(party.config, deviceGrant, { device_code: deviceCode })

async function openCodePage(browser: AppBrowser): Promise<Answer> {
  const page = await browser.visit('/oidc/device')
  assertPage(page, 200)
  return page
}

/** Types the code and says that the device is the person's own. */
async function confirm(browser: AppBrowser, userCode: string): Promise<Answer> {
  const asked = await browser.send(await openCodePage(browser), { user_code: userCode })
  assertPage(asked, 200)
  assert.ok(asked.text.includes('name="confirm"'), asked.text)
  return browser.send(asked, { confirm: 'yes' })
}

async function signInAndAllow(browser: AppBrowser, page: Answer, visitor: Visitor): Promise<Answer> {
  let shown = page
  if (isSignInPage(shown)) {
    const { email, password } = visitor
    shown = await browser.send(shown, { identifier: email, password })
  }
  if (shown.text.includes(' value="allow"')) shown = await browser.send(shown, {}, 'allow')
  return shown
}

onEveryEngine('the device flow', (engine) => {
  const server = useOpenid(engine, { apps })

  for (const { id } of [tv, box, guest]) {
    it(`signs a person in on the device ${id}`, async () => {
      const party = await server.party(id)
      const person = await register(server)
      const begun = await begin(party)
      assert.equal(begun.verification_uri, `${issuer}/oidc/device`)
      assert.match(begun.user_code, /^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$/)
      assert.equal(begun.expires_in, 600)
      await assert.rejects(poll(party, begun.device_code), refusedWith('authorization_pending'))
      const browser = appBrowser(server)
      // As people type it.
      const page = await confirm(browser, begun.user_code.toLowerCase().replace('-', ' '))
      await assert.rejects(poll(party, begun.device_code), refusedWith('authorization_pending'))
      const done = await signInAndAllow(browser, page, person)
      assertPage(done, 200)
      const tokens = await poll(party, begun.device_code)
      assert.equal(tokens.scope, 'openid email')
      const { sub = '' } = tokens.claims() ?? {}
      const info = await client.fetchUserInfo(party.config, tokens.access_token, sub)
      assert.equal(info.email, person.email)
      const refreshed = await client.refreshTokenGrant(party.config, tokens.refresh_token ?? '')
      assert.equal(refreshed.claims()?.sub, sub)
      // The code is used up, and whoever shows it again ends what came of it (RFC 6749 §4.1.2).
      await assert.rejects(poll(party, begun.device_code), refusedWith('invalid_grant'))
    })
  }

  it('leads from the complete address to the same question', async () => {
    const party = await server.party('tv')
    const begun = await begin(party)
    const complete = begun.verification_uri_complete ?? assert.fail('no complete address')
    assert.equal(complete, `${issuer}/oidc/device?user_code=${begun.user_code}`)
    const browser = appBrowser(server)
    const page = await browser.visit(complete)
    assert.equal(page.status, 200)
    // A page that sends itself on, to us alone.
    assert.match(page.headers.get('content-security-policy') ?? '', /script-src [^;]*'sha256-/)
    const [form] = formsOf(page)
    assert.equal(form?.action, `${issuer}/oidc/device`)
    const asked = await browser.post('/oidc/device', form?.fields ?? {})
    assert.ok(asked.text.includes(begun.user_code), asked.text)
    const done = await signInAndAllow(
      browser,
      await browser.send(asked, { confirm: 'yes' }),
      await register(server),
    )
    assertPage(done, 200)
    assert.ok((await poll(party, begun.device_code)).access_token)
  })

  it('tells the device that the person has refused', async () => {
    const party = await server.party('tv')
    const begun = await begin(party)
    const browser = appBrowser(server)
    const asked = await browser.send(await openCodePage(browser), { user_code: begun.user_code })
    const page = await browser.send(asked, { abort: 'yes' })
    assertPage(page, 200)
    await assert.rejects(poll(party, begun.device_code), refusedWith('access_denied'))
    // Nobody else can allow what is refused.
    const other = appBrowser(server)
    const again = await other.send(await openCodePage(other), { user_code: begun.user_code })
    assert.ok(!again.text.includes('name="confirm"'), again.text)
  })

  it('tells it that the person does not allow what it wants', async () => {
    const party = await server.party('guest')
    const begun = await begin(party)
    const browser = appBrowser(server)
    const { email, password } = await register(server)
    const signIn = await confirm(browser, begun.user_code)
    const asked = await browser.send(signIn, { identifier: email, password })
    await browser.send(asked, {}, 'deny')
    await assert.rejects(poll(party, begun.device_code), refusedWith('access_denied'))
  })

  it('tells it that its code has expired', async () => {
    const party = await server.party('tv')
    const begun = await begin(party)
    const other = await begin(party)
    await confirm(appBrowser(server), other.user_code)
    return expired(server, party, [begun.device_code, other.device_code], begun.user_code)
  })

  it('gives tokens once, of two polls at once', async () => {
    const party = await server.party('box')
    const begun = await begin(party)
    const browser = appBrowser(server)
    await signInAndAllow(browser, await confirm(browser, begun.user_code), await register(server))
    const answers = await Promise.allSettled([poll(party, begun.device_code), poll(party, begun.device_code)])
    const given = answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []))
    assert.equal(given.length, 1)
  })

  it('gives nothing to another app, and none that has not set it a code', async () => {
    const begun = await begin(await server.party('tv'))
    await assert.rejects(poll(await server.party('box'), begun.device_code), refusedWith('invalid_grant'))
    await assert.rejects(begin(await server.party('web')), (error) => {
      assert.ok(error instanceof client.ResponseBodyError)
      assert.equal(error.status, 400)
      return true
    })
  })

  it('knows no code but those that were given, and repeats nothing that was typed', async () => {
    const browser = appBrowser(server)
    for (const typed of [wrongCode, '', '<script>alert(1)</script>', 'x'.repeat(5000)]) {
      const page = await browser.send(await openCodePage(browser), { user_code: typed })
      assertPage(page, 200)
      assert.ok(!page.text.includes('name="confirm"'))
      assert.ok(!page.text.includes('<script>alert'))
    }
  })

  it('takes no form of another site', async () => {
    const begun = await begin(await server.party('tv'))
    const browser = appBrowser(server)
    await openCodePage(browser)
    const form = { user_code: begun.user_code, xsrf: 'made-up', confirm: 'yes' }
    const answer = await browser.post('/oidc/device', form)
    assert.ok(answer.status >= 400, String(answer.status))
  })

  it('keeps neither code as it is', async () => {
    const party = await server.party('tv')
    const begun = await begin(party)
    const browser = appBrowser(server)
    await confirm(browser, begun.user_code)
    const rows = await everyColumn(server)
    for (const code of [begun.device_code, begun.user_code, begun.user_code.replace('-', '')])
      assert.ok(!rows.includes(code), code)
    const log = JSON.stringify(server.log)
    assert.ok(!log.includes(begun.device_code) && !log.includes(begun.user_code))
  })
})

async function expired(server: OpenidServer, party: RelyingParty, deviceCodes: string[], userCode: string) {
  const { mock } = await import('node:test')
  mock.timers.enable({ apis: ['Date'], now: Date.now() + 601_000 })
  try {
    for (const deviceCode of deviceCodes)
      await assert.rejects(poll(party, deviceCode), refusedWith('expired_token'))
    const browser = appBrowser(server)
    const page = await browser.send(await openCodePage(browser), { user_code: userCode })
    assert.ok(!page.text.includes('name="confirm"'), page.text)
  } finally {
    mock.timers.reset()
  }
}

describe('the limits of the device flow', () => {
  const server = useOpenid('sqlite', { apps, limits: 'real' })

  it('ask a device to poll more slowly', async (t) => {
    const party = await server.party('tv')
    const begun = await begin(party)
    for (let count = 0; count < 2; count++)
      await assert.rejects(poll(party, begun.device_code), refusedWith('authorization_pending'))
    await assert.rejects(poll(party, begun.device_code), refusedWith('slow_down'))
    // Another device is not held up by it.
    const other = await begin(party)
    await assert.rejects(poll(party, other.device_code), refusedWith('authorization_pending'))
    t.mock.timers.enable({ apis: ['Date'], now: Date.now() + 6_000 })
    await assert.rejects(poll(party, begun.device_code), refusedWith('authorization_pending'))
  })

  it('end the guessing of codes, and count no right ones', async (t) => {
    const party = await server.party('tv')
    const browser = appBrowser(server)
    const type = async (user_code: string) => browser.send(await openCodePage(browser), { user_code })
    for (let count = 0; count < 25; count++) {
      const { user_code } = await begin(party)
      if (count % 5 === 0) assert.equal((await type(user_code)).status, 200)
    }
    for (let count = 0; count < 20; count++) assert.equal((await type(wrongCode)).status, 200)
    const refused = await type(wrongCode)
    assertPage(refused, 429)
    assert.ok(Number(refused.headers.get('retry-after')) > 0)
    const { user_code } = await begin(party)
    assert.equal((await type(user_code)).status, 429)
    t.mock.timers.enable({ apis: ['Date'], now: Date.now() + 15 * 60_000 })
    assert.ok((await type((await begin(party)).user_code)).text.includes('name="confirm"'))
  })
})
