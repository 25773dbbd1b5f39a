import assert from 'node:assert/strict'
import { it } from 'node:test'
import { register } from '../dialects/pm2/door.ts'
import { codeAt, nextCode, registerWithSecondFactor } from '../dialects/wolfpal/door.ts'
import { execute, select } from '../harness/database.ts'
import { everyColumn } from '../harness/everything.ts'
import { freshEmail, mailCausedBy, onEveryEngine, type TestServer } from '../harness/harness.ts'
import { changeMail, confirm, pathOf, provenPerson } from '../pages/account/names.ts'
import { type PlainBrowser, plainBrowser, signInAtAccount } from '../pages/jar.ts'
import { freshStranger } from './told-provider.ts'
import { assertAtAccount, goToProvider, signInWithProvider, useProvider } from './with-provider.ts'

/** Connects somebody's account at the provider to the account that a browser is signed in to. */
async function connect(
  { server, provider }: ReturnType<typeof useProvider>,
  browser: PlainBrowser,
  stranger = freshStranger(freshEmail()),
) {
  const page = await browser.open('/ui/account/security')
  const address = await goToProvider(browser, page, '/identities/other/connect')
  return { stranger, page: await browser.open(provider.signIn(address, stranger)), server }
}

const rowsOf = (server: TestServer, statement: string) => select(server.env.DATABASE_URL ?? '', statement)

