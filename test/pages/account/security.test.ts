import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { register } from '../../dialects/pm2/door.ts'
import { registerWithSecondFactor } from '../../dialects/wolfpal/door.ts'
import { execute } from '../../harness/database.ts'
import { startTestServer, type TestServer, useServer } from '../../harness/harness.ts'
import { signInAtAccount } from '../jar.ts'
import { addPasskey, givePasskey, renameForm, signInWith } from '../passkeys/software-key.ts'
import { signInWithCode } from './second-step.ts'

const path = '/ui/account/security'

/** What the page says on top. */
const weaknessOf = ({ text }: { text: string }) => /<p class="warning">([^<]*)<\/p>/.exec(text)?.[1]

const set = (server: TestServer, email: string, change: string) =>
  execute(server.env.DATABASE_URL ?? '', `update accounts set ${change} where email = '${email}'`)

describe('the page of what lets somebody in', () => {
  const server = useServer('sqlite')

  it('says what is weakest: with a passkey it is the password, and without a password nothing', async () => {
    const person = await register(server)
    const browser = await signInAtAccount(server, person)
    assert.match(
      weaknessOf(await browser.open(path)) ?? '',
      /no second step: anyone who learns your password/,
    )
    await givePasskey(server, person)
    assert.match(weaknessOf(await browser.open(path)) ?? '', /gets in without your passkey\./)
    await set(server, person.email, 'password_hash = null')
    assert.equal(weaknessOf(await browser.open(path)), undefined)
  })

  it('says first of all that a passkey may have been copied', async () => {
    const person = await register(server)
    const key = await givePasskey(server, person)
    await signInWith(server, key)
    assert.equal((await signInWith(server, key, { counter: 1 })).answer.status, 401)
    const browser = await signInAtAccount(server, person)
    assert.match(weaknessOf(await browser.open(path)) ?? '', /passkeys may have been copied/)
  })

  it('shows the passkeys, and what is wrong with a new name beside it', async () => {
    const person = await register(server)
    await givePasskey(server, person, 'Old phone')
    const browser = await signInAtAccount(server, person)
    const page = await browser.open('/ui/account/passkeys')
    assert.match(page.text, /<h1>Security<\/h1>/)
    const refused = await browser.submit(page, { name: 'x'.repeat(61) }, renameForm(page))
    assert.equal(refused.status, 400)
    assert.match(refused.text, /<title>Problem: Security/)
    assert.match(refused.text, /<details open>/)
    assert.match(
      refused.text,
      new RegExp(`value="${'x'.repeat(61)}"[^>]* aria-describedby="problem" aria-invalid="true"`),
    )
    const other = renameForm(page).replace(/[^/]+\/name$/, 'none/name')
    const [, form = ''] = /name="form" value="([^"]+)"/.exec(page.text) ?? []
    assert.match((await browser.post(other, { form, name: 'x' })).text, /This passkey no longer exists/)
  })

  it('shows no card of passkeys where there can be none: browsers make none for an address in numbers', async () => {
    const numbered = await startTestServer('sqlite', {
      env: { MANYDOORS_PUBLIC_URL: 'https://127.0.0.1:5000' },
    })
    try {
      const browser = await signInAtAccount(numbered, await register(numbered))
      assert.doesNotMatch((await browser.open(path)).text, /passkey/i)
    } finally {
      await numbered.close()
    }
  })

  it('tells days as they are where the person is', async () => {
    const person = await registerWithSecondFactor(server)
    const browser = await signInWithCode(server, person, { trust: 'on' })
    const { answer } = await addPasskey(browser)
    await browser.submit(answer, { name: 'My key' }, renameForm(answer))
    const days = new Map<string, string[]>()
    for (const timeZone of ['Pacific/Kiritimati', 'Pacific/Pago_Pago', 'Nowhere/At_All']) {
      await set(server, person.email, `time_zone = '${timeZone}'`)
      for (const page of [
        path,
        '/ui/account/activity',
        '/ui/account/devices',
        '/ui/account/recovery-codes',
      ]) {
        const { status, text } = await browser.open(page)
        assert.equal(status, 200, text)
        if (page === path) days.set(timeZone, text.match(/\d{1,2} [A-Z][a-z]+ \d{4}/g) ?? [])
      }
    }
    const [east = [], west = []] = [...days.values()]
    // There are 25 hours between both: no day is the same.
    assert.ok(east.length >= 5, String(east))
    for (const [index, day] of east.entries()) assert.notEqual(day, west[index])
  })
})
