import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { nextCode, registerWithSecondFactor } from '../../dialects/wolfpal/door.ts'
import {
  freshEmail,
  mailCausedBy,
  onEveryEngine,
  startTestServer,
  type TestServer,
} from '../../harness/harness.ts'
import { keyVariables, newMasterKey, restartWith } from '../../harness/master-keys.ts'
import { plainBrowser } from '../jar.ts'
import { givePasskey, optionsOn, passkeyForm, signInWith } from '../passkeys/software-key.ts'
import { changeMail, confirm, pathOf, provenPerson } from './names.ts'
import { assertSignedIn, showPassword, signInWithCode, signOut } from './second-step.ts'

onEveryEngine('the account page under a new master key', (engine) => {
  const [old, fresh] = [newMasterKey(), newMasterKey()]
  const server = {} as TestServer
  before(async () => {
    Object.setPrototypeOf(server, await startTestServer(engine, { env: keyVariables({ primary: old }) }))
  })
  after(() => server.close?.())

  it('goes on with what was begun before, as long as the former key is given', async () => {
    const { person, browser } = await provenPerson(server)
    const key = await givePasskey(server, person)
    const careful = await registerWithSecondFactor(server)
    const trusted = await signInWithCode(server, careful, { trust: 'on' })
    await signOut(trusted)
    const visitor = plainBrowser(server)
    const signInPage = await visitor.open('/ui/account')
    const other = plainBrowser(server)
    const challenged = await showPassword(other, careful)
    const earlier = (await provenPerson(server)).browser
    const undone = await noticeOf(server, earlier)
    const mail = await changeMail(server, browser, freshEmail())
    const form = await browser.open('/ui/account')
    const offer = await browser.open('/ui/account/authenticator')

    await restartWith(server, { primary: old, next: fresh })
    await restartWith(server, { primary: fresh, previous: old })
    await server.maintain()

    assertSignedIn(await browser.submit(form, { name: 'Ada Example' }, '/ui/account/profile'))
    const [, secret = ''] = /name="secret" value="([A-Z2-7]+)"/.exec(offer.text) ?? []
    assert.match(
      (await browser.submit(offer, { code: 'none' }, '/ui/account/authenticator')).text,
      new RegExp(secret),
    )
    assertSignedIn(
      await visitor.submit(signInPage, { passkey: key.sign(optionsOn(signInPage)) }, passkeyForm(signInPage)),
    )
    assertSignedIn((await signInWith(server, key)).answer)
    assertSignedIn(await showPassword(trusted, careful))
    assertSignedIn(await other.submit(challenged, { code: nextCode(server, careful.secret) }))
    assert.equal((await confirm(browser, mail)).status, 200)
    assert.match((await browser.open('/ui/account/email')).text, new RegExp(mail.to))
    const undo = await plainBrowser(server).open(undone)
    assert.equal(undo.status, 200, undo.text)
    assert.match((await plainBrowser(server).submit(undo, {}, '/ui/undo-change')).text, /new password/i)

    await restartWith(server, { primary: fresh })
    // The cookie was made under the key that is gone, so it says nothing any more.
    assert.match((await browser.open('/ui/account')).text, /<h1>Sign in/)
    const again = await browser.submit(form, { name: 'Eve Example' }, '/ui/account/profile')
    assert.ok(again.status < 500, again.text)
    assertSignedIn((await signInWith(server, key)).answer)
    await signOut(trusted)
    assertSignedIn(await showPassword(trusted, careful))
  })
})

/** The path of the link that undoes a change of address. */
async function noticeOf(server: TestServer, browser: ReturnType<typeof plainBrowser>): Promise<string> {
  const page = await browser.open('/ui/account/email')
  const [, email = ''] = /([\w.-]+@example\.com)/.exec(page.text) ?? []
  const mail = await changeMail(server, browser, freshEmail())
  const notice = await mailCausedBy(server, { to: email, subject: /was changed/ }, () =>
    confirm(browser, mail),
  )
  return pathOf(notice)
}
