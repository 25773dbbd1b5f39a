import assert from 'node:assert/strict'
import { it } from 'node:test'
import { assertAlive, assertSuccess, openAccount, signInAgain } from '../contract/support.ts'
import { select } from '../harness/database.ts'
import { onEveryEngine, type TestServer, useServer } from '../harness/harness.ts'
import { copySession } from '../harness/stored-sessions.ts'
import { signInAtAccount } from '../pages/jar.ts'
import { adapters } from './adapters.ts'
import * as wolfpal from './wolfpal/door.ts'

/** The ids of an account's live sessions through one dialect, newest first. */
async function liveThrough(server: TestServer, email: string, dialect: string): Promise<string[]> {
  const rows = await select(
    server.env.DATABASE_URL ?? '',
    `select sessions.id from sessions join accounts on accounts.id = sessions.account_id
     where accounts.email = '${email}' and dialect = '${dialect}' and ended_at is null
     order by sessions.created_at desc`,
  )
  return rows.map(({ id }) => String(id))
}

onEveryEngine('the session of a browser', (engine) => {
  const server = useServer(engine)

  for (const door of adapters) {
    it(`is neither listed nor counted at ${door.name}, and goes on when its sessions are too many`, async () => {
      const account = await openAccount(door, server)
      const person = { username: account.email, password: account.password }
      const browser = await signInAtAccount(server, person)
      const first = await signInAgain(door, server, account)
      const [own = ''] = await liveThrough(server, account.email, 'account')
      if (door.listSessions)
        assert.ok(!(await door.listSessions(server, first.access)).some((id) => id === own))

      // One place less than the door has, so that a browser's session that counted would end the first.
      const before = await liveThrough(server, account.email, door.name)
      const [newest = ''] = before
      const count = door.maxSessions - before.length - 1
      if (count > 0) await copySession(server.env.DATABASE_URL ?? '', { id: newest, count })
      await signInAgain(door, server, account)
      assert.equal((await liveThrough(server, account.email, door.name)).length, door.maxSessions)
      await assertAlive(door, server, first)
      for (let more = 0; more < 2; more++) await signInAgain(door, server, account)
      assert.match((await browser.open('/ui/account')).text, /<h1>Profile<\/h1>/)
    })

    it(`is good for nothing at ${door.name}`, async () => {
      const account = await openAccount(door, server)
      const person = { username: account.email, password: account.password }
      const { cookies } = await signInAtAccount(server, person)
      const token = cookies.get('__Host-manydoors-session') ?? ''
      door.assertError(await door.ask(server, token), door.statuses.access)
      if (!door.refreshing) return
      const { answer, tokens } = await door.refreshing.refresh(server, token)
      door.assertError(answer, door.refreshing.status)
      assert.equal(tokens, undefined)
    })
  }

  it('is not to be seen or ended by wolfpal’s sessions, nor by its sign-out everywhere', async () => {
    const person = await wolfpal.registerAndSignIn(server)
    const browser = await signInAtAccount(server, person)
    const [own = ''] = await liveThrough(server, person.email, 'account')
    const bearer = person.access
    const { body } = await wolfpal.send(server, 'GET', '/sessions', { bearer })
    assert.equal(body.total, 1)
    assert.equal((await wolfpal.send(server, 'DELETE', `/sessions/${own}`, { bearer })).status, 404)
    assertSuccess(await wolfpal.send(server, 'DELETE', '/sessions', { bearer }))
    assert.match((await browser.open('/ui/account')).text, /<h1>Profile<\/h1>/)
  })
})
