import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { reset, send as sendAtPm2, tokenMailed } from '../../dialects/pm2/door.ts'
import {
  answerChallenge,
  challengeFor,
  codeAt,
  disable,
  login,
  nextCode,
  registerWithSecondFactor,
  toNextStep,
} from '../../dialects/wolfpal/door.ts'
import { useServer } from '../../harness/harness.ts'
import { plainBrowser } from '../jar.ts'
import {
  assertAsked,
  assertSignedIn,
  showPassword,
  signInWithCode,
  signOut,
  trustedPerson,
} from './second-step.ts'

const day = 24 * 60 * 60_000

describe('a device that is trusted', () => {
  const server = useServer('sqlite')

  it('is not asked for the second step at the page, and every other one is', async () => {
    const { person, browser } = await trustedPerson(server)
    assertSignedIn(await showPassword(browser, person))
    assertAsked(await showPassword(plainBrowser(server), person))
  })

  it('is one that its person has chosen to trust', async () => {
    const person = await registerWithSecondFactor(server)
    const browser = await signInWithCode(server, person)
    assert.equal(browser.cookies.has('__Host-manydoors-trusted'), false)
    await signOut(browser)
    assertAsked(await showPassword(browser, person))
  })

  it('is trusted by one account and not by another', async () => {
    const { browser } = await trustedPerson(server)
    const other = await registerWithSecondFactor(server)
    assertAsked(await showPassword(browser, other))
  })

  it('may be trusted by several accounts', async () => {
    const { person, browser } = await trustedPerson(server)
    const other = await registerWithSecondFactor(server)
    await signInWithCode(server, other, { trust: 'on' }, browser)
    await signOut(browser)
    assertSignedIn(await showPassword(browser, person))
    await signOut(browser)
    assertSignedIn(await showPassword(browser, other))
  })

  it('is asked at the doors of an API, whatever it sends', async () => {
    const { person, browser } = await trustedPerson(server)
    const cookie = [...browser.cookies].map((pair) => pair.join('=')).join('; ')
    const { body } = await login(server, person, { cookie })
    assert.match(body.token, /^[0-9A-Za-z]{64}$/)
    assert.equal(body.access_token, undefined)
  })

  it('proves nobody: what is important asks for password and code', async () => {
    const { person, browser } = await trustedPerson(server)
    await showPassword(browser, person)
    const asked = await browser.open('/ui/account/authenticator')
    assert.match(asked.text, /<h1>Show that it is you<\/h1>/)
    const { password } = person
    const without = await browser.submit(asked, { password }, '/ui/account/prove')
    assert.equal(without.status, 401)
    const code = nextCode(server, person.secret)
    const page = await browser.submit(asked, { password, code }, '/ui/account/prove')
    assert.match(page.text, /Your second step is on/)
  })

  it('is asked again after 30 days', async () => {
    const { person, browser } = await trustedPerson(server)
    server.clock.advance(30 * day - 60_000)
    assertSignedIn(await showPassword(browser, person))
    await signOut(browser)
    server.clock.advance(60_000)
    assertAsked(await showPassword(browser, person))
  })

  it('does not finish a sign-in once it is trusted no more', async () => {
    const { person, browser } = await trustedPerson(server)
    const asked = await browser.open('/ui/account')
    const [, form = ''] = /name="form" value="([^"]+)"/.exec(asked.text) ?? []
    const [, path = ''] = /action="([^"]+)"/.exec(asked.text) ?? []
    const fields = { form, identifier: person.username, password: person.password }
    const proven = await browser.post(path, fields)
    const location = proven.headers.get('location') ?? ''
    assert.match(location, /^\/ui\/account\/signed-in\?code=/)
    const elsewhere = await signInWithCode(server, person)
    await removeAll(elsewhere)
    assert.match((await browser.open(location)).text, /This sign-in is over/)
  })

  it('is listed with since when and until when, and can be removed', async () => {
    const { person, browser } = await trustedPerson(server)
    await showPassword(browser, person)
    const page = await browser.open('/ui/account/security')
    assert.match(page.text, /This device/)
    const [action = ''] = /\/ui\/account\/trusted-devices\/[0-9a-f-]{36}\/remove/.exec(page.text) ?? []
    const removed = await browser.submit(page, {}, action)
    assert.match(removed.text, /The device will be asked for the second step/)
    assert.match(removed.text, /No device is trusted/)
    await signOut(browser)
    assertAsked(await showPassword(browser, person))
  })

  it('is removed by nobody else', async () => {
    const { person, browser } = await trustedPerson(server)
    await showPassword(browser, person)
    const { text } = await browser.open('/ui/account/security')
    const [action = ''] = /\/ui\/account\/trusted-devices\/[0-9a-f-]{36}\/remove/.exec(text) ?? []
    const other = await signInWithCode(server, await registerWithSecondFactor(server))
    const { text: foreign } = await other.open('/ui/account/security')
    const [, form = ''] = /name="form" value="([^"]+)"/.exec(foreign) ?? []
    assert.equal((await other.post(action, { form })).status, 303)
    await signOut(browser)
    assertSignedIn(await showPassword(browser, person))
  })

  const endings: Record<string, (of: Awaited<ReturnType<typeof trustedPerson>>) => Promise<unknown>> = {
    'its person removes all': async ({ person }) => removeAll(await signInWithCode(server, person)),
    'the password is changed at the account page': async ({ person }) => {
      const browser = await signInWithCode(server, person)
      const page = await browser.open('/ui/account/password')
      await browser.submit(page, { password: another, others: 'keep' }, '/ui/account/password')
      person.password = another
    },
    'the password is reset': async ({ person }) => {
      const token = await tokenMailed(server, { to: person.email, subject: reset }, () =>
        sendAtPm2(server, 'POST', '/reset_password', { json: { email: person.email } }),
      )
      const answer = await server.request('POST', '/ui/reset-password', {
        form: { token, password: another },
      })
      assert.equal(answer.status, 200, answer.text)
      person.password = another
    },
    'somebody signs in with a recovery code': async ({ person }) => {
      const challenge = await challengeFor(server, person)
      const answer = await answerChallenge(server, challenge, person.backupCodes[0] ?? '')
      assert.equal(answer.status, 200, answer.text)
    },
  }
  for (const [what, end] of Object.entries(endings)) {
    it(`is asked again once ${what}`, async () => {
      const trusted = await trustedPerson(server)
      await end(trusted)
      assertAsked(await showPassword(trusted.browser, trusted.person))
    })
  }

  it('is asked by a second step that is set up anew', async () => {
    const { person, browser } = await trustedPerson(server)
    const challenge = await challengeFor(server, person)
    const { body } = await answerChallenge(server, challenge, nextCode(server, person.secret))
    await disable(server, body.access_token, nextCode(server, person.secret))
    await showPassword(browser, person)
    const page = await browser.open('/ui/account/authenticator')
    const [, secret = ''] = /name="secret" value="([^"]+)"/.exec(page.text) ?? []
    toNextStep(server)
    const code = codeAt(server, secret)
    const done = await browser.submit(page, { code }, '/ui/account/authenticator')
    assert.match(done.text, /Save your recovery codes/)
    await signOut(browser)
    assertAsked(await showPassword(browser, person))
  })

  it('makes room for the newest of more than twenty', async () => {
    const { person, browser: oldest } = await trustedPerson(server)
    let newest = oldest
    for (let count = 0; count < 20; count++)
      newest = await signInWithCode(server, person, { trust: 'on' }, plainBrowser(server))
    const { text } = await newest.open('/ui/account/security')
    assert.equal(text.match(/trusted-devices\/[0-9a-f-]{36}\/remove/g)?.length, 20)
    assertAsked(await showPassword(oldest, person))
  })

  const another = 'quite another battery staple'

  async function removeAll(browser: Awaited<ReturnType<typeof signInWithCode>>): Promise<void> {
    const page = await browser.open('/ui/account/security')
    const done = await browser.submit(page, {}, '/ui/account/trusted-devices/remove-all')
    assert.match(done.text, /Every device will be asked/)
  }
})
