import assert from 'node:assert/strict'
import { it } from 'node:test'
import { runCommand } from '../../harness/command.ts'
import { execute, select } from '../../harness/database.ts'
import { minbil, type Person, register } from '../../harness/doors.ts'
import { onEveryEngine, useServer } from '../../harness/harness.ts'
import { copySession } from '../../harness/stored-sessions.ts'
import { type PlainBrowser, signInAtAccount } from '../../pages/jar.ts'

const day = 86_400_000

interface SignedIn {
  browser: PlainBrowser
  /** The id of the browser's session. */
  id: string
  /** The client that its children are of: a name that no other test uses. */
  app: string
}

onEveryEngine('what hangs on the session of a browser', (engine) => {
  const server = useServer(engine)
  const url = () => server.env.DATABASE_URL ?? ''
  let apps = 0

  /** Signs in to a browser, and to two apps in it. */
  const signIn = async (person: Person): Promise<SignedIn> => {
    const browser = await signInAtAccount(server, { username: person.email, password: person.password })
    const [row] = await select(
      url(),
      `select sessions.id from sessions join accounts on accounts.id = account_id
       where email = '${person.email}' and dialect = 'account' order by sessions.created_at desc, sessions.id desc`,
    )
    const id = String(row?.id)
    const app = `app-${++apps}`
    const changes = { dialect: `'openid'`, client_id: `'${app}'`, parent_id: 'id', grant_id: `'${app}'` }
    await copySession(url(), { id, count: 2, changes })
    return { browser, id, app }
  }
  /** Why the children have ended: `null` for those that have not. */
  const endings = async ({ app }: Pick<SignedIn, 'app'>): Promise<unknown[]> => {
    const rows = await select(url(), `select ended_why, ended_at from sessions where client_id = '${app}'`)
    for (const { ended_why, ended_at } of rows) assert.equal(ended_why === null, ended_at === null)
    return rows.map(({ ended_why }) => ended_why)
  }
  const bothFor = (why: string | null) => [why, why]
  const openTwo = async () => {
    const person = await register(server)
    return { person, here: await signIn(person), elsewhere: await signIn(person) }
  }

  it('ends when its person signs out, and nothing else of theirs does', async () => {
    const { person, here, elsewhere } = await openTwo()
    const tokens = minbil.tokensOf(await minbil.signIn(server, person))
    await here.browser.submit(await here.browser.open('/ui/account'), {}, '/ui/account/sign-out')
    assert.deepEqual(await endings(here), bothFor('signed_out'))
    assert.deepEqual(await endings(elsewhere), bothFor(null))
    minbil.tokensOf(await minbil.refresh(server, tokens.refresh))
  })

  it('ends with a device that is signed out from another one', async () => {
    const { here, elsewhere } = await openTwo()
    const path = `/ui/account/devices/${elsewhere.id}/end`
    await here.browser.submit(await here.browser.open('/ui/account/devices'), {}, path)
    assert.deepEqual(await endings(elsewhere), bothFor('signed_out_remotely'))
    assert.deepEqual(await endings(here), bothFor(null))
  })

  it('stays in the browser that has all others signed out', async () => {
    const { here, elsewhere } = await openTwo()
    const page = await here.browser.open('/ui/account/devices')
    await here.browser.submit(page, {}, '/ui/account/devices/end-others')
    assert.deepEqual(await endings(elsewhere), bothFor('signed_out_remotely'))
    assert.deepEqual(await endings(here), bothFor(null))
  })

  it('ends one by one: an app alone is signed out', async () => {
    const { here, elsewhere } = await openTwo()
    const [child] = await select(url(), `select id from sessions where client_id = '${here.app}'`)
    const path = `/ui/account/devices/${child?.id}/end`
    await here.browser.submit(await here.browser.open('/ui/account/devices'), {}, path)
    assert.deepEqual((await endings(here)).sort(), [null, 'signed_out_remotely'])
    assert.deepEqual(await endings(elsewhere), bothFor(null))
    assert.match((await here.browser.open('/ui/account/devices')).text, /<h1>Devices<\/h1>/)
  })

  it('ends with the oldest browser when there are too many of them', async () => {
    const { person, here, elsewhere } = await openTwo()
    await copySession(url(), { id: elsewhere.id, count: 48, changes: { created_at: 'created_at + i' } })
    await signIn(person)
    assert.deepEqual(await endings(here), bothFor('too_many_sessions'))
    assert.deepEqual(await endings(elsewhere), bothFor(null))
  })

  it('ends when an operator ends the browser', async () => {
    const { person, here, elsewhere } = await openTwo()
    const { code } = await runCommand(server, ['account', 'sessions', person.email, '--end', here.id])
    assert.equal(code, 0)
    assert.deepEqual(await endings(here), bothFor('ended_by_operator'))
    assert.deepEqual(await endings(elsewhere), bothFor(null))
  })

  it('lasts as long as its browser may, though that was not used for a while', async () => {
    const here = await signIn(await register(server))
    await execute(
      url(),
      `update sessions set idle_expires_at = ${server.clock.now() + 300 * day} where client_id = '${here.app}'`,
    )
    await server.maintain()
    assert.deepEqual(await endings(here), bothFor(null))
    server.clock.advance(15 * day)
    await server.maintain()
    assert.deepEqual(await endings(here), bothFor(null))
    server.clock.advance(16 * day)
    const later = await signIn(await register(server))
    await server.maintain()
    assert.deepEqual(await endings(here), bothFor('parent_expired'))
    assert.deepEqual(await endings(later), bothFor(null))
  })
})
