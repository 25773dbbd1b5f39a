import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { register } from '../../dialects/pm2/door.ts'
import * as vastly from '../../dialects/vastly/door.ts'
import { freshPhone, messagesTo } from '../../dialects/vastly/door.ts'
import { eventually } from '../../harness/events.ts'
import { coresForCrowds, freshEmail, mailCausedBy, onEveryEngine, useServer } from '../../harness/harness.ts'
import { type PlainBrowser, plainBrowser, signInAtAccount } from '../jar.ts'
import { askForPhone, codeCausedBy, givePhone, pathOf, provenPerson } from './names.ts'

const changed = /Your phone number was changed\./
const confirmPath = '/ui/account/phone/confirm'

async function typeCode(browser: PlainBrowser, code: string) {
  return browser.submit(await browser.open('/ui/account/phone'), { code }, confirmPath)
}

function otherThan(code: string): string {
  return code === '000000' ? '111111' : '000000'
}

describe('a phone number that its owner changes', () => {
  const server = useServer('sqlite', { env: { SMS_ALLOWED_PREFIXES: '+47' } })

  it('is proven by a code that is sent to it, and stays until then', async () => {
    const { browser } = await provenPerson(server)
    const phone = freshPhone()
    const code = await codeCausedBy(server, phone, () => askForPhone(browser, phone))
    const pending = await browser.open('/ui/account/phone')
    assert.match(pending.text, /We sent a code to/)
    assert.match(pending.text, /You have no phone number/)
    assert.match(pending.text, /autocomplete="one-time-code"/)
    assert.match((await typeCode(browser, `${code.slice(0, 3)} ${code.slice(3)}`)).text, changed)
    const page = await browser.open('/ui/account/phone')
    assert.match(page.text, new RegExp(`is \\${phone}`))
    assert.ok(!page.text.includes('id="pending"'))
    await vastly.sentCode(server, phone)
  })

  it('is asked for with its country, and refused before anything is sent to one that is not allowed', async () => {
    const { browser } = await provenPerson(server)
    for (const [typed, text] of [
      ['91234567', /Enter the number with its country code, such as \+47/],
      ['+46701234567', /We cannot send text messages to this country/],
    ] as const) {
      const answer = await askForPhone(browser, typed)
      assert.equal(answer.status, 400)
      assert.match(answer.text, text)
      assert.ok(answer.text.includes(`value="${typed}"`))
      assert.ok(!answer.text.includes('id="pending"'))
    }
    assert.deepEqual(await messagesTo(server, '+46701234567'), [])
  })

  it('asks for a proof that is younger than ten minutes', async () => {
    const { browser } = await provenPerson(server)
    const page = await browser.open('/ui/account/phone')
    server.clock.advance(11 * 60_000)
    const phone = freshPhone()
    assert.match((await browser.submit(page, { phone }, '/ui/account/phone')).text, /Show that it is you/)
    assert.deepEqual(await messagesTo(server, phone), [])
  })

  it('takes five guesses at a code, and a right one for five minutes, once', async () => {
    const { browser } = await provenPerson(server)
    const phone = freshPhone()
    const code = await codeCausedBy(server, phone, () => askForPhone(browser, phone))
    for (let guess = 0; guess < 5; guess++) {
      const answer = await typeCode(browser, otherThan(code))
      assert.equal(answer.status, 400)
      assert.match(answer.text, /The code is not right/)
    }
    assert.equal((await typeCode(browser, code)).status, 400)

    const late = await codeCausedBy(server, phone, () => askForPhone(browser, phone))
    const page = await browser.open('/ui/account/phone')
    server.clock.advance(5 * 60_000 + 1000)
    assert.equal((await browser.submit(page, { code: late }, confirmPath)).status, 400)

    const good = await codeCausedBy(server, phone, () => askForPhone(browser, phone))
    const again = await browser.open('/ui/account/phone')
    assert.match((await browser.submit(again, { code: good }, confirmPath)).text, changed)
    assert.equal((await browser.submit(again, { code: good }, confirmPath)).status, 400)
  })

  it('takes the code of no other account', async () => {
    const one = await provenPerson(server)
    const two = await provenPerson(server)
    const [first, second] = [freshPhone(), freshPhone()]
    const code = await codeCausedBy(server, first, () => askForPhone(one.browser, first))
    const other = await codeCausedBy(server, second, () => askForPhone(two.browser, second))
    if (code !== other) assert.equal((await typeCode(two.browser, code)).status, 400)
    assert.match((await typeCode(one.browser, code)).text, changed)
  })

  it('gets the same answer where another account has it, to which nothing is sent', async () => {
    const { browser } = await provenPerson(server)
    const owner = await provenPerson(server)
    const [theirs, unproven, free] = [freshPhone(), freshPhone(), freshPhone()]
    await givePhone(server, owner.browser, theirs)
    await vastly.register(server, { mobile: unproven })
    const earlier = (await messagesTo(server, theirs)).length
    const plain = (text: string, phone: string) =>
      text.replaceAll(/name="form" value="[^"]*"/g, '').replaceAll(phone, '')
    const freeText = plain((await askForPhone(browser, free)).text, free)
    for (const phone of [theirs, unproven])
      assert.equal(plain((await askForPhone(browser, phone)).text, phone), freeText)
    // The last job of the three has been done by then.
    await codeCausedBy(server, free, () => askForPhone(browser, free))
    assert.equal((await messagesTo(server, theirs)).length, earlier)
    assert.deepEqual(await messagesTo(server, unproven), [])
  })

  it('is taken off an account that has not proven it and has another name', async () => {
    const { browser } = await provenPerson(server)
    const holder = { mobile: freshPhone(), email: freshEmail() }
    await vastly.register(server, holder)
    assert.match((await givePhone(server, browser, holder.mobile)).text, changed)
    await vastly.logIn(server, { email: holder.email })
    const answer = await vastly.post(server, '/login', {
      json: { mobile: holder.mobile, password: vastly.password },
    })
    assert.ok(answer.status >= 400)
  })

  it('is told by mail and at the old number, and is undone by the link of the mail', async () => {
    const { person, browser } = await provenPerson(server)
    const [own, theirs] = [freshPhone(), freshPhone()]
    await givePhone(server, browser, own)
    // It would else come in between.
    await server.mail(person.email, /phone number at .* was changed/)
    const earlier = (await messagesTo(server, own)).length
    const notice = await mailCausedBy(
      server,
      { to: person.email, subject: /phone number at .* was changed/ },
      () => givePhone(server, browser, theirs),
    )
    const message = await eventually('a message to the old number', async () => {
      const messages = await messagesTo(server, own)
      return messages.length > earlier ? messages[0] : undefined
    })
    assert.match(message.text, /no longer the number of your account/)
    assert.doesNotMatch(message.text, /https?:|\d{4}/)

    const owner = plainBrowser(server)
    const page = await owner.submit(await owner.open(pathOf(notice)), {}, '/ui/undo-change')
    await owner.submit(page, { password: 'a password of the owner alone' })
    const back = await signInAtAccount(server, { ...person, password: 'a password of the owner alone' })
    // The change before that was told to the same mailbox, so that is undone, too.
    assert.match((await back.open('/ui/account/phone')).text, /You have no phone number/)
    assert.match((await browser.open('/ui/account')).text, /<h1>Sign in<\/h1>/)
  })

  it('takes no code for a new password any more that was sent to the old one', async () => {
    const { browser } = await provenPerson(server)
    const own = freshPhone()
    await givePhone(server, browser, own)
    const token = await vastly.sentCode(server, own)
    await givePhone(server, browser, freshPhone())
    vastly.assertFail(await vastly.resetBySms(server, { token }), 400, vastly.texts.invalidToken)
  })

  it('can be removed, unless it is the only proof of whose the account is', async () => {
    const unproven = await signInAtAccount(server, await register(server))
    await givePhone(server, unproven, freshPhone())
    const refused = await unproven.submit(
      await unproven.open('/ui/account/phone'),
      {},
      '/ui/account/phone/remove',
    )
    assert.equal(refused.status, 409)
    assert.match(refused.text, /Confirm an e-mail address first/)

    const { person, browser } = await provenPerson(server)
    await givePhone(server, browser, freshPhone())
    // It would else come in between.
    await server.mail(person.email, /phone number at .* was changed/)
    const { text } = await mailCausedBy(
      server,
      { to: person.email, subject: /phone number at .* was changed/ },
      async () => {
        const page = await browser.open('/ui/account/phone')
        assert.match((await browser.submit(page, {}, '/ui/account/phone/remove')).text, /was removed/)
      },
    )
    assert.match(text, /was removed\./)
    assert.match((await browser.open('/ui/account/phone')).text, /You have no phone number/)
  })
})

