import assert from 'node:assert/strict'
import { it } from 'node:test'
import * as credebl from '../dialects/credebl/door.ts'
import { authorizePath, beginLogin, freshPerson } from '../dialects/pm2/door.ts'
import * as vastly from '../dialects/vastly/door.ts'
import { jsonOf } from '../harness/command.ts'
import { type Row, rowsOnce } from '../harness/database.ts'
import { freshEmail, onEveryEngine, type TestServer, useServer } from '../harness/harness.ts'
import { linesOf } from '../harness/log-lines.ts'
import { browse } from '../pages/visitor.ts'
import {
  assertLimited,
  assertStatus,
  behindProxy,
  forgetPassword,
  freshAddress,
  from,
  post,
  signIn,
  signUp,
} from './callers.ts'

const wrong = 'a wrong password'
/** Rows in an hour for one address. */
const maxRows = 20
const minute = 60_000
/** Logins that one address may begin, here. */
const maxLogins = 20

onEveryEngine('refusals', (engine) => {
  const server = useServer(engine, { limits: { 'login-address': maxLogins }, env: behindProxy })

  it('by a limit leave one row and one line for an IP and what was counted', async () => {
    const person = await signUp(server)
    const address = freshAddress()
    for (let count = 0; count < 10; count++)
      assertStatus(401, await signIn(server, address, { ...person, password: wrong }))
    assert.deepEqual(await rowsFrom(server, address), [])
    for (let count = 0; count < 5; count++) assertLimited(await signIn(server, address, person))

    const [row = {}, ...others] = await rowsFrom(server, address, 1)
    assert.deepEqual(others, [])
    assert.equal(row.detail, 'rate_limited sign-in-account-at-address')
    assert.equal(row.outcome, 'refused')
    assert.equal(row.dialect, 'minbil')
    assert.notEqual(row.subject, null)
    // The row may be read before the server has learnt that it is kept, and only then is it logged.
    const lines = await linesOf(server, ({ msg, ip }) => msg === 'request.refused' && ip === address)
    assert.equal(lines.length, 1)
    assert.ok(!JSON.stringify(lines).includes(person.email))
  })

  it('are found by the IP and by the account on the command line', async () => {
    const person = await signUp(server)
    const address = freshAddress()
    for (let count = 0; count < 6; count++) await forgetPassword(server, address, person.email)
    await rowsFrom(server, address, 1)
    const query = ['audit', '--event', 'request.refused']
    for (const of of [
      ['--ip', address],
      ['--account', person.email],
    ]) {
      const [row, ...others] = await jsonOf(server, [...query, ...of])
      assert.equal(row.detail, 'rate_limited mail-account-at-address')
      assert.equal(row.ip, address)
      assert.deepEqual(others, [])
    }
  })

  it('by a limit leave one for each IP where strangers share a count', async () => {
    const person = await signUp(server)
    const strangers = Array.from({ length: 5 }, freshAddress)
    for (const address of strangers)
      for (let count = 0; count < 6; count++) await signIn(server, address, { ...person, password: wrong })
    const last = strangers.at(-1) ?? ''
    const [row, ...others] = await rowsFrom(server, last, 1)
    assert.equal(row?.detail, 'rate_limited sign-in-account')
    assert.deepEqual(others, [])
  })

  it('by a page leave one, too', async () => {
    const address = freshAddress()
    const browser = browse(from(server, address) as TestServer, await beginLogin(server))
    const page = await browser.open('/ui/sign-in')
    const { username } = freshPerson()
    for (let count = 0; count < 12; count++)
      await browser.submit(page, { identifier: username, password: wrong })
    const links = await browser.open('/ui/forgot-password')
    for (let count = 0; count < 7; count++) await browser.submit(links, { email: freshEmail() })
    const [row, ...others] = await rowsFrom(server, address, 1)
    assert.equal(row?.detail, 'rate_limited sign-in-account-at-address')
    assert.deepEqual(others, [])
    for (let count = 0; count <= maxLogins; count++)
      await from(server, address).request('GET', authorizePath())
    const rows = await rowsFrom(server, address, 2)
    assert.equal(rows[1]?.detail, 'rate_limited login-address')
  })

  it('are about the name that was typed, and about none that stands in it', async () => {
    const phone = vastly.freshPhone()
    await vastly.register(from(server, freshAddress()), { mobile: phone })
    const address = freshAddress()
    const browser = browse(from(server, address) as TestServer, await beginLogin(server))
    const page = await browser.open('/ui/sign-in')
    for (let count = 0; count < 11; count++)
      await browser.submit(page, { identifier: `x phone:${phone}`, password: wrong })
    await rowsFrom(server, address, 1)
    const events = (await jsonOf(server, ['audit', '--account', phone])).map(({ event }) => event)
    assert.ok(!events.includes('request.refused'), String(events))
  })

  it('leave none where the owner is let in', async () => {
    const person = await signUp(server)
    const home = freshAddress()
    assertStatus(200, await signIn(server, home, person))
    for (let stranger = 0; stranger < 3; stranger++) {
      const address = freshAddress()
      for (let count = 0; count < 8; count++) await signIn(server, address, { ...person, password: wrong })
    }
    assertStatus(200, await signIn(server, home, person))
    await settled(server)
    assert.deepEqual(await rowsFrom(server, home), [])
  })

  it('of a good token whose session has ended leave one row, and made-up ones none', async () => {
    const [home, thief] = [from(server, freshAddress()), freshAddress()]
    const access = await vastly.register(home, { email: freshEmail() })
    const ask = (bearer: string) => vastly.me(from(server, thief), bearer)
    assertStatus(200, await vastly.post(home, '/logout', { bearer: access }))
    for (const junk of ['none', `${access.slice(0, -6)}AAAAAA`]) assertStatus(401, await ask(junk))
    await settled(server)
    assert.deepEqual(await rowsFrom(server, thief), [])

    for (let count = 0; count < 3; count++) assertStatus(401, await ask(access))
    const [row, ...others] = await rowsFrom(server, thief, 1)
    assert.equal(row?.detail, 'session_ended')
    assert.notEqual(row?.session_id, null)
    assert.notEqual(row?.account_id, null)
    assert.deepEqual(others, [])
    server.clock.advance(61 * minute)
    assertStatus(401, await ask(access))
    await settled(server)
    // The token has expired by then, as they all do: that is no news.
    assert.equal((await rowsFrom(server, thief)).length, 1)
  })

  it('for another’s session leave one row with whose wish it was', async () => {
    const [mine, theirs] = [await credebl.registerAndSignIn(server), await credebl.registerAndSignIn(server)]
    const at = from(server, freshAddress()) as TestServer
    for (let count = 0; count < 3; count++)
      assertStatus(403, await credebl.deleteSession(at, theirs.sessionId, mine.access))
    const rows = await rowsOnce(server.env.DATABASE_URL ?? '', {
      what: 'the row',
      statement: `select * from audit where detail = 'session_foreign'`,
      areWanted: ({ length }) => length > 0,
    })
    assert.deepEqual(
      rows.map(({ session_id }) => session_id),
      [mine.sessionId],
    )
  })
})

