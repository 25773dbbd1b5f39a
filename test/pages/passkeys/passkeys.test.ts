import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { authorizePath, register, webClient } from '../../dialects/pm2/door.ts'
import { nextCode, registerWithSecondFactor } from '../../dialects/wolfpal/door.ts'
import { runCommand } from '../../harness/command.ts'
import { execute, select } from '../../harness/database.ts'
import { type Answer, mailCausedBy, type TestServer, useServer } from '../../harness/harness.ts'
import { plainBrowser, signInAtAccount } from '../jar.ts'
import {
  addPasskey,
  givePasskey,
  optionsOn,
  passkeyForm,
  passkeyOn,
  signInWith,
  softwareKey,
} from './software-key.ts'

/** That nobody is in, and nothing is said but that this passkey is no good here. */
function assertRefused(answer: Answer, cookies: Map<string, string>): void {
  assert.equal(answer.status, 401, answer.text)
  assert.match(answer.text, /<p class="problem" role="alert" id="problem">This passkey cannot be used here\./)
  assert.equal(cookies.has('__Host-manydoors-session'), false)
}

/** What the audit trail tells of an account of that e-mail address, oldest first. */
async function eventsOf(server: TestServer, email: string) {
  return select(
    server.env.DATABASE_URL ?? '',
    `select event, outcome, detail from audit where account_id = (select id from accounts where email = '${email}') order by id`,
  )
}

