import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import * as client from 'openid-client'
import { authorizePath, register } from '../dialects/pm2/door.ts'
import { codeAt, registerWithSecondFactor } from '../dialects/wolfpal/door.ts'
import { select } from '../harness/database.ts'
import { claimsOf, freshEmail } from '../harness/harness.ts'
import { appBrowser, authorize, callbackOf } from '../openid/browser.ts'
import { issuer } from '../openid/harness.ts'
import { beginSignIn, finishSignIn, relyingParty, signIn } from '../openid/relying-party.ts'
import { plainBrowser, signInAtAccount } from '../pages/jar.ts'
import { givePasskey, passkeyForm, signInWith } from '../pages/passkeys/software-key.ts'
import { freshStranger, startToldProvider, type ToldProvider } from '../upstream-sign-in/told-provider.ts'
import { assertAtAccount, settingsOf, signInWithProvider } from '../upstream-sign-in/with-provider.ts'
import { plan, useHooks } from './receiver.ts'

const redirectUri = 'https://spa.example/callback'
const api = 'https://api.example'

describe('the hook before a sign-in, at every other way in', () => {
  let provider: ToldProvider
  before(async () => {
    provider = await startToldProvider()
  })
  after(() => provider.close())
  const { server, receiver } = useHooks('sqlite', {
    realm: () => ({
      signInWith: [settingsOf(provider.issuer)],
      openid: {
        resources: [{ identifier: api, scopes: ['read'] }],
        clients: [
          { id: 'spa', redirectUris: [redirectUri], settings: { authMethod: 'none', scopes: ['read'] } },
        ],
      },
    }),
  })
  before(() => server.maintain())

  const asked = () =>
    receiver
      .questions()
      .map(({ type, data: { methods, session, door } }) => ({ type, methods, session, door }))
  const newcomer = () => {
    receiver.answer({ decision: 'allow' })
    return register(server)
  }
  const sessionsOf = async (email: string) => {
    const statement = `select s.dialect, s.claims from sessions s join accounts a on a.id = s.account_id where a.email = '${email}'`
    return select(server.env.DATABASE_URL ?? '', statement)
  }
  const before_sign_in = (methods: string[], door: string, session = 'browser') => ({
    type: 'hook.before_sign_in',
    methods,
    session,
    door,
  })

  it('asks once at a page, and says there in words that somebody is refused', async () => {
    const person = await newcomer()
    receiver.answer({ decision: 'refuse' })
    const browser = plainBrowser(
      server,
      'Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0',
    )
    const form = await browser.open('/ui/account')
    const wrong = await browser.submit(form, { identifier: person.username, password: 'not the right one' })
    assert.deepEqual(asked(), [])
    const refused = await browser.submit(wrong, { identifier: person.username, password: person.password })
    assert.equal(refused.status, 403)
    assert.match(refused.text, /role="alert"[\s\S]*Access was refused/)
    assert.deepEqual(asked(), [before_sign_in(['pwd'], 'account')])
    assert.match(receiver.questions()[0]?.data.userAgent, /Firefox/)
    assert.deepEqual(
      (await sessionsOf(person.email)).filter(({ dialect }) => dialect === 'account'),
      [],
    )

    receiver.answer({ decision: 'allow' })
    assertAtAccount(await browser.submit(refused, { identifier: person.username, password: person.password }))
    assert.equal(asked().length, 1)
    assert.match(
      (await browser.open('/ui/account/activity')).text,
      /Sign-in refused by those who run this service/,
    )
  })

  it('asks once for a login of a door, where the session opens later', async () => {
    const person = await newcomer()
    receiver.answer({ decision: 'allow', claims: { [plan]: 'gold' } })
    const browser = plainBrowser(server)
    const page = await browser.open(authorizePath())
    const answer = await browser.submit(page, { identifier: person.username, password: person.password })
    assert.equal(answer.status, 302, answer.text)
    assert.deepEqual(asked(), [before_sign_in(['pwd'], 'pm2', 'app')])
    const kept = (await sessionsOf(person.email)).map(({ claims }) => claims)
    assert.ok(kept.includes(JSON.stringify({ [plan]: 'gold' })))
  })

  it('asks after the second factor, and not before', async () => {
    receiver.answer({ decision: 'allow' })
    const person = await registerWithSecondFactor(server)
    receiver.answer({ decision: 'refuse' })
    const browser = plainBrowser(server)
    const page = await browser.open('/ui/account')
    const challenged = await browser.submit(page, { identifier: person.username, password: person.password })
    assert.deepEqual(asked(), [])
    server.clock.advance(60_000)
    const wrong = await browser.submit(challenged, { code: '000000' })
    assert.match(wrong.text, /The code is not right/)
    assert.deepEqual(asked(), [])
    const refused = await browser.submit(wrong, { code: codeAt(server, person.secret) })
    assert.equal(refused.status, 403)
    assert.deepEqual(asked(), [before_sign_in(['pwd', 'otp', 'mfa'], 'account')])
  })

  it('asks about a passkey, which is not used up in vain', async () => {
    const key = await givePasskey(server, await newcomer())
    receiver.answer({ decision: 'refuse' })
    const { answer, browser } = await signInWith(server, key)
    assert.equal(answer.status, 403)
    assert.match(answer.text, /Access was refused/)
    assert.ok(passkeyForm(answer))
    assert.ok(!browser.cookies.has('__Host-manydoors-session'))
    assert.deepEqual(asked(), [before_sign_in(['passkey', 'mfa'], 'account')])
  })

  it('asks about somebody whom a provider knows: as a newcomer before the account, and each time after that', async () => {
    const stranger = freshStranger(freshEmail())
    receiver.answer({ decision: 'refuse' })
    const { browser, page } = await signInWithProvider({ server, provider }, stranger)
    const refused = await browser.submit(page, {}, undefined)
    assert.equal(refused.status, 403)
    assert.deepEqual(
      asked().map(({ type }) => type),
      ['hook.before_sign_up'],
    )
    const rows = `select id from accounts where email = '${stranger.email}'`
    assert.deepEqual(await select(server.env.DATABASE_URL ?? '', rows), [])

    receiver.answer({ decision: 'allow' })
    const again = await signInWithProvider({ server, provider }, stranger)
    assertAtAccount(await again.browser.submit(again.page, {}, undefined))
    assert.deepEqual(
      asked().map(({ type, methods }) => [type, methods]),
      [
        ['hook.before_sign_up', undefined],
        ['hook.before_sign_in', ['fed']],
      ],
    )
    receiver.answer({ decision: 'allow' })
    assertAtAccount((await signInWithProvider({ server, provider }, stranger)).page)
    assert.deepEqual(asked(), [before_sign_in(['fed'], 'account')])
  })

  const app = () =>
    relyingParty({ ...server, request: server.request, url: server.url, issuer }, { id: 'spa', redirectUri })

  it('asks for the browser and for the app of OpenID Connect, whose tokens say what was added to them', async () => {
    const person = await newcomer()
    const party = await app()
    receiver.answer({ decision: 'allow', claims: { [plan]: 'gold' } })
    const tokens = await signIn(party, appBrowser(server), person, {
      scope: 'openid offline_access read',
      resource: api,
    })
    assert.deepEqual(asked(), [before_sign_in(['pwd'], 'openid'), before_sign_in(['pwd'], 'openid', 'app')])
    const { client: id, ip } = receiver.questions()[1]?.data ?? {}
    assert.deepEqual([id, ip], ['spa', '127.0.0.1'])
    assert.equal(tokens.claims()?.[plan], 'gold')
    assert.equal(claimsOf(tokens.access_token)[plan], 'gold')
    receiver.answer({ decision: 'refuse' })
    const refreshed = await client.refreshTokenGrant(party.config, tokens.refresh_token ?? '', {
      resource: api,
    })
    assert.equal(claimsOf(refreshed.access_token)[plan], 'gold')
    assert.equal(refreshed.claims()?.[plan], 'gold')
    assert.deepEqual(asked(), [])
  })

  it('refuses an app for a person who is signed in to the browser', async () => {
    const person = await newcomer()
    const party = await app()
    receiver.answer({ decision: 'allow' })
    const browser = appBrowser(server)
    await signIn(party, browser, person)
    receiver.answer({ decision: 'refuse' })
    const begun = await beginSignIn(party)
    const callback = callbackOf(await browser.visit(begun.url))
    assert.deepEqual(asked(), [], 'nobody is signed in to an app yet')
    await assert.rejects(finishSignIn(party, callback, begun), (error: client.ResponseBodyError) => {
      assert.deepEqual([error.error, error.error_description], ['invalid_grant', 'grant request is invalid'])
      return true
    })
    assert.deepEqual(asked(), [before_sign_in(['pwd'], 'openid', 'app')])

    receiver.answer({ decision: 'refuse' })
    const fresh = await beginSignIn(party)
    const page = await appBrowser(server).visit(fresh.url)
    assert.equal(page.status, 200)
    await assert.rejects(authorize(appBrowser(server), fresh.url, person), /403/)
  })

  it('names a new device', async () => {
    const person = await newcomer()
    const firefox = 'Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0'
    const chrome =
      'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36'
    await signInAtAccount(server, person, firefox)
    for (const [userAgent, isNew] of [
      [firefox, false],
      [chrome, true],
    ] as const) {
      receiver.answer({ decision: 'allow' })
      await signInAtAccount(server, person, userAgent)
      assert.equal(receiver.questions()[0]?.data.isNewDevice, isNew, userAgent)
    }
  })
})
