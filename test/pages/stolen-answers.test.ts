import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { authorizePath, redirectUri, refreshTokenOf, register } from '../dialects/pm2/door.ts'
import {
  answerChallenge,
  challengeFor,
  registerWithSecondFactor,
  wrongCode,
} from '../dialects/wolfpal/door.ts'
import { select } from '../harness/database.ts'
import { everyColumn } from '../harness/everything.ts'
import { onEveryEngine, useServer } from '../harness/harness.ts'
import { found, needlesOfToken } from '../harness/secrets.ts'
import { atHost } from '../realms/at-host.ts'
import { assertAsked, showPassword, signInWithCode, signOut } from './account/second-step.ts'
import { formsOf } from './html.ts'
import { type PlainBrowser, plainBrowser, signInAtAccount } from './jar.ts'
import {
  addPasskey,
  givePasskey,
  optionsOn,
  passkeyForm,
  passkeyOn,
  signInWith,
  softwareKey,
} from './passkeys/software-key.ts'
import { fieldsOf } from './visitor.ts'

const signedInCookie = '__Host-manydoors-session'

onEveryEngine('the code that finishes a login', (engine) => {
  const server = useServer(engine)

  it('finishes it once, however many send it at once, at no other door and in no other browser', async () => {
    const person = await register(server)
    const typed = { identifier: person.username, password: person.password }
    const browser = plainBrowser(server)
    const page = await browser.open('/ui/account')
    const [form] = formsOf(page)
    assert.ok(form)
    const proven = await browser.post(form.action, { ...form.fields, ...typed })
    const location = proven.headers.get('location') ?? ''
    assert.match(location, /^\/ui\/account\/signed-in\?code=/)
    const done = `/api/oauth/authorize/done${location.slice(location.indexOf('?'))}`
    await browser.open(authorizePath())
    assert.equal((await browser.open(done)).status, 400)
    assert.equal((await plainBrowser(server).open(location)).status, 400)
    assert.equal((await server.request('HEAD', location, { headers: cookiesOf(browser) })).status, 404)
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => server.request('GET', location, { headers: cookiesOf(browser) })),
    )
    assert.deepEqual(answers.map(({ status }) => status).sort(), [303, ...Array(9).fill(400)].sort())
    const sessions = await select(
      server.env.DATABASE_URL ?? '',
      `select id from sessions where dialect = 'account' and account_id = (select id from accounts where email = '${person.email}')`,
    )
    assert.equal(sessions.length, 1)
  })

  it('is of the login whose form was sent: an app gets nobody in whose tab was another’s', async () => {
    const person = await register(server)
    const browser = plainBrowser(server)
    const ofAccount = await browser.open('/ui/account')
    const ofApp = await browser.open(authorizePath())
    const [account, app] = [formsOf(ofAccount)[0], formsOf(ofApp)[0]]
    assert.ok(account && app)
    const typed = { identifier: person.username, password: person.password }
    const mixed = await browser.post(app.action, { ...account.fields, ...typed })
    assert.equal(mixed.status, 403)
    const id = /\/ui\/l\/([^/]+)/.exec(app.action)?.[1] ?? ''
    const other = /\/ui\/l\/([^/]+)/.exec(account.action)?.[1] ?? ''
    const secret = browser.cookies.get(`__Host-manydoors-login-${other}`) ?? ''
    const headers = { cookie: `__Host-manydoors-login-${id}=${secret}` }
    assert.equal((await server.request('GET', `/ui/l/${id}/sign-in`, { headers })).status, 400)
    refreshTokenOf(await browser.submit(ofApp, typed), redirectUri)
    assert.equal(browser.cookies.has(signedInCookie), false)
  })
})

describe('what a passkey has signed', () => {
  const server = useServer('sqlite')

  it('is good for what it was asked for alone: signing in, the second step, showing who is there', async () => {
    const person = await registerWithSecondFactor(server)
    const own = await signInWithCode(server, person)
    const { key } = await addPasskey(own, softwareKey({ isSynced: true }))
    const prove = await own.open('/ui/account/prove')
    const visitor = plainBrowser(server)
    const signIn = await visitor.open('/ui/account')
    const asked = await visitor.submit(signIn, { identifier: person.username, password: person.password })
    const making = await own.open('/ui/account/passkeys/new')
    const pages = { signIn, asked, prove }
    for (const [name, page] of Object.entries(pages)) {
      for (const other of [...Object.values(pages), making].filter((other) => other !== page)) {
        const browser = page === prove ? own : visitor
        const passkey = key.sign({ ...optionsOn(page), challenge: optionsOn(other).challenge })
        const refused = await browser.submit(page, { passkey }, passkeyForm(page))
        assert.equal(refused.status, 401, name)
      }
    }
    assert.equal(visitor.cookies.has(signedInCookie), false)
  })

  it('is no second step without the password: a challenge that nobody was given is refused', async () => {
    const person = await registerWithSecondFactor(server)
    const { key } = await addPasskey(await signInWithCode(server, person))
    const browser = plainBrowser(server)
    const page = await browser.open('/ui/account')
    const { form = '' } = fieldsOf(page)
    const challenge = 'x'.repeat(64)
    const passkey = key.sign(optionsOn(page))
    const path = passkeyForm(page).replace(/passkey$/, 'second-factor/passkey')
    const refused = await browser.post(path, { form, challenge, passkey })
    assert.equal(refused.status, 401)
    assert.equal(passkeyOn(refused)?.options.allowCredentials?.length, 0)
    for (const name of ['second-factor', 'recovery-code']) {
      const shown = await browser.post(path.replace('second-factor/passkey', name), { form, challenge })
      assert.ok(!shown.text.includes(key.id))
    }
  })

  it('is refused for a passkey that two accounts have given: it stays with the first', async () => {
    const [first, second] = [await register(server), await register(server)]
    const key = await givePasskey(server, first)
    const { answer } = await addPasskey(await signInAtAccount(server, second), key)
    assert.equal(answer.status, 400)
    // Its software says by now that it is of the other one.
    const refused = await signInWith(server, key)
    assert.equal(refused.answer.status, 401)
    assert.equal(refused.browser.cookies.has(signedInCookie), false)
  })
})

