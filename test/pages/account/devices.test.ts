import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { assertAlive, assertEnded, signInAgain } from '../../contract/support.ts'
import { oldToken, secret, takingTokens } from '../../core/switching/tokens/old-tokens.ts'
import { adapters } from '../../dialects/adapters.ts'
import * as pm2 from '../../dialects/pm2/door.ts'
import * as wolfpal from '../../dialects/wolfpal/door.ts'
import { execute } from '../../harness/database.ts'
import { register } from '../../harness/doors.ts'
import { onEveryEngine, type TestServer, useServer } from '../../harness/harness.ts'
import { copySession, unendedSessions } from '../../harness/stored-sessions.ts'
import { formsOf } from '../html.ts'
import { signInAtAccount } from '../jar.ts'

const path = '/ui/account/devices'
const firefox = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:150.0) Gecko/20100101 Firefox/150.0'
const chrome =
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36'

const doors = adapters.filter(({ name }) => ['credebl', 'minbil'].includes(name))

async function registerAndOpen(server: TestServer, userAgent?: string) {
  const person = await register(server)
  const signIn = () =>
    signInAtAccount(server, { username: person.email, password: person.password }, userAgent)
  return { person, signIn, browser: await signIn() }
}

/** As if the person had been imported from wolfpal's old server, which knew them by their address. */
function linkToOldServer(server: TestServer, { email }: { email: string }): Promise<void> {
  return execute(
    server.env.DATABASE_URL ?? '',
    `insert into legacy_links (realm, source, source_id, account_id, created_account, linked_at)
     select realm, 'wolfpal', email, id, 0, 0 from accounts where email = '${email}'`,
  )
}

