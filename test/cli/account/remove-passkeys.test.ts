import assert from 'node:assert/strict'
import { it } from 'node:test'
import { register } from '../../dialects/pm2/door.ts'
import { assertRefused, jsonOf } from '../../harness/command.ts'
import { select, tableNames } from '../../harness/database.ts'
import { mailCausedBy, onEveryEngine, useServer } from '../../harness/harness.ts'
import { signInAtAccount } from '../../pages/jar.ts'
import { givePasskey, signInWith } from '../../pages/passkeys/software-key.ts'

onEveryEngine('account remove-passkeys', (engine) => {
  const server = useServer(engine)
  const remove = (name: string, reason: string) =>
    jsonOf(server, ['account', 'remove-passkeys', name, '--reason', reason])

  it('leaves the owner the password alone, revokes all sessions, and mails the owner', async () => {
    const person = await register(server)
    const key = await givePasskey(server, person, 'Stolen phone')
    const browser = await signInAtAccount(server, person)
    const mail = await mailCausedBy(
      server,
      { to: person.email, subject: /passkey was removed/ },
      async () => {
        const [done] = await remove(person.email, 'stolen phone, shown the passport')
        assert.deepEqual(done, { id: done.id, passkeysRemoved: 1, sentTo: person.email })
        server.clock.advance(0)
      },
    )
    assert.match(mail.text, /Stolen phone/)
    assert.doesNotMatch(mail.text, /passport|Device:|IP address:/)
    assert.equal((await signInWith(server, key)).answer.status, 401)
    assert.match((await browser.open('/ui/account')).text, /<h1>Sign in<\/h1>/)
    await signInAtAccount(server, person)
  })

  it('keeps the reason in the audit trail, until the account is deleted', async () => {
    const person = await register(server)
    await givePasskey(server, person, 'Phone')
    const reason = 'Ada rang from the office, asked for her daughter’s name'
    await remove(person.email, reason)
    const [row] = await jsonOf(server, ['audit', '--account', person.email, '--event', 'passkey.removed'])
    assert.deepEqual([row.actor, row.outcome, row.detail], ['cli', 'success', reason])
    const browser = await signInAtAccount(server, person)
    const activity = await browser.open('/ui/account/activity')
    assert.match(activity.text, /passkey/i)
    assert.ok(!activity.text.includes('daughter'))
    await jsonOf(server, ['account', 'delete', person.email, '--yes'])
    const url = server.env.DATABASE_URL ?? ''
    for (const table of await tableNames(url))
      assert.ok(!JSON.stringify(await select(url, `select * from "${table}"`)).includes(reason), table)
  })

  it('refuses without a passkey, or without a reason', async () => {
    const { email } = await register(server)
    const attempt = ['account', 'remove-passkeys', email]
    await assertRefused(server, [...attempt, '--reason', 'x'], /^[\da-f-]{36} has no passkey\n$/)
    await assertRefused(server, attempt, /--reason <text>/)
    await assertRefused(server, [...attempt, '--reason', 'two\nlines'], /1 to 200 characters on one line/)
  })
})
