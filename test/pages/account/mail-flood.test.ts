import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { register } from '../../dialects/pm2/door.ts'
import { mailCausedBy, useServer } from '../../harness/harness.ts'
import { signInAtAccount } from '../jar.ts'
import { addPasskey, removeForm } from '../passkeys/software-key.ts'

describe('somebody who has opened an account for the address of somebody else', () => {
  const server = useServer('sqlite', { limits: { 'way-in-account': 3 } })

  it('does not fill that mailbox with what they do to the account, and can still take ways in away', async () => {
    const person = await register(server)
    const browser = await signInAtAccount(server, person)
    const page = '/ui/account/password'
    const setPassword = async (count: number) =>
      browser.submit(await browser.open(page), { password: `a battery staple of horse ${count}` }, page)

    const { answer } = await addPasskey(browser)
    await setPassword(1)
    await mailCausedBy(server, { to: person.email, subject: /password/i }, () => setPassword(2))
    const before = (await server.mailbox()).filter(({ to }) => to === person.email).length
    const refused = await setPassword(3)
    assert.equal(refused.status, 429)
    assert.match(refused.text, /role="alert"/)
    assert.notEqual(refused.headers.get('retry-after'), null)
    assert.equal((await addPasskey(browser)).answer.status, 429)
    assert.equal((await server.mailbox()).filter(({ to }) => to === person.email).length, before)

    const removed = await browser.submit(answer, {}, removeForm(answer))
    assert.match(removed.text, /removed/)
  })
})
