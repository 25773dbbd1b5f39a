import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { register } from '../../dialects/pm2/door.ts'
import { execute, select } from '../../harness/database.ts'
import {
  freshEmail,
  mailCausedBy,
  noPostgres,
  type TestServer,
  useTwoServers,
} from '../../harness/harness.ts'
import { endOfJobs } from '../../harness/jobs.ts'
import { joinMailboxes } from '../../harness/mailboxes.ts'
import { type PlainBrowser, plainBrowser, signInAtAccount } from '../jar.ts'
import { askForEmail, pathOf, provenPerson } from './names.ts'
import { assertSignedIn } from './second-step.ts'

const dayMs = 86_400_000

describe('an account page that two nodes serve', { skip: noPostgres }, () => {
  const { first, second } = useTwoServers()
  const url = () => first.env.DATABASE_URL ?? ''
  /** The same browser, whose next requests come to the other node. */
  const at = (server: TestServer, { cookies }: PlainBrowser): PlainBrowser => {
    const browser = plainBrowser(server)
    for (const [name, value] of cookies) browser.cookies.set(name, value)
    return browser
  }
  const mailsTo = async (address: string) => {
    await endOfJobs(first)
    return (await joinMailboxes([first, second]).mailbox()).filter(({ to }) => to === address)
  }
  /** The first server, with the mails of both. */
  const joined = (): TestServer => Object.assign(Object.create(first), joinMailboxes([first, second]))

  it('goes on at either, and refuses at both at once what has ended at one', async () => {
    const person = await register(first)
    const here = await signInAtAccount(first, person)
    const other = await signInAtAccount(second, person)
    const page = await at(second, here).open('/ui/account')
    assertSignedIn(page)
    const saved = await here.submit(page, { name: 'Ada Example' }, '/ui/account/profile')
    assertSignedIn(saved)
    assert.match((await other.open('/ui/account')).text, /value="Ada Example"/)

    const devices = await here.open('/ui/account/devices')
    await at(second, here).submit(devices, {}, '/ui/account/devices/end-others')
    for (const server of [first, second])
      assert.match((await at(server, other).open('/ui/account')).text, /<h1>Sign in/)
    assertSignedIn(await here.open('/ui/account'))
    await at(second, here).submit(await here.open('/ui/account'), {}, '/ui/account/sign-out')
    assert.match((await here.open('/ui/account')).text, /<h1>Sign in/)
  })

  it('has a sign-in begun at one and finished at the other', async () => {
    const { username, password } = await register(first)
    const begun = plainBrowser(first)
    const page = await begun.open('/ui/account')
    assertSignedIn(await at(second, begun).submit(page, { identifier: username, password }))
  })

  it('changes an address once, and tells of it once, where both are asked at once', async () => {
    const { person, browser } = await provenPerson(joined())
    const email = freshEmail()
    const mail = await mailCausedBy(joined(), { to: email, subject: /new e-mail address/ }, () =>
      askForEmail(browser, email),
    )
    const page = await browser.open(pathOf(mail))
    const answers = await Promise.all(
      [first, second, first, second].map((server) =>
        at(server, browser).submit(page, {}, '/ui/account/email/confirm'),
      ),
    )
    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 404, 404, 404])
    const told = (await mailsTo(person.email)).filter(({ subject }) => /was changed/.test(subject))
    assert.equal(told.length, 1)
  })

  it('deletes each account once, and puts those off once that were missed', async () => {
    const begin = async (server: TestServer) => {
      const person = await register(server)
      const browser = await signInAtAccount(server, person)
      const path = '/ui/account/data/delete'
      await browser.submit(await browser.open(path), { typed: person.username }, path)
      return person
    }
    const due = [await begin(first), await begin(second), await begin(first), await begin(second)]
    const missed = await begin(first)
    await execute(
      url(),
      `update accounts set deletion_due_at = deletion_due_at - ${3 * dayMs} where username = '${missed.username}'`,
    )
    first.clock.advance(7 * dayMs + 1)
    await Promise.all([first.maintain(), second.maintain()])
    await Promise.all([first.maintain(), second.maintain()])
    const left = await select(url(), 'select username from accounts where deletion_due_at is not null')
    assert.deepEqual(
      left.map(({ username }) => username),
      [missed.username],
    )
    const rows = await select(url(), `select id from audit where event = 'account.deleted'`)
    assert.equal(rows.length, due.length)
    const told = (await mailsTo(missed.email)).filter(({ subject }) => /will be deleted/.test(subject))
    assert.equal(told.length, 2)
  })
})
