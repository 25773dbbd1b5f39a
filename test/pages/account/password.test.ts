import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { register } from '../../dialects/pm2/door.ts'
import { login, registerAndSignIn, whoAmI } from '../../dialects/wolfpal/door.ts'
import { useServer } from '../../harness/harness.ts'
import { signInAtAccount } from '../jar.ts'

const page = '/ui/account/password'
const another = 'quite another battery staple'

describe('the password on the account page', () => {
  const server = useServer('sqlite')

  it('is changed, tells the owner, and ends all other sessions unless that is not wanted', async () => {
    const choices: Record<string, string>[] = [{}, { others: 'keep' }]
    for (const typed of choices) {
      const person = await registerAndSignIn(server)
      const browser = await signInAtAccount(server, person)
      const opened = await browser.open(page)
      const done = await browser.submit(opened, { password: another, ...typed }, page)
      assert.match(done.text, /Your password is changed/)
      await server.mail(person.email, /password/i)
      assert.notEqual((await login(server, person)).status, 200)
      assert.equal((await login(server, { ...person, password: another })).status, 200)
      assert.equal((await whoAmI(server, person.access)).status, 'others' in typed ? 200 : 401)
      assert.equal((await browser.open('/ui/account')).status, 200)
    }
  })

  it('must be hard to guess, and what is wrong is said beside the field', async () => {
    const person = await register(server)
    const browser = await signInAtAccount(server, person)
    const opened = await browser.open(page)
    for (const [password, problem] of [
      ['short', /at least 15 characters/],
      ['passwordpassword', /too common/],
    ] as const) {
      const refused = await browser.submit(opened, { password, others: 'keep' }, page)
      assert.equal(refused.status, 400)
      assert.match(refused.text, /role="alert"/)
      assert.match(refused.text, problem)
      assert.doesNotMatch(refused.text, new RegExp(`value="${password}"`))
      assert.doesNotMatch(refused.text, / checked/)
    }
    assert.equal((await signInAtAccount(server, person)).cookies.has('__Host-manydoors-session'), true)
  })

  it('is changed by nobody who has not shown for ten minutes who they are', async () => {
    const person = await register(server)
    const browser = await signInAtAccount(server, person)
    const opened = await browser.open(page)
    server.clock.advance(10 * 60_000 + 1)
    const asked = await browser.submit(opened, { password: another }, page)
    assert.match(asked.text, /<h1>Show that it is you<\/h1>/)
    const back = await browser.submit(asked, { password: person.password }, '/ui/account/prove')
    assert.match(back.text, /<h1>Change your password<\/h1>/)
    await signInAtAccount(server, person)
  })
})