describe('guesses at the second step', () => {
  const server = useServer('sqlite')

  it('are five on all pages of a challenge together', async () => {
    const person = await registerWithSecondFactor(server)
    const browser = plainBrowser(server)
    const asked = await showPassword(browser, person)
    const { form = '', challenge = '' } = fieldsOf(asked)
    const path = formsOf(asked)[0]?.action.replace('/second-factor', '') ?? ''
    const guesses: [page: string, typed: Record<string, string>][] = [
      [`${path}/second-factor`, { code: wrongCode(server, person.secret) }],
      [`${path}/recovery-code`, { code: 'abcd-efgh-jkmn' }],
      [`${path}/second-factor/passkey`, { passkey: '{}' }],
      ['/ui/sign-in/second-factor', { code: wrongCode(server, person.secret) }],
      [`${path}/recovery-code`, { code: wrongCode(server, person.secret) }],
    ]
    for (const [page, typed] of guesses)
      assert.equal((await browser.post(page, { form, challenge, ...typed })).status, 401)
    const code = person.backupCodes[0] ?? ''
    const late = await browser.post(`${path}/recovery-code`, { form, challenge, code })
    assert.match(late.text, /too many wrong codes/)
    assert.equal((await answerChallenge(server, await challengeFor(server, person), code)).status, 200)
  })
})

describe('a browser that is trusted', () => {
  const server = useServer('sqlite')

  it('has not shown the second step, so no app is signed in to from its session without it', async () => {
    const person = await registerWithSecondFactor(server)
    const browser = await signInWithCode(server, person, { trust: 'on' })
    await signOut(browser)
    await showPassword(browser, person)
    assert.ok(browser.cookies.has(signedInCookie))
    const page = await browser.open(authorizePath())
    assert.match(page.text, /<h1>Sign in<\/h1>/)
    const path = formsOf(page)[0]?.action.replace('sign-in', 'choose-account') ?? ''
    const account = await select(
      server.env.DATABASE_URL ?? '',
      `select id from accounts where email = '${person.email}'`,
    )
    const { form = '' } = fieldsOf(page)
    const forced = await browser.post(path, { form, account: String(account[0]?.id) })
    assert.match(forced.headers.get('location') ?? '', /\/sign-in$/)
  })
})

describe('the cookies of a browser at another realm', () => {
  const server = useServer('sqlite', {
    yaml: 'realms: { main: {}, other: { hosts: [other.localhost], publicUrl: "http://other.localhost:5000" } }',
  })

  it('are of nobody there: neither session, nor login, nor trust', async () => {
    const person = await registerWithSecondFactor(server)
    const browser = await signInWithCode(server, person, { trust: 'on' })
    const login = await browser.open('/ui/account/sign-in')
    const other = atHost(server, 'other.localhost')
    const there = plainBrowser(other)
    for (const [name, value] of browser.cookies) there.cookies.set(name, value)
    assert.match((await there.open('/ui/account')).text, /<h1>Sign in<\/h1>/)
    const { action = '', fields = {} } = formsOf(login)[0] ?? {}
    assert.equal((await there.post(action, { ...fields, identifier: person.username })).status, 400)
    const twin = await registerWithSecondFactor(other)
    const visitor = plainBrowser(other)
    const trusted = '__Host-manydoors-trusted'
    visitor.cookies.set(trusted, browser.cookies.get(trusted) ?? '')
    assertAsked(await showPassword(visitor, twin))
  })
})

onEveryEngine('what a browser keeps and sends on its way in', (engine) => {
  const server = useServer(engine)

  it('is neither in the database nor in the log in a form that could be used', async () => {
    const person = await registerWithSecondFactor(server)
    const own = await signInWithCode(server, person, { trust: 'on' })
    const { key } = await addPasskey(own)
    const proving = optionsOn(await own.open('/ui/account/prove')).challenge
    const making = optionsOn(await own.open('/ui/account/passkeys/new')).challenge
    const visitor = plainBrowser(server)
    const signIn = await visitor.open(authorizePath())
    const asked = await visitor.submit(signIn, { identifier: person.username, password: person.password })
    const options = optionsOn(asked)
    const { form = '', challenge = '' } = fieldsOf(asked)
    const passkey = key.sign(options)
    const proven = await visitor.post(passkeyForm(asked), { form, challenge, passkey })
    const [, code = ''] = /\?code=(.+)$/.exec(proven.headers.get('location') ?? '') ?? []
    const secrets = [...own.cookies.values(), ...visitor.cookies.values(), proving, making, form, challenge]
    const needles = [...secrets, options.challenge, code].flatMap(needlesOfToken)
    assert.ok(needles.length > 40 && code.length === 64)
    const log = Buffer.from(JSON.stringify(server.log))
    for (const haystack of [await everyColumn(server), log]) assert.deepEqual(found(needles, haystack), [])
  })
})

function cookiesOf(browser: PlainBrowser): Record<string, string> {
  return { cookie: [...browser.cookies].map((pair) => pair.join('=')).join('; ') }
}
