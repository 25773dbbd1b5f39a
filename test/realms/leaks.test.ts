import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import type { Credentials, DialectUnderTest } from '../contract/dialect-under-test.ts'
import {
  assertAlive,
  assertRefreshRefused,
  assertSignInRefused,
  assertSuccess,
  requestSecret,
  type Session,
  signInAgain,
  subjects,
  subjectsOfAllMails,
} from '../contract/support.ts'
import { adapters } from '../dialects/adapters.ts'
import { signIn as signInAtCredebl } from '../dialects/credebl/door.ts'
import { beginLogin } from '../dialects/pm2/door.ts'
import { register } from '../harness/doors.ts'
import { freshEmail, onEveryEngine, type TestServer, useServer } from '../harness/harness.ts'
import { atHost } from './at-host.ts'

const yaml = `
realms:
  main:
  partners:
    hosts: [partners.localhost]
`

onEveryEngine('two realms', (engine) => {
  const server = useServer(engine, { yaml, limits: 'real' })
  let main: TestServer
  let partners: TestServer
  before(() => {
    main = atHost(server, 'localhost')
    partners = atHost(server, 'partners.localhost')
  })

  for (const door of adapters) {
    describe(`at the door of ${door.name}`, () => {
      it('have separate accounts for one e-mail address, each with its password', async () => {
        const [here, there] = await openTwice(door)
        await signInAgain(door, main, here)
        await signInAgain(door, partners, there)
        assertSignInRefused(door, await door.signIn(main, there))
        assertSignInRefused(door, await door.signIn(partners, here))
      })

      it('accept no token of the other one, and no session is lost by it', async () => {
        const [here, there] = await openTwice(door)
        const ours = await signInAgain(door, main, here)
        const theirs = await signInAgain(door, partners, there)
        for (const [realm, foreign] of [
          [main, theirs],
          [partners, ours],
        ] as const) {
          await assertUseless(door, realm, foreign)
        }
        await assertAlive(door, main, ours)
        await assertAlive(door, partners, theirs)
        for (const realm of [main, partners]) {
          const mails = await subjectsOfAllMails(realm, here.email)
          assert.ok(!mails.some((subject) => subjects.reuse.test(subject)))
        }
      })

      const { recovery } = door
      if (!recovery) return
      it('accept no reset of the other one, and send the mail for their own', async () => {
        const [here, there] = await openTwice(door)
        const secret = await requestSecret(recovery, main, here.email)
        const isReset = (subject: string) => subjects.reset.test(subject)
        assert.ok(!(await subjectsOfAllMails(partners, here.email)).some(isReset))
        const wanted = { email: here.email, password: 'another password altogether', secret }
        door.assertError(await recovery.reset(partners, wanted), recovery.status)
        await signInAgain(door, partners, there)
        assertSuccess(await recovery.reset(main, wanted))
        await signInAgain(door, partners, there)
        assertSignInRefused(door, await door.signIn(partners, wanted))
      })
    })
  }

  it('sign with keys of their own', async () => {
    const idsOf = async (realm: TestServer): Promise<string[]> => {
      const { body } = await realm.request('GET', '/.well-known/jwks.json')
      return body.keys.map(({ kid }: { kid: string }) => kid)
    }
    const [ours, theirs] = [await idsOf(main), await idsOf(partners)]
    assert.ok(ours.length > 0 && theirs.length > 0)
    assert.deepEqual(
      ours.filter((id) => theirs.includes(id)),
      [],
    )
  })

  it('continue no login of the other one', async () => {
    const cookie = await beginLogin(main)
    assert.equal((await main.request('GET', '/ui/sign-in', { headers: { cookie } })).status, 303)
    assert.equal((await partners.request('GET', '/ui/sign-in', { headers: { cookie } })).status, 400)
    const form = { username: 'ada', password: '12345678' }
    const proof = { form, headers: { cookie } }
    assert.notEqual((await partners.request('POST', '/api/oauth/login', proof)).status, 200)
    assert.equal((await main.request('GET', '/ui/sign-in', { headers: { cookie } })).status, 303)
  })

  it('open nothing by the handle of a session of the other one', async () => {
    const { handle } = await signInAtCredebl(main, await register(main))
    const path = `/auth/sessionDetails?sessionId=${handle}`
    assert.equal((await main.request('GET', path)).status, 200)
    const { status, text } = await partners.request('GET', path)
    assert.equal(status, 404)
    assert.doesNotMatch(text, /eyJ/)
  })

  it('count attempts separately', async () => {
    const email = freshEmail()
    const json = { email, password: 'not the right one' }
    const attempt = async (realm: TestServer) =>
      (await realm.request('POST', '/api/co/auth/sign-in', { json })).status
    let status = 0
    for (let attempts = 0; attempts < 20 && status !== 429; attempts++) status = await attempt(main)
    assert.equal(status, 429)
    assert.equal(await attempt(partners), 401)
    assert.equal(await attempt(main), 429)
  })

  it('lead people back to themselves', async () => {
    const email = freshEmail()
    for (const [realm, base] of [
      [main, 'http://localhost:5000/'],
      [partners, 'http://partners.localhost:5000/'],
    ] as const) {
      await realm.request('POST', '/api/co/auth/sign-up', { json: { email, password: '12345678' } })
      const { links } = await realm.mail(email, /^Confirm your e-mail/)
      assert.ok(links[0]?.startsWith(base), links[0])
    }
  })

  /** One e-mail address with an account in both realms, and another password in each. */
  async function openTwice(door: DialectUnderTest): Promise<[Credentials, Credentials]> {
    const email = freshEmail()
    const here = { email, password: 'the password of main' }
    const there = { email, password: 'the password of partners' }
    await door.openAccount(main, here)
    await door.openAccount(partners, there)
    return [here, there]
  }
})

/** None of the tokens of a session does anything. */
async function assertUseless(door: DialectUnderTest, realm: TestServer, session: Session): Promise<void> {
  door.assertError(await door.ask(realm, session.access), door.statuses.access)
  if (door.signOut) door.assertError(await door.signOut(realm, session.access), door.statuses.access)
  const { refreshing } = door
  const ways = refreshing ? [refreshing.refresh, ...Object.values(refreshing.otherWays ?? {})] : []
  for (const refresh of ways) {
    for (const token of [session.refresh, session.access].filter(Boolean))
      assertRefreshRefused(door, await refresh(realm, token))
  }
}