describe('a passkey', () => {
  const server = useServer('sqlite')

  it('signs its owner in without a name and a password', async () => {
    const person = await register(server)
    const key = await givePasskey(server, person)
    const { browser, answer } = await signInWith(server, key)
    assert.match(answer.text, new RegExp(person.email))
    assert.ok(browser.cookies.has('__Host-manydoors-session'))
    const [last] = (await eventsOf(server, person.email)).reverse()
    assert.deepEqual({ ...last }, { event: 'sign_in', outcome: 'success', detail: 'passkey+passkey' })
  })

  it('brings its owner back to the app that has sent them here', async () => {
    const person = await register(server)
    const key = await givePasskey(server, person)
    await execute(
      server.env.DATABASE_URL ?? '',
      `update accounts set password_hash = null where email = '${person.email}'`,
    )
    const browser = plainBrowser(server)
    const page = await browser.open(authorizePath(webClient))
    const answer = await browser.submit(page, { passkey: key.sign(optionsOn(page)) }, passkeyForm(page))
    assert.match(answer.headers.get('location') ?? '', /access_token=/)
  })

  it('is both factors: no code is asked for after it, and it opens what needs a recent proof', async () => {
    const person = await registerWithSecondFactor(server)
    const browser = await signInThroughCode(server, person)
    const { key } = await addPasskey(browser)
    const signedIn = await signInWith(server, key)
    assert.match(signedIn.answer.text, new RegExp(person.email))
    assert.match((await signedIn.browser.open('/ui/account/passkeys/new')).text, /data-passkey=/)
  })

  it('is refused in one way, whatever is wrong with what was signed', async () => {
    const key = await givePasskey(server, await register(server))
    const other = await givePasskey(server, await register(server))
    const uses = {
      'another origin': { origin: 'https://evil.example' },
      'another domain': { rpId: 'evil.example' },
      'a challenge of nobody': { challenge: 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA' },
      'an owner who was not seen': { isVerified: false },
      'the handle of nobody': { userHandle: 'AAAAAAAAAAAAAAAAAAAAAA' },
    }
    for (const use of Object.values(uses)) {
      const { browser, answer } = await signInWith(server, key, use)
      assertRefused(answer, browser.cookies)
    }
    const browser = plainBrowser(server)
    const page = await browser.open('/ui/account')
    const right = JSON.parse(key.sign(optionsOn(page)))
    const foreign = JSON.parse(other.sign(optionsOn(page)))
    const strange = [
      '',
      '{',
      'null',
      '{"id":1}',
      '{"id":"AAAA","response":null}',
      JSON.stringify({ ...right, response: {} }),
      JSON.stringify({ ...right, response: { ...right.response, clientDataJSON: 'bm8' } }),
      JSON.stringify({ ...right, response: { ...right.response, signature: foreign.response.signature } }),
      JSON.stringify({ ...right, type: 'password' }),
      JSON.stringify({ ...right, id: foreign.id, rawId: foreign.id }),
      'x'.repeat(20_000),
    ]
    for (const passkey of strange)
      assertRefused(await browser.submit(page, { passkey }, passkeyForm(page)), browser.cookies)
  })

  it('is told to the browser to forget where nobody has it, and only then', async () => {
    const key = softwareKey()
    const { browser, answer } = await signInWith(server, key)
    assertRefused(answer, browser.cookies)
    assert.equal(passkeyOn(answer)?.unknown, key.id)
    const known = await givePasskey(server, await register(server))
    const refused = await signInWith(server, known, { isVerified: false })
    assert.equal(passkeyOn(refused.answer)?.unknown, undefined)
  })

  it('of a disabled account is refused as one that nobody has', async () => {
    const person = await register(server)
    const key = await givePasskey(server, person)
    assert.equal((await runCommand(server, ['account', 'disable', person.email])).code, 0)
    const { browser, answer } = await signInWith(server, key)
    assertRefused(answer, browser.cookies)
  })

  it('is made for one login: the same answer opens one session, and none at another login', async () => {
    const person = await register(server)
    const { key } = await addPasskey(await signInAtAccount(server, person), softwareKey({ isSynced: true }))
    const browser = plainBrowser(server)
    const page = await browser.open('/ui/account')
    const passkey = key.sign(optionsOn(page))
    const [form] = [page.text.match(/name="form" value="([^"]+)"/)?.[1] ?? '']
    const proofs = [
      await browser.post(passkeyForm(page), { form, passkey }),
      await browser.post(passkeyForm(page), { form, passkey }),
    ]
    const statuses: number[] = []
    for (const { headers } of proofs) {
      const jar = plainBrowser(server)
      for (const [name, value] of browser.cookies) jar.cookies.set(name, value)
      statuses.push((await jar.open(headers.get('location') ?? '')).status)
    }
    assert.deepEqual(statuses, [400, 200])
    const elsewhere = plainBrowser(server)
    const other = await elsewhere.open('/ui/account')
    assertRefused(await elsewhere.submit(other, { passkey }, passkeyForm(other)), elsewhere.cookies)
  })

  it('that was used with an older counter is refused, and its owner is told once', async () => {
    const person = await register(server)
    const key = await givePasskey(server, person)
    await signInWith(server, key, { counter: 40 })
    const mail = await mailCausedBy(server, { to: person.email, subject: /passkey/i }, async () => {
      for (const counter of [39, 40, 1, 0]) {
        const { browser, answer } = await signInWith(server, key, { counter })
        assertRefused(answer, browser.cookies)
      }
    })
    assert.match(mail.text, /cop(y|ied)/)
    const suspected = (await eventsOf(server, person.email)).filter(
      ({ event }) => event === 'passkey.clone_suspected',
    )
    assert.equal(suspected.length, 1)
    const { browser } = await signInWith(server, key, { counter: 41 })
    assert.match((await browser.open('/ui/account/passkeys')).text, /May have been copied/)
  })

  it('raises no alarm by a counter that nobody has signed', async () => {
    const person = await register(server)
    const key = await givePasskey(server, person)
    await signInWith(server, key, { counter: 40 })
    const browser = plainBrowser(server)
    const page = await browser.open('/ui/account')
    const forged = JSON.parse(key.sign(optionsOn(page), { counter: 1 }))
    forged.response.signature = JSON.parse(softwareKey().sign(optionsOn(page))).response.signature
    const answer = await browser.submit(page, { passkey: JSON.stringify(forged) }, passkeyForm(page))
    assertRefused(answer, browser.cookies)
    const events = await eventsOf(server, person.email)
    assert.ok(!events.some(({ event }) => event === 'passkey.clone_suspected'))
  })
})

describe('a passkey as the second factor', () => {
  const server = useServer('sqlite')

  it('is offered after the right password, to whoever has a second step and a passkey', async () => {
    const person = await registerWithSecondFactor(server)
    const { key } = await addPasskey(await signInThroughCode(server, person))
    const browser = plainBrowser(server)
    const page = await browser.open('/ui/account')
    const wrong = await browser.submit(page, { identifier: person.username, password: 'wrong-password' })
    assert.ok(!wrong.text.includes(key.id))
    const asked = await browser.submit(page, { identifier: person.username, password: person.password })
    assert.deepEqual(
      optionsOn(asked).allowCredentials?.map(({ id }) => id),
      [key.id],
    )
    const done = await browser.submit(
      asked,
      { passkey: key.sign(optionsOn(asked), { isVerified: false }) },
      passkeyForm(asked),
    )
    assert.match(done.text, new RegExp(person.email))
    const [last] = (await eventsOf(server, person.email)).reverse()
    assert.equal(last?.detail, 'password+passkey')
  })

  it('must be one of the account, and five wrong ones end the challenge', async () => {
    const person = await registerWithSecondFactor(server)
    const { key } = await addPasskey(await signInThroughCode(server, person))
    const other = await givePasskey(server, await register(server))
    const browser = plainBrowser(server)
    const page = await browser.open('/ui/account')
    const asked = await browser.submit(page, { identifier: person.username, password: person.password })
    const options = optionsOn(asked)
    for (let attempt = 0; attempt < 5; attempt++)
      assertRefused(
        await browser.submit(asked, { passkey: other.sign(options) }, passkeyForm(asked)),
        browser.cookies,
      )
    const late = await browser.submit(asked, { passkey: key.sign(options) }, passkeyForm(asked))
    assert.match(late.text, /too many wrong codes/)
    assert.equal(browser.cookies.has('__Host-manydoors-session'), false)
  })

  it('is not asked for where the account has none', async () => {
    const person = await registerWithSecondFactor(server)
    const browser = plainBrowser(server)
    const page = await browser.open('/ui/account')
    const asked = await browser.submit(page, { identifier: person.username, password: person.password })
    assert.equal(passkeyOn(asked), undefined)
  })
})

describe('passkeys and limits', () => {
  const server = useServer('sqlite', { limits: 'real' })

  it('are refused after 60 wrong ones at an address, right ones too', async () => {
    const key = await givePasskey(server, await register(server))
    const browser = plainBrowser(server)
    const page = await browser.open('/ui/account')
    const passkey = key.sign(optionsOn(page), { isVerified: false })
    for (let count = 0; count < 60; count++)
      assertRefused(await browser.submit(page, { passkey }, passkeyForm(page)), browser.cookies)
    const refused = await browser.submit(page, { passkey: key.sign(optionsOn(page)) }, passkeyForm(page))
    assert.equal(refused.status, 429)
    assert.ok(Number(refused.headers.get('retry-after')) > 0)
  })
})

/** Signs somebody with a second factor in to the account page. */
async function signInThroughCode(
  server: TestServer,
  person: { username: string; password: string; secret: string },
) {
  const browser = plainBrowser(server)
  const { username: identifier, password } = person
  const asked = await browser.submit(await browser.open('/ui/account'), { identifier, password })

  const page = await browser.submit(asked, { code: nextCode(server, person.secret) })
  assert.equal(page.status, 200, page.text)
  return browser
}