onEveryEngine('a sign-in with another provider', (engine) => {
  const both = useProvider(engine)
  const { server, provider } = both

  it('opens an account for a newcomer, who sees what it is made of, and signs in to it from then on', async () => {
    const stranger = freshStranger(freshEmail())
    const { browser, page } = await signInWithProvider(both, stranger)
    assert.match(page.text, /<h1>Create an account<\/h1>/)
    assert.ok(page.text.includes(stranger.email ?? ''))
    assert.match(page.text, /Ada Example/)
    assert.match((await plainBrowser(server).open('/ui/account')).text, /Continue with Other/)

    const entered = await browser.submit(page, {}, undefined)
    assertAtAccount(entered)
    const [account] = await rowsOf(server, `select * from accounts where email = '${stranger.email}'`)
    assert.equal(account?.password_hash, null)
    assert.ok(account?.email_verified_at)
    assert.match(String(account?.profile), /Ada Example/)

    const again = await signInWithProvider(both, stranger)
    assertAtAccount(again.page)
    const [{ count = 0 } = {}] = await rowsOf(
      server,
      `select count(*) as count from accounts where email = '${stranger.email}'`,
    )
    assert.equal(Number(count), 1)
  })

  it('is one by the methods `fed`, and is said so in the trail', async () => {
    const stranger = freshStranger(freshEmail())
    const { browser, page } = await signInWithProvider(both, stranger)
    await browser.submit(page, {})
    const sessions = await rowsOf(
      server,
      `select methods from sessions s join accounts a on a.id = s.account_id where a.email = '${stranger.email}'`,
    )
    assert.deepEqual(
      sessions.map(({ methods }) => JSON.parse(String(methods))),
      [['fed']],
    )
    assert.match((await browser.open('/ui/account/activity')).text, /Signed in with an account elsewhere/)
  })

  it('asks for the second factor of an account that has one', async () => {
    const person = await registerWithSecondFactor(server)
    const browser = plainBrowser(server)
    const asked = await browser.submit(await browser.open('/ui/account'), {
      identifier: person.username,
      password: person.password,
    })
    assertAtAccount(await browser.submit(asked, { code: nextCode(server, person.secret) }))
    const { stranger, page } = await connect(both, browser)
    assert.match(page.text, /Other signs you in from now on/)

    const fresh = await signInWithProvider(both, stranger)
    assert.match(fresh.page.text, /<h1>Enter your code<\/h1>/)
    assert.equal((await fresh.browser.open('/ui/account')).text.includes('/ui/account/sign-out'), false)
    server.clock.advance(60_000)
    const wrong = await fresh.browser.submit(fresh.page, { code: '000000' })
    assert.match(wrong.text, /The code is not right/)
    assertAtAccount(await fresh.browser.submit(wrong, { code: codeAt(server, person.secret) }))
  })

  it('takes the word of the provider for an address, and asks for the account too where that has proven it', async () => {
    const { person } = await provenPerson(server)
    const stranger = freshStranger(person.email)
    const { browser, page } = await signInWithProvider(both, stranger)
    assert.match(page.text, /There is an account here with the e-mail address that you have at Other/)
    assert.ok(page.text.includes(`value="${person.email}"`))
    assert.match((await browser.open('/ui/account')).text, /<h1>Sign in<\/h1>/)

    const mail = await mailCausedBy(server, { to: person.email, subject: /Other signs you in/ }, async () => {
      const wrong = await browser.submit(page, { password: 'not the right one' })
      assert.match(wrong.text, /is not right/)
      assertAtAccount(await browser.submit(wrong, { password: person.password }))
    })
    assert.match(mail.text, /Whoever has it can sign in/)
    assertAtAccount((await signInWithProvider(both, stranger)).page)
  })

  it('connects nothing when somebody else signs in after it', async () => {
    const { person } = await provenPerson(server)
    const { person: other } = await provenPerson(server)
    const stranger = freshStranger(person.email)
    const { browser, page } = await signInWithProvider(both, stranger)
    assertAtAccount(await browser.submit(page, { identifier: other.email, password: other.password }))
    const links = await rowsOf(server, `select * from legacy_links where source_id = '${stranger.sub}'`)
    assert.deepEqual(links, [])
    const again = await signInWithProvider(both, stranger)
    assert.match(again.page.text, /There is an account here/)
  })

  it('connects nothing by a browser that is signed in, which is no proof of the person', async () => {
    const { person, browser } = await provenPerson(server)
    const stranger = freshStranger(person.email)
    const page = await browser.open(
      '/api/oauth/authorize?client_id=138558311&response_mode=query&response_type=token&scope=all',
    )
    assert.match(page.text, /Continue as/)
    const signIn = await browser.open((/href="([^"]+sign-in\?another)"/.exec(page.text) ?? [])[1] ?? '')
    const address = await goToProvider(browser, signIn)
    const asked = await browser.open(provider.signIn(address, stranger))
    const choose = await browser.open(
      `${(/action="([^"]+)\/sign-in"/.exec(asked.text) ?? [])[1]}/choose-account`,
    )
    await browser.submit(choose, {})
    assert.deepEqual(
      await rowsOf(server, `select * from legacy_links where source_id = '${stranger.sub}'`),
      [],
    )
  })

  it('lets imported people in at once, by the name that the provider has for them', async () => {
    const person = await register(server)
    const stranger = freshStranger(freshEmail())
    const [account] = await rowsOf(server, `select id from accounts where email = '${person.email}'`)
    await execute(
      server.env.DATABASE_URL ?? '',
      `insert into legacy_links (realm, source, source_id, account_id, created_account, linked_at)
        values ('main', 'identity:other', '${stranger.sub}', '${account?.id}', 0, 0)`,
    )
    const { browser, page } = await signInWithProvider(both, stranger)
    assertAtAccount(page)
    assert.ok((await browser.open('/ui/account')).text.includes(person.email))
  })

  it('ends at the app that has begun it', async () => {
    const stranger = freshStranger(freshEmail())
    const browser = plainBrowser(server)
    const page = await browser.open(
      '/api/oauth/authorize?client_id=138558311&response_mode=query&response_type=token&scope=all',
    )
    const address = await goToProvider(browser, page)
    const signUp = await browser.open(provider.signIn(address, stranger))
    const answer = await browser.submit(signUp, {})
    assert.equal(answer.status, 302, answer.text)
    assert.match(answer.headers.get('location') ?? '', /access_token=/)
  })

  it('keeps nothing that could be used: neither `state`, `nonce` and verifier, nor the tokens of the provider', async () => {
    const stranger = freshStranger(freshEmail())
    const browser = plainBrowser(server)
    const address = await goToProvider(browser, await browser.open('/ui/account'))
    const { searchParams } = new URL(address)
    const back = provider.signIn(address, stranger)
    await browser.submit(await browser.open(back), {})
    const kept = (await everyColumn(server)).toString()
    for (const name of ['state', 'nonce', 'code_challenge'])
      assert.ok(!kept.includes(searchParams.get(name) ?? assert.fail(name)), name)
    assert.ok(!kept.includes(`token-of-${stranger.sub}`))
    assert.ok(!kept.includes(new URL(back, 'http://x').searchParams.get('code') ?? assert.fail('code')))
  })
})

