import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { register } from '../../dialects/pm2/door.ts'
import { execute, select } from '../../harness/database.ts'
import { mailCausedBy, type TestServer, useServer } from '../../harness/harness.ts'
import { formsOf } from '../html.ts'
import { plainBrowser, signInAtAccount } from '../jar.ts'
import {
  addPasskey,
  givePasskey,
  optionsOn,
  passkeyForm,
  removeForm,
  renameForm,
  signInWith,
  softwareKey,
} from './software-key.ts'

const iCloud = 'fbfc3007154e4ecc8c0b6e020557d7bd'
const iPhone =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1'

describe('the passkeys of an account', () => {
  const server = useServer('sqlite')
  const url = () => server.env.DATABASE_URL ?? ''

  it('are listed with what is known of them, and their owner is mailed of each new one', async () => {
    const person = await register(server)
    const browser = await signInAtAccount(server, person, iPhone)
    assert.match((await browser.open('/ui/account/security')).text, /No passkey yet/)
    const key = softwareKey({ isSynced: true, aaguid: iCloud })
    const mail = await mailCausedBy(server, { to: person.email, subject: /passkey was added/ }, async () => {
      const { answer } = await addPasskey(browser, key)
      assert.match(answer.text, /Passkey added: iPhone · iCloud Keychain\./)
      assert.match(answer.text, /Synced/)
      assert.match(answer.text, /Never used · Safari, iOS/)
      assert.ok(answer.text.includes(key.id))
    })
    assert.match(mail.text, /iPhone iCloud Keychain/)
    await signInWith(server, key)
    assert.match((await browser.open('/ui/account/security')).text, /Last used/)
  })

  it('are made by whoever has shown in the last ten minutes who they are', async () => {
    const browser = await signInAtAccount(server, await register(server))
    const page = await browser.open('/ui/account/passkeys/new')
    server.clock.advance(10 * 60_000 + 1)
    const late = await browser.submit(
      page,
      { passkey: softwareKey().make(optionsOn(page)) },
      passkeyForm(page),
    )
    assert.match(late.text, /Show that it is you/)
    assert.match((await browser.open('/ui/account/passkeys/new')).text, /Show that it is you/)
    assert.match((await browser.open('/ui/account/security')).text, /No passkey yet/)
  })

  it('are made once by an answer, within five minutes, in the session that has asked', async () => {
    const person = await register(server)
    const browser = await signInAtAccount(server, person)
    const other = await signInAtAccount(server, person)
    const page = await browser.open('/ui/account/passkeys/new')
    const [foreign] = formsOf(await other.open('/ui/account/security'))
    assert.ok(foreign)
    const passkey = softwareKey().make(optionsOn(page))
    const elsewhere = await other.post('/ui/account/passkeys/new', {
      form: foreign.fields.form ?? '',
      passkey,
    })
    assert.equal(elsewhere.status, 400)
    server.clock.advance(5 * 60_000 + 1)
    assert.equal((await browser.submit(page, { passkey }, passkeyForm(page))).status, 400)
    const again = await browser.open('/ui/account/passkeys/new')
    const answer = softwareKey().make(optionsOn(again))
    assert.equal((await browser.submit(again, { passkey: answer }, passkeyForm(again))).status, 200)
    assert.equal((await browser.submit(again, { passkey: answer }, passkeyForm(again))).status, 400)
  })

  it('are refused when they are of another origin or domain, unverified, no passkeys, or there already', async () => {
    const browser = await signInAtAccount(server, await register(server))
    const taken = softwareKey()
    await addPasskey(await signInAtAccount(server, await register(server)), taken)
    const uses = [{ origin: 'https://evil.example' }, { rpId: 'evil.example' }, { isVerified: false }]
    for (const use of uses) assert.equal((await addPasskey(browser, softwareKey(), use)).answer.status, 400)
    const { answer } = await addPasskey(browser, taken)
    assert.match(answer.text, /The passkey could not be added/)
    for (const passkey of ['', '[]', '{"id":"AAAA","response":{"clientDataJSON":7}}']) {
      const page = await browser.open('/ui/account/passkeys/new')
      assert.equal((await browser.submit(page, { passkey }, passkeyForm(page))).status, 400)
    }
    assert.match((await browser.open('/ui/account/security')).text, /No passkey yet/)
  })

  it('are renamed by their owner alone, in 1 to 60 characters', async () => {
    const person = await register(server)
    const browser = await signInAtAccount(server, person)
    const { answer } = await addPasskey(browser)
    const renamed = await browser.submit(answer, { name: '  The “blue” key <b> ' }, renameForm(answer))
    assert.match(renamed.text, /The passkey is now called The “blue” key &lt;b&gt;\./)
    const patterns = await browser.submit(answer, { name: "$& {name} $` $' $1" }, renameForm(answer))
    assert.ok(patterns.text.includes('is now called $&amp; {name} $` $&#39; $1.'), patterns.text)
    await browser.submit(answer, { name: 'The “blue” key' }, renameForm(answer))
    for (const name of [' ', 'x'.repeat(61), 'a\u0007b'])
      assert.match(
        (await browser.submit(answer, { name }, renameForm(answer))).text,
        /Enter a name of 1 to 60/,
      )
    const other = await signInAtAccount(server, await register(server))
    const [own] = formsOf(await other.open('/ui/account/security'))
    const foreign = await other.post(renameForm(answer), { form: own?.fields.form ?? '', name: 'Mine' })
    assert.equal(foreign.status, 400)
    assert.match((await browser.open('/ui/account/security')).text, /The “blue” key/)
  })

  it('are removed by their owner alone, who is mailed, and sign nobody in any more', async () => {
    const person = await register(server)
    const key = await givePasskey(server, person, 'Old phone')
    const browser = await signInAtAccount(server, person)
    const page = await browser.open('/ui/account/security')
    const other = await signInAtAccount(server, await register(server))
    const [own] = formsOf(await other.open('/ui/account/security'))
    assert.equal((await other.post(removeForm(page), { form: own?.fields.form ?? '' })).status, 400)
    const begun = plainBrowser(server)
    const signIn = await begun.open('/ui/account')
    const [, form = ''] = /name="form" value="([^"]+)"/.exec(signIn.text) ?? []
    const proven = await begun.post(passkeyForm(signIn), { form, passkey: key.sign(optionsOn(signIn)) })
    const mail = await mailCausedBy(
      server,
      { to: person.email, subject: /passkey was removed/ },
      async () => {
        assert.match((await browser.submit(page, {}, removeForm(page))).text, /Passkey removed: Old phone\./)
      },
    )
    assert.match(mail.text, /Old phone/)
    assert.equal((await begun.open(proven.headers.get('location') ?? '')).status, 400)
    assert.equal((await signInWith(server, key)).answer.status, 401)
  })

  it('are never removed to the last one where there is no password', async () => {
    const person = await register(server)
    const browser = await signInAtAccount(server, person)
    await addPasskey(browser)
    await addPasskey(browser)
    await execute(url(), `update accounts set password_hash = null where email = '${person.email}'`)
    const page = await browser.open('/ui/account/security')
    const left = await browser.submit(page, {}, removeForm(page))
    assert.match(left.text, /Passkey removed/)
    const refused = await browser.submit(left, {}, removeForm(left))
    assert.equal(refused.status, 409)
    assert.match(refused.text, /Set a password first: this is your only way to sign in\./)
    const rows = await select(
      url(),
      `select id from passkeys where account_id = (select id from accounts where email = '${person.email}')`,
    )
    assert.equal(rows.length, 1)
  })

  it('prove who is there before what is important, each challenge once', async () => {
    const person = await register(server)
    const other = await givePasskey(server, await register(server))
    const browser = await signInAtAccount(server, person)
    const { key } = await addPasskey(browser)
    server.clock.advance(11 * 60_000)
    const prove = async (sign: (page: Awaited<ReturnType<typeof browser.open>>) => string) => {
      const page = await browser.open('/ui/account/passkeys/new')
      return browser.submit(page, { passkey: sign(page) }, passkeyForm(page))
    }
    assert.equal((await prove((page) => other.sign(optionsOn(page)))).status, 401)
    assert.equal((await prove((page) => key.sign(optionsOn(page), { isVerified: false }))).status, 401)
    const page = await browser.open('/ui/account/passkeys/new')
    const passkey = key.sign(optionsOn(page))
    assert.match((await browser.submit(page, { passkey }, passkeyForm(page))).text, /Make|data-passkey/)
    assert.equal((await browser.submit(page, { passkey }, passkeyForm(page))).status, 401)
    const proofs = await provenBy(server, person.email)
    assert.deepEqual(proofs.at(-2), { event: 'identity.proven', outcome: 'success', detail: 'passkey' })
  })

  it('sign in whoever has no password', async () => {
    const person = await register(server)
    const key = await givePasskey(server, person)
    await execute(url(), `update accounts set password_hash = null where email = '${person.email}'`)
    const { answer } = await signInWith(server, key)
    assert.match(answer.text, new RegExp(person.email))
  })
})

async function provenBy(server: TestServer, email: string) {
  const rows = await select(
    server.env.DATABASE_URL ?? '',
    `select event, outcome, detail from audit where event = 'identity.proven'
     and account_id = (select id from accounts where email = '${email}') order by id`,
  )
  return rows.map((row) => ({ ...row }))
}