onEveryEngine('a phone number that two accounts want', (engine) => {
  const server = useServer(engine, { cores: coresForCrowds })

  it('goes to one of them, and the other keeps its own', async () => {
    const people = [await provenPerson(server), await provenPerson(server)]
    for (let round = 0; round < 50; round++) {
      const phone = freshPhone()
      const typed: { browser: PlainBrowser; code: string }[] = []
      for (const { browser } of people)
        typed.push({ browser, code: await codeCausedBy(server, phone, () => askForPhone(browser, phone)) })
      const answers = await Promise.all(typed.map(({ browser, code }) => typeCode(browser, code)))
      assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 409], `round ${round}`)
    }
  })
})

describe('wrong codes of a phone number', () => {
  const server = useServer('sqlite', {
    limits: { 'code-account': 7, 'code-address': Number.POSITIVE_INFINITY },
  })

  it('are counted over all codes, and do not use up what its owner has for a new password', async () => {
    const { browser } = await provenPerson(server)
    const phone = freshPhone()
    let last = 0
    for (const guesses of [5, 3]) {
      const code = await codeCausedBy(server, phone, () => askForPhone(browser, phone))
      for (let guess = 0; guess < guesses; guess++) last = (await typeCode(browser, otherThan(code))).status
    }
    assert.equal(last, 429)
    // Whose the number is sets a new password by it as ever.
    const owner = { mobile: phone, email: freshEmail() }
    await vastly.register(server, owner)
    const token = await vastly.sentCode(server, phone)
    vastly.tokenOf(await vastly.resetBySms(server, { token, mobile: phone }))
  })
})
