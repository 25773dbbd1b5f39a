import assert from 'node:assert/strict'
import { it } from 'node:test'
import { register } from '../../dialects/pm2/door.ts'
import { select } from '../../harness/database.ts'
import { onEveryEngine, useServer } from '../../harness/harness.ts'
import { plainBrowser, signInAtAccount } from '../jar.ts'
import { addPasskey, givePasskey, optionsOn, passkeyForm, softwareKey } from './software-key.ts'

onEveryEngine('passkeys', (engine) => {
  const server = useServer(engine)

  it('with one counter prove one of twenty sign-ins at once', async () => {
    const key = await givePasskey(server, await register(server))
    const pages = await Promise.all(
      Array.from({ length: 20 }, async () => {
        const browser = plainBrowser(server)
        return { browser, page: await browser.open('/ui/account') }
      }),
    )
    const answers = await Promise.all(
      pages.map(({ browser, page }) =>
        browser.submit(page, { passkey: key.sign(optionsOn(page), { counter: 7 }) }, passkeyForm(page)),
      ),
    )
    const statuses = answers.map(({ status }) => status).sort()
    assert.deepEqual(statuses, [200, ...Array<number>(19).fill(401)])
    const alarms = await select(
      server.env.DATABASE_URL ?? '',
      `select id from audit where event = 'passkey.clone_suspected'`,
    )
    assert.equal(alarms.length, 1)
  })

  it('of an account are twenty at most, however many are added at once', async () => {
    const person = await register(server)
    const first = await signInAtAccount(server, person)
    for (let count = 0; count < 17; count++) await addPasskey(first)
    const browsers = await Promise.all(Array.from({ length: 8 }, () => signInAtAccount(server, person)))
    const pages = await Promise.all(browsers.map((browser) => browser.open('/ui/account/passkeys/new')))
    const answers = await Promise.all(
      browsers.map((browser, index) => {
        const page = pages[index] ?? assert.fail()
        return browser.submit(page, { passkey: softwareKey().make(optionsOn(page)) }, passkeyForm(page))
      }),
    )
    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 200, 200, 409, 409, 409, 409, 409])
    const rows = await select(
      server.env.DATABASE_URL ?? '',
      `select p.id from passkeys p join accounts a on a.id = p.account_id where a.email = '${person.email}'`,
    )
    assert.equal(rows.length, 20)
    assert.match((await first.open('/ui/account/passkeys/new')).text, /You have 20 passkeys/)
  })
})