const endings = (text: string) => [...text.matchAll(/devices\/([\w-]{36})\/end"/g)].map(([, id]) => id)

onEveryEngine('the devices of an account', (engine) => {
  const server = useServer(engine)

  for (const door of doors) {
    it(`are signed out one by one, and their tokens are refused at once at ${door.name}`, async () => {
      const { person, browser } = await registerAndOpen(server)
      const session = await signInAgain(door, server, person)
      const other = await signInAgain(door, server, person)
      const page = await browser.open(path)
      assert.equal(endings(page.text).length, 2)
      // The one used last is the first.
      const [, oldest] = endings(page.text)
      const done = await browser.submit(page, {}, `${path}/${oldest}/end`)
      assert.match(done.text, /role="status"[^>]*>Signed out: /)
      await assertEnded(door, server, session)
      await assertAlive(door, server, other)
      assert.equal(endings(done.text).length, 1)
    })
  }

  it('are all signed out but this one, at every door', async () => {
    const { person, browser, signIn } = await registerAndOpen(server)
    const elsewhere = await signIn()
    const sessions = await Promise.all(doors.map((door) => signInAgain(door, server, person)))
    const done = await browser.submit(await browser.open(path), {}, `${path}/end-others`)
    assert.match(done.text, /All others are signed out\./)
    assert.match(done.text, /You are signed in here only\./)
    assert.deepEqual(endings(done.text), [])
    for (const [place, door] of doors.entries()) {
      const session = sessions[place]
      assert.ok(session)
      await assertEnded(door, server, session)
    }
    assert.match((await elsewhere.open(path)).text, /<h1>Sign in<\/h1>/)
    assert.match((await browser.open(path)).text, /<h1>Devices<\/h1>/)
  })
})

describe('the list of devices', () => {
  const server = useServer('sqlite')

  it('names browser, system, app and address, and this one is the first', async () => {
    const { person, browser } = await registerAndOpen(server, firefox)
    await signInAtAccount(server, { username: person.email, password: person.password }, chrome)
    const { text } = await browser.open(path)
    assert.match(text, /<h2>2 devices<\/h2>/)
    const names = [...text.matchAll(/<li><div><strong>([^<]*)</g)].map(([, name]) => name)
    assert.deepEqual(names, ['Firefox on Windows', 'Chrome on Linux'])
    assert.match(text, /Your account · 127\.0\.0\.1 · last used <time datetime="[^"]+Z" title="[^"]+ UTC">/)
    assert.match(text, /<span class="badge good">This device<\/span>/)
    assert.match(text, /aria-label="Sign out Chrome on Linux"/)
    assert.ok(!text.includes('aria-label="Sign out Firefox on Windows"'))
  })

  it('shows a hundred, and says how many more there are', async () => {
    const { person, browser } = await registerAndOpen(server)
    const url = server.env.DATABASE_URL ?? ''
    const [id = ''] = await unendedSessions(url, person.email)
    await copySession(url, { id, count: 120 })
    const { text } = await browser.open(path)
    assert.equal(endings(text).length, 99)
    assert.match(text, /<h2>121 devices<\/h2>/)
    assert.match(text, /Not shown because they were used longer ago: 21\./)
  })

  it('does not tell somebody else’s session from none, and ends neither', async () => {
    const one = await registerAndOpen(server)
    const other = await registerAndOpen(server)
    const [id = ''] = await unendedSessions(server.env.DATABASE_URL ?? '', other.person.email)
    const { fields } = formsOf(await one.browser.open(path))[0] ?? { fields: {} }
    const foreign = await one.browser.post(`${path}/${id}/end`, fields)
    const unknown = await one.browser.post(`${path}/01890000-0000-7000-8000-000000000000/end`, fields)
    const odd = await one.browser.post(`${path}/%00/end`, fields)
    assert.deepEqual([foreign.status, unknown.status], [404, 404])
    const [told, toldOfNone] = [foreign, unknown].map(({ text }) => text.replace(/Request [\w-]+/, 'Request'))
    assert.equal(told, toldOfNone)
    assert.match(foreign.text, /This device is already signed out\./)
    assert.ok(odd.status >= 400 && odd.status < 500, String(odd.status))
    assert.match((await other.browser.open(path)).text, /<h1>Devices<\/h1>/)
  })

  it('changes nothing without a form of its own', async () => {
    const { person, browser, signIn } = await registerAndOpen(server)
    const elsewhere = await signIn()
    const [id = ''] = await unendedSessions(server.env.DATABASE_URL ?? '', person.email)
    assert.equal((await browser.post(`${path}/end-others`, {})).status, 403)
    assert.equal((await browser.post(`${path}/${id}/end`, { form: 'AAAA' })).status, 403)
    assert.equal((await browser.open(`${path}/end-others`)).status, 404)
    assert.match((await elsewhere.open(path)).text, /<h1>Devices<\/h1>/)
  })

  it('lets no sign-in become a session that was about to be finished', async () => {
    const person = await pm2.register(server)
    const browser = await signInAtAccount(server, person)
    const cookie = await pm2.beginLogin(server, pm2.commandLineClient)
    const rest = await pm2.proveLogin(server, cookie, person)
    await browser.submit(await browser.open(path), {}, `${path}/end-others`)
    const answer = await server.request('GET', rest, { headers: { cookie } })
    assert.ok(answer.status >= 400 && answer.status < 500, `${answer.status} ${answer.text}`)
    assert.match((await browser.open(path)).text, /You are signed in here only\./)
  })
})

describe('a token of an old server', () => {
  const server = useServer('sqlite', {
    yaml: takingTokens({ wolfpal: `hs256: '${secret}', issuer: old, accessLifetime: 4h` }),
  })

  it('is dead with a sign-out of all others, whether or not it was shown here before', async () => {
    const person = await wolfpal.register(server)
    const browser = await signInAtAccount(server, person)
    await linkToOldServer(server, person)
    const [shown, unseen] = [oldToken(person.email), oldToken(person.email, { jti: 'b' })]
    assert.equal((await wolfpal.whoAmI(server, shown)).body.user?.email, person.email)
    const page = await browser.open(path)
    assert.equal(endings(page.text).length, 1)
    await browser.submit(page, {}, `${path}/end-others`)
    wolfpal.assertUnauthorized(await wolfpal.whoAmI(server, shown))
    wolfpal.assertUnauthorized(await wolfpal.whoAmI(server, unseen))
  })

  it('is dead with the sign-out of its device', async () => {
    const person = await wolfpal.register(server)
    const browser = await signInAtAccount(server, person)
    await linkToOldServer(server, person)
    const token = oldToken(person.email)
    assert.equal((await wolfpal.whoAmI(server, token)).status, 200)
    const page = await browser.open(path)
    await browser.submit(page, {}, `${path}/${endings(page.text)[0]}/end`)
    wolfpal.assertUnauthorized(await wolfpal.whoAmI(server, token))
  })
})
