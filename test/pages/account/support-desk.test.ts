import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { registerWithSecondFactor } from '../../dialects/wolfpal/door.ts'
import { jsonOf } from '../../harness/command.ts'
import { freshEmail, useServer } from '../../harness/harness.ts'
import { formsOf } from '../html.ts'
import { plainBrowser } from '../jar.ts'
import { assertPage } from '../page.ts'
import { changeMail, confirm, provenPerson } from './names.ts'
import { assertSignedIn, showPassword } from './second-step.ts'

/** What docs/account-page.md has the support desk do, and say. */
describe('the support desk', () => {
  const server = useServer('sqlite')

  it('stops whoever has changed an address, and the owner undoes that once the account is enabled', async () => {
    const { person, browser } = await provenPerson(server)
    const email = freshEmail()
    await confirm(browser, await changeMail(server, browser, email))
    const { links } = await server.mail(person.email, /^Your e-mail address/)
    const { pathname, search } = new URL(links.find((link) => link.includes('/ui/undo-change')) ?? '')
    await jsonOf(server, ['account', 'disable', `email:${email}`])
    assert.match((await browser.open('/ui/account')).text, /<h1>Sign in<\/h1>/)
    const owner = plainBrowser(server)
    const waiting = await owner.open(pathname + search)
    assert.doesNotMatch((await owner.submit(waiting, {})).text, /name="password"/)

    await jsonOf(server, ['account', 'enable', `email:${email}`])
    const choose = await owner.submit(await owner.open(pathname + search), {})
    assert.match(choose.text, /name="password"/)
    assertPage(await owner.submit(choose, { password: 'a password of the owner alone' }), 200)
    const [shown] = await jsonOf(server, ['account', 'show', `username:${person.username}`])
    assert.equal(shown.email, person.email)
  })

  it('has whoever has lost the phone turn the second step off after signing in with a recovery code', async () => {
    const person = await registerWithSecondFactor(server)
    const browser = plainBrowser(server)
    const asked = await showPassword(browser, person)
    const [, action = ''] = /action="([^"]+\/recovery-code)"/.exec(asked.text) ?? []
    const [code = ''] = person.backupCodes
    assertSignedIn(await browser.submit(await browser.submit(asked, {}, action), { code }, action))
    const opened = await browser.open('/ui/account/authenticator')
    const removal = formsOf(opened).find(({ action }) => action.endsWith('/remove'))?.action
    const off = await browser.submit(opened, {}, removal)
    assert.match(off.text, /Your second step is off/)
    assertSignedIn(await showPassword(plainBrowser(server), person))
  })

  it('cannot have the page believe a recovery code later', async () => {
    const person = await registerWithSecondFactor(server)
    const browser = plainBrowser(server)
    const asked = await showPassword(browser, person)
    const [, action = ''] = /action="([^"]+\/recovery-code)"/.exec(asked.text) ?? []
    const [first = '', second = ''] = person.backupCodes
    await browser.submit(await browser.submit(asked, {}, action), { code: first }, action)
    server.clock.advance(11 * 60_000)
    const prove = await browser.open('/ui/account/authenticator')
    assert.match(prove.text, /Show that it is you/)
    const refused = await browser.submit(
      prove,
      { password: person.password, code: second },
      '/ui/account/prove',
    )
    assertPage(refused, 401)
  })
})
