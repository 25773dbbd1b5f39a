import assert from 'node:assert/strict'
import { it } from 'node:test'
import {
  authorizePath,
  commandLineClient,
  loopbackUri,
  redirectUri,
  refresh,
  refreshTokenOf,
  register,
  reset,
  send,
  tokenMailed,
  whoAmI,
} from '../dialects/pm2/door.ts'
import {
  confirm,
  enrol,
  nextCode,
  registerWithSecondFactor,
  register as registerWolf,
  signIn as signInWolf,
} from '../dialects/wolfpal/door.ts'
import { execute, select } from '../harness/database.ts'
import { onEveryEngine, useServer } from '../harness/harness.ts'
import { formsOf } from './html.ts'
import { plainBrowser, signInAtAccount } from './jar.ts'
import { assertPage } from './page.ts'
import { addPasskey, signInWith } from './passkeys/software-key.ts'
import { fieldsOf, stale } from './visitor.ts'

onEveryEngine('somebody who is signed in to the browser', (engine) => {
  const server = useServer(engine)

  it('can go on as they are with the login of an app, and does not without being asked', async () => {
    const person = await register(server)
    const browser = await signInAtAccount(server, person)
    const page = await browser.open(authorizePath())
    assertPage(page, 200, redirectUri)
    assert.ok(page.text.includes(`>Continue as ${person.email}</button>`), page.text)
    const done = await browser.submit(page, {})
    const { body } = await refresh(server, refreshTokenOf(done, redirectUri))
    assert.equal((await whoAmI(server, body.access_token)).body.username, person.username)
  })

  it('can go on, too, where the account has passkeys and no password', async () => {
    const person = await register(server)
    const { key } = await addPasskey(await signInAtAccount(server, person))
    const withoutPassword = `update accounts set password_hash = null where email = '${person.email}'`
    await execute(server.env.DATABASE_URL ?? '', withoutPassword)
    const { browser } = await signInWith(server, key)
    const done = await browser.submit(await browser.open(authorizePath()), {})
    const { body } = await refresh(server, refreshTokenOf(done, redirectUri))
    assert.equal((await whoAmI(server, body.access_token)).body.username, person.username)
  })

  it('can sign in as somebody else, and stays who they are', async () => {
    const [person, other] = [await register(server), await register(server)]
    const browser = await signInAtAccount(server, person)
    const page = await browser.open(authorizePath())
    const [, path = ''] =
      /<a class="button secondary" href="([^"]+)">Use another account/.exec(page.text) ?? []
    const typed = { identifier: other.username, password: other.password }
    const done = await browser.submit(await browser.open(path), typed)
    const { body } = await refresh(server, refreshTokenOf(done, redirectUri))
    assert.equal((await whoAmI(server, body.access_token)).body.username, other.username)
    assert.match((await browser.open('/ui/account')).text, new RegExp(person.email))
  })

  it('can sign out of it, and is asked for a password then', async () => {
    const browser = await signInAtAccount(server, await register(server))
    const page = await browser.open(authorizePath())
    const form = formsOf(page).find(({ fields }) => fields.action === 'sign-out')
    const out = await browser.post(form?.action ?? '', form?.fields ?? {})
    assert.equal(out.status, 303)
    assert.equal(browser.cookies.has('__Host-manydoors-session'), false)
    assert.match((await browser.open(out.headers.get('location') ?? '')).text, /<h1>Sign in<\/h1>/)
  })

  it('carries the second factor over that they have shown', async () => {
    const person = await registerWithSecondFactor(server)
    const browser = plainBrowser(server)
    const code = await browser.submit(await browser.open('/ui/account'), {
      identifier: person.username,
      password: person.password,
    })
    await browser.submit(code, { code: nextCode(server, person.secret) })
    server.clock.advance(60 * 60_000)
    const done = await browser.submit(await browser.open(authorizePath()), {})
    refreshTokenOf(done, redirectUri)
    const ofOwner = `account_id = (select id from accounts where email = '${person.email}')`
    const rows = await select(
      server.env.DATABASE_URL ?? '',
      `select dialect, second_factor_at, proven_at from sessions where ${ofOwner}`,
    )
    const [own, opened] = ['account', 'pm2'].map((name) => rows.find(({ dialect }) => dialect === name))
    assert.ok(own?.second_factor_at)
    // It was shown an hour ago, and nobody has proven anything since.
    assert.deepEqual([opened?.second_factor_at, opened?.proven_at], [own.second_factor_at, null])
    const signIns = await select(
      server.env.DATABASE_URL ?? '',
      `select detail from audit where event = 'sign_in' and outcome = 'success' and dialect = 'pm2' and ${ofOwner}`,
    )
    assert.deepEqual(
      signIns.map(({ detail }) => detail),
      ['browser_session+authenticator'],
    )
  })

  it('goes on by nothing but a form that was made for this login and this person', async () => {
    const [person, other] = [await register(server), await register(server)]
    const browser = await signInAtAccount(server, person)
    const foreign = await (await signInAtAccount(server, other)).open(authorizePath())
    const page = await browser.open(authorizePath())
    const [form] = formsOf(page)
    assert.ok(form)
    const account = fieldsOf(foreign).account ?? ''
    const wrong: Record<string, string>[] = [
      { form: '' },
      { form: fieldsOf(foreign).form ?? '' },
      { account },
    ]
    for (const fields of wrong) {
      const refused = await browser.post(form.action, { ...form.fields, ...fields })
      assertPage(refused, 403, redirectUri)
      assert.match(refused.text, new RegExp(stale))
    }
    const siteHeaders = { 'sec-fetch-site': 'cross-site' }
    assert.equal((await browser.post(form.action, form.fields, siteHeaders)).status, 403)
    assert.equal((await browser.post(form.action, form.fields)).status, 303)
  })

  it('is nobody any more once the session has ended: by a new password, or by time', async () => {
    const person = await register(server)
    const browser = await signInAtAccount(server, person)
    const page = await browser.open(authorizePath(commandLineClient, loopbackUri))
    const token = await tokenMailed(server, { to: person.email, subject: reset }, () =>
      send(server, 'POST', '/reset_password', { json: { email: person.email } }),
    )
    const json = { password: 'another password altogether' }
    assert.equal((await send(server, 'POST', `/reset_password/${token}`, { json })).status, 200)
    assert.match((await browser.submit(page, {})).text, /<h1>Sign in<\/h1>/)

    const late = await signInAtAccount(server, { ...person, ...json })
    server.clock.advance(15 * 24 * 60 * 60_000)
    assert.match((await late.open(authorizePath())).text, /<h1>Sign in<\/h1>/)
  })

  it('shows a second factor that the session has not shown since it was set', async () => {
    const person = await registerWolf(server)
    const browser = await signInAtAccount(server, person)
    const page = await browser.open(authorizePath())
    const { access } = await signInWolf(server, person)
    const { secret } = await enrol(server, access)
    assert.equal((await confirm(server, access, nextCode(server, secret))).status, 200)
    // The sessions that there were have ended with that; and were it not so, the account would have to show it.
    assert.match((await browser.submit(page, {})).text, /<h1>Sign in<\/h1>/)
    const owner = `(select id from accounts where email = '${person.email}')`
    const revive = `update sessions set ended_at = null where dialect = 'account' and account_id = ${owner}`
    await execute(server.env.DATABASE_URL ?? '', revive)
    assert.match((await browser.submit(page, {})).text, /<h1>Sign in<\/h1>/)
    assert.match((await browser.open(authorizePath())).text, /<h1>Sign in<\/h1>/)
  })

  it('is nobody any more once the account is disabled', async () => {
    const person = await register(server)
    const browser = await signInAtAccount(server, person)
    const page = await browser.open(authorizePath())
    const disable = `update accounts set disabled_at = 1 where email = '${person.email}'`
    await execute(server.env.DATABASE_URL ?? '', disable)
    assert.match((await browser.submit(page, {})).text, /<h1>Sign in<\/h1>/)
    assert.match((await browser.open(authorizePath())).text, /<h1>Sign in<\/h1>/)
  })

  it('signs in anew for the account page', async () => {
    const browser = await signInAtAccount(server, await register(server))
    assert.match((await browser.open('/ui/account/sign-in')).text, /<h1>Sign in<\/h1>/)
  })
})