onEveryEngine('accounts elsewhere on the account page', (engine) => {
  const both = useProvider(engine)
  const { server } = both

  it('are connected and disconnected by whoever has shown that it is them, and the owner is mailed', async () => {
    const { person, browser } = await provenPerson(server)
    const connected = await mailCausedBy(server, { to: person.email, subject: /Other signs you in/ }, () =>
      connect(both, browser),
    )
    assert.match(connected.html, /Other/)
    const page = await browser.open('/ui/account/security')
    assert.match(page.text, /Connected since/)
    const mail = await mailCausedBy(
      server,
      { to: person.email, subject: /no longer signs you in/ },
      async () => {
        const done = await browser.submit(page, {}, '/ui/account/identities/other/disconnect')
        assert.match(done.text, /Other no longer signs you in/)
      },
    )
    assert.match(mail.text, /no longer signs anybody in/)
    assert.match((await browser.open('/ui/account/activity')).text, /no longer signs you in/)
  })

  it('need a proof of who is there', async () => {
    const { browser } = await provenPerson(server)
    server.clock.advance(11 * 60_000)
    const page = await browser.open('/ui/account/security')
    const asked = await browser.submit(page, {}, '/ui/account/identities/other/connect')
    assert.match(asked.text, /<h1>Show that it is you<\/h1>/)
  })

  it('belong to one account, and an account has one of each provider', async () => {
    const { browser } = await provenPerson(server)
    const { stranger } = await connect(both, browser)
    const { browser: second } = await provenPerson(server)
    const { page } = await connect(both, second, stranger)
    assert.match(page.text, /belongs to another account here/)
    assert.match(page.text, /Not connected/)
  })

  it('are not disconnected where nothing else lets the person in, and are once there is a password', async () => {
    const stranger = freshStranger(freshEmail())
    const { browser, page } = await signInWithProvider(both, stranger)
    await browser.submit(page, {})
    const refused = await browser.submit(
      await browser.open('/ui/account/security'),
      {},
      '/ui/account/identities/other/disconnect',
    )
    assert.equal(refused.status, 409)
    assert.match(refused.text, /this is your only way to sign in/)
    assertAtAccount((await signInWithProvider(both, stranger)).page)

    const choose = await browser.open('/ui/account/password')
    const password = 'quite some words together'
    const set = await browser.submit(choose, { password }, '/ui/account/password')
    assert.match(set.text, /Your password is changed/)
    const done = await browser.submit(
      await browser.open('/ui/account/security'),
      {},
      '/ui/account/identities/other/disconnect',
    )
    assert.match(done.text, /Other no longer signs you in/)
    const unknown = await signInWithProvider(both, stranger)
    assert.match(unknown.page.text, /There is an account here/)
  })

  it('prove who is there where the person has nothing else, and not where they have a password', async () => {
    const stranger = freshStranger(freshEmail())
    const { browser, page } = await signInWithProvider(both, stranger)
    await browser.submit(page, {})
    server.clock.advance(11 * 60_000)
    const asked = await browser.open('/ui/account/password')
    assert.match(asked.text, /Sign in again to show that it is you/)
    const again = await browser.open('/ui/account/sign-in?next=%2Fui%2Faccount%2Fpassword')
    const opened = await browser.open(both.provider.signIn(await goToProvider(browser, again), stranger))
    assert.match(opened.text, /<h1>Choose a password<\/h1>/)

    const { person, browser: other } = await provenPerson(server)
    const { stranger: known } = await connect(both, other)
    const silent = await signInWithProvider(both, known)
    assert.match((await silent.browser.open('/ui/account/password')).text, /<h1>Show that it is you<\/h1>/)
    const recent = { ...known, auth_time: Math.floor(server.clock.now() / 1000) - 5 }
    const fresh = await signInWithProvider(both, recent)
    assert.match((await fresh.browser.open('/ui/account/password')).text, /<h1>Change your password<\/h1>/)
    assert.ok(person.password)
  })

  it('are handed out with what is held of a person, and erased with the account', async () => {
    const { person, browser } = await provenPerson(server)
    const { stranger } = await connect(both, browser)
    const page = await browser.open('/ui/account/data')
    const { text } = await browser.submit(page, {}, '/ui/account/data/export')
    const { identities } = JSON.parse(text)
    assert.deepEqual(
      identities.map(({ provider, subject }: Record<string, string>) => ({ provider, subject })),
      [{ provider: 'other', subject: stranger.sub }],
    )
    await execute(server.env.DATABASE_URL ?? '', `delete from accounts where email = '${person.email}'`)
    assert.deepEqual(
      await rowsOf(server, `select * from legacy_links where source_id = '${stranger.sub}'`),
      [],
    )
  })

  it('that were connected lately go when a change of the address is undone', async () => {
    const { person, browser } = await provenPerson(server)
    const { stranger } = await connect(both, browser)
    const thief = await signInAtAccount(server, person)
    const mail = await changeMail(server, thief, freshEmail())
    const notice = await mailCausedBy(server, { to: person.email, subject: /was changed/ }, () =>
      confirm(thief, mail),
    )
    const owner = plainBrowser(server)
    await owner.submit(await owner.open(pathOf(notice)), {})
    assert.deepEqual(
      await rowsOf(server, `select * from legacy_links where source_id = '${stranger.sub}'`),
      [],
    )
  })
})