onEveryEngine('refusals without end', (engine) => {
  const limits = { 'mail-account-at-address': 1, 'mail-address': Number.POSITIVE_INFINITY }
  const server = useServer(engine, { limits, env: behindProxy })

  it('leave so many rows for one IP in an hour, one warning, and others their own', async () => {
    const address = freshAddress()
    const refuseSome = async () => {
      for (let count = 0; count < maxRows + 5; count++) {
        const email = freshEmail()
        assertStatus(200, await forgetPassword(server, address, email))
        assertLimited(await forgetPassword(server, address, email))
      }
    }
    await refuseSome()
    await settled(server)
    assert.equal((await rowsFrom(server, address, maxRows)).length, maxRows)
    const warnings = () =>
      server.log.filter(({ msg, ip }) => /not written down/.test(String(msg)) && ip === address)
    assert.equal(warnings().length, 1)

    server.clock.advance(60 * minute)
    await refuseSome()
    await settled(server)
    assert.equal((await rowsFrom(server, address, 2 * maxRows)).length, 2 * maxRows)
  })
})

/** What was refused from an address, oldest first; waits until so many rows are there. */
async function rowsFrom({ env }: TestServer, address: string, count = 0): Promise<Row[]> {
  return rowsOnce(env.DATABASE_URL ?? '', {
    what: `${count} rows`,
    statement: `select * from audit where event = 'request.refused' and ip = '${address}' order by id`,
    areWanted: ({ length }) => length >= count,
  })
}

/** Waits for what is written behind the answers: a refusal that comes later is there. */
async function settled(server: TestServer): Promise<void> {
  const address = freshAddress()
  const email = freshEmail()
  for (let count = 0; count < 6; count++) await post(server, address, '/forgot-password', { email })
  await rowsFrom(server, address, 1)
}
