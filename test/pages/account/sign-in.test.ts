import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { register } from '../../dialects/pm2/door.ts'
import { useServer } from '../../harness/harness.ts'
import { plainBrowser, signInAtAccount } from '../jar.ts'

describe('the account page', () => {
  const server = useServer('sqlite')

  it('leads to the sign-in and back, and out again', async () => {
    const person = await register(server)
    const browser = await signInAtAccount(server, person)
    const page = await browser.open('/ui/account')
    assert.match(page.text, new RegExp(person.email))
    const out = await browser.submit(page, {}, '/ui/account/sign-out')
    assert.match(out.text, /You are signed out/)
    assert.equal(browser.cookies.has('__Host-manydoors-session'), false)
    assert.match((await browser.open('/ui/account')).text, /<h1>Sign in<\/h1>/)
  })

  it('ends the session that a browser had when it is signed in to again, by whomever', async () => {
    const [person, other] = [await register(server), await register(server)]
    const browser = await signInAtAccount(server, person)
    for (const { username, password } of [person, other]) {
      const earlier = browser.cookies.get('__Host-manydoors-session') ?? ''
      const signIn = await browser.open('/ui/account/sign-in')
      await browser.submit(signIn, { identifier: username, password })
      assert.notEqual(browser.cookies.get('__Host-manydoors-session'), earlier)
      const kept = plainBrowser(server)
      kept.cookies.set('__Host-manydoors-session', earlier)
      assert.match((await kept.open('/ui/account')).text, /<h1>Sign in<\/h1>/)
    }
    assert.match((await browser.open('/ui/account')).text, new RegExp(other.email))
  })

  it('asks for a proof again once it is ten minutes old', async () => {
    const person = await register(server)
    const browser = await signInAtAccount(server, person)
    const page = await browser.open('/ui/account/prove?next=/account')
    assert.match(
      (await browser.submit(page, { password: 'wrong-password' }, '/ui/account/prove')).text,
      /role="alert"/,
    )
    const done = await browser.submit(page, { password: person.password }, '/ui/account/prove')
    assert.match(done.text, new RegExp(person.email))
  })

  it('takes no form that was made for another browser', async () => {
    const one = await signInAtAccount(server, await register(server))
    const other = await signInAtAccount(server, await register(server))
    const page = await one.open('/ui/account')
    const { form = '' } = { form: /name="form" value="([^"]+)"/.exec(page.text)?.[1] }
    const answer = await other.post('/ui/account/sign-out', { form })
    assert.equal(answer.status, 403)
    assert.equal((await other.open('/ui/account')).status, 200)
    assert.equal((await plainBrowser(server).post('/ui/account/sign-out', { form })).status, 303)
  })
})
