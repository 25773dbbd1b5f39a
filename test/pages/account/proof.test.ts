import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { register } from '../../dialects/pm2/door.ts'
import { registerWithSecondFactor } from '../../dialects/wolfpal/door.ts'
import { onEveryEngine, type TestServer, useServer } from '../../harness/harness.ts'
import { holdableHashing } from '../../harness/held-hashing.ts'
import { type PlainBrowser, plainBrowser, signInAtAccount } from '../jar.ts'
import { type Protected, showPassword, signInWithCode } from './second-step.ts'

const page = '/ui/account/password'
const prove = '/ui/account/prove'
const another = 'quite another battery staple'

async function isProven(browser: PlainBrowser): Promise<boolean> {
  return /<h1>Change your password<\/h1>/.test((await browser.open(page)).text)
}

async function signInWithRecoveryCode(
  server: TestServer,
  person: Protected,
  code: string,
): Promise<PlainBrowser> {
  const browser = plainBrowser(server)
  const asked = await showPassword(browser, person)
  const [, action = ''] = /action="([^"]+\/recovery-code)"/.exec(asked.text) ?? []
  await browser.submit(await browser.submit(asked, {}, action), { code }, action)
  return browser
}

describe('a proof of who is there', () => {
  const server = useServer('sqlite')

  it('is no recovery code, which stays good for a sign-in', async () => {
    const person = await registerWithSecondFactor(server)
    const browser = await signInWithCode(server, person)
    server.clock.advance(10 * 60_000 + 1)
    const [code = ''] = person.backupCodes
    const asked = await browser.open(prove)
    const refused = await browser.submit(asked, { password: person.password, code }, prove)
    assert.equal(refused.status, 401)
    assert.equal(await isProven(browser), false)

    assert.equal(await isProven(await signInWithRecoveryCode(server, person, code)), true)
  })

  it('is a sign-in with a recovery code, as whoever has lost the authenticator has nothing else', async () => {
    const person = await registerWithSecondFactor(server)
    const elsewhere = await signInWithCode(server, person)
    const [code = ''] = person.backupCodes
    assert.equal(await isProven(await signInWithRecoveryCode(server, person, code)), true)
    // It is loud: every other session has ended, and the owner is mailed.
    assert.match((await elsewhere.open('/ui/account')).text, /<h1>Sign in<\/h1>/)
    await server.mail(person.email, /recovery code was used/i)
  })

  it('by the old password is none any more, in no other session that stays', async () => {
    const person = await register(server)
    const [browser, other] = [await signInAtAccount(server, person), await signInAtAccount(server, person)]
    assert.equal(await isProven(other), true)
    const opened = await browser.open(page)
    await browser.submit(opened, { password: another, others: 'keep' }, page)
    assert.equal(await isProven(browser), true)
    assert.equal(await isProven(other), false)
    assert.equal((await other.open('/ui/account')).status, 200)
  })

  it('ends with the session that it was given in', async () => {
    const person = await register(server)
    const browser = await signInAtAccount(server, person)
    const { cookies } = browser
    const token = cookies.get('__Host-manydoors-session') ?? ''
    await browser.submit(await browser.open('/ui/account'), {}, '/ui/account/sign-out')
    cookies.set('__Host-manydoors-session', token)
    assert.equal(await isProven(browser), false)
  })
})

onEveryEngine('a proof by a password that is changed meanwhile', (engine) => {
  const hashing = holdableHashing()
  const server = useServer(engine, { hashing: hashing.argon2, cores: 4 })

  it('is none', async () => {
    const person = await register(server)
    const [browser, other] = [await signInAtAccount(server, person), await signInAtAccount(server, person)]
    const opened = await browser.open(page)
    const asked = await other.open(prove)
    hashing.hold()
    const changing = browser.submit(opened, { password: another, others: 'keep' }, page)
    await hashing.standing(1)
    const proving = other.submit(asked, { password: person.password }, prove)
    await hashing.standing(2)
    hashing.letOneGo()
    assert.match((await changing).text, /Your password is changed/)
    hashing.release()
    assert.equal((await proving).status, 401)
    assert.equal(await isProven(other), false)
  })
})
