import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { register, reset, send, tokenMailed } from '../../dialects/pm2/door.ts'
import { jsonOf } from '../../harness/command.ts'
import { execute } from '../../harness/database.ts'
import { eventually } from '../../harness/events.ts'
import { onEveryEngine, type TestServer, useServer } from '../../harness/harness.ts'
import { type PlainBrowser, signInAtAccount } from '../jar.ts'
import { assertPage } from '../page.ts'

const dataPage = '/ui/account/data'
const deletePage = `${dataPage}/delete`
const dayMs = 86_400_000
const tenMinutesMs = 10 * 60_000

async function begin(server: TestServer) {
  const person = await register(server)
  const browser = await signInAtAccount(server, person)
  const page = await browser.submit(await browser.open(deletePage), { typed: person.email }, deletePage)
  assertPage(page, 200)
  return { person, browser, page }
}

async function show(server: TestServer, username: string): Promise<Record<string, unknown>> {
  const [shown] = await jsonOf(server, ['account', 'show', `username:${username}`])
  return shown
}

async function isThere(server: TestServer, username: string): Promise<boolean> {
  const accounts: { username: string }[] = await jsonOf(server, ['account', 'list'])
  return accounts.some((account) => account.username === username)
}

const keep = async (browser: PlainBrowser) =>
  browser.submit(await browser.open(dataPage), {}, `${dataPage}/keep`)

describe('a download of the own data', () => {
  const server = useServer('sqlite', { limits: { 'export-account': 1 } })

  it('is a file with all that is held of the person, once an hour', async () => {
    const person = await register(server)
    const browser = await signInAtAccount(server, person)
    const page = await browser.open(dataPage)
    const file = await browser.submit(page, {}, `${dataPage}/export`)
    assert.equal(file.status, 200, file.text)
    assert.equal(file.headers.get('content-disposition'), 'attachment; filename="account.json"')
    assert.equal(file.headers.get('content-type'), 'application/json; charset=utf-8')
    assert.equal(file.headers.get('cache-control'), 'no-store')
    assert.equal(file.body.account.email, person.email)
    assert.ok(file.body.sessions.length > 0)
    assert.ok(file.body.audit.some(({ event }: { event: string }) => event === 'account.exported'))
    for (const secret of [person.password, browser.cookies.get('__Host-manydoors-session') ?? '', 'argon2'])
      assert.ok(!file.text.includes(secret))

    const again = await browser.submit(page, {}, `${dataPage}/export`)
    assertPage(again, 429)
    assert.match(again.text, /You have downloaded your data within the last hour/)
    assert.ok(Number(again.headers.get('retry-after')) > 3000)
  })

  it('is asked for a proof of who is there first, and comes back to the page', async () => {
    const person = await register(server)
    const browser = await signInAtAccount(server, person)
    server.clock.advance(tenMinutesMs + 1)
    const asked = await browser.submit(await browser.open(dataPage), {}, `${dataPage}/export`)
    assert.match(asked.text, /Show that it is you/)
    const back = await browser.submit(asked, { password: person.password }, '/ui/account/prove')
    assertPage(back, 200)
    assert.match(back.text, /Download my data/)
    assert.equal((await browser.submit(back, {}, `${dataPage}/export`)).status, 200)
  })
})

describe('a deletion of the own account', () => {
  const server = useServer('sqlite')

  it('asks for a proof of who is there, and for a name of the account', async () => {
    const person = await register(server)
    const browser = await signInAtAccount(server, person)
    const page = await browser.open(deletePage)
    assertPage(page, 200)
    const wrong = await browser.submit(page, { typed: '<somebody> else' }, deletePage)
    assertPage(wrong, 400)
    assert.match(wrong.text, /That is not the e-mail address or user name of this account/)
    assert.match(wrong.text, /value="&lt;somebody&gt; else"/)
    assert.equal((await show(server, person.username)).deletionDueAt, undefined)

    server.clock.advance(tenMinutesMs + 1)
    const late = await browser.submit(page, { typed: person.username }, deletePage)
    assert.match(late.text, /Show that it is you/)
    assert.equal((await show(server, person.username)).deletionDueAt, undefined)
  })

  it('says on every page when it will be, and mails the owner', async () => {
    const { person, browser, page } = await begin(server)
    const { deletionDueAt } = await show(server, person.username)
    const due = Date.parse(String(deletionDueAt)) - server.clock.now()
    assert.ok(due > 7 * dayMs - 60_000 && due <= 7 * dayMs)
    const dueOn = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeZone: 'UTC' }).format(
      new Date(String(deletionDueAt)),
    )
    assert.ok(page.text.includes(`Your account will be deleted on ${dueOn}.`))
    assert.ok((await browser.open('/ui/account')).text.includes(dueOn))
    const mail = await server.mail(person.email, /will be deleted/)
    assert.ok(mail.text.includes(dueOn))
    const inNorwegian = await server.request('GET', '/ui/account', {
      headers: {
        'accept-language': 'nb',
        cookie: [...browser.cookies].map((pair) => pair.join('=')).join('; '),
      },
    })
    assert.match(inNorwegian.text, /Kontoen din blir slettet \d+\. \p{L}+ \d{4}\./u)
  })

  it('leaves the account as it was for the week, whose owner may keep it without a proof', async () => {
    const { person, browser } = await begin(server)
    server.clock.advance(6 * dayMs)
    await server.maintain()
    const another = await signInAtAccount(server, person)
    assert.match((await another.open('/ui/account')).text, /Keep my account/)
    const kept = await keep(browser)
    assertPage(kept, 200)
    assert.match(kept.text, /Your account is kept\./)
    assert.doesNotMatch(kept.text, /Keep my account/)
    await server.mail(person.email, /^Your account at .* is kept$/)
    server.clock.advance(3 * dayMs)
    await server.maintain()
    assert.ok(await isThere(server, person.username))
    const events: { event: string }[] = await jsonOf(server, ['audit', '--account', person.username])
    for (const event of ['account.deletion_begun', 'account.deletion_stopped'])
      assert.equal(events.filter((row) => row.event === event).length, 1)
  })

  it('is begun once, whoever asks again', async () => {
    const { person, browser } = await begin(server)
    const { deletionDueAt } = await show(server, person.username)
    const page = await browser.open(dataPage)
    assert.doesNotMatch(page.text, /href="\/ui\/account\/data\/delete"/)
    assertPage(await browser.open(deletePage), 200)
    assert.equal((await show(server, person.username)).deletionDueAt, deletionDueAt)
  })

  it('is taken by no form of another browser', async () => {
    const { browser } = await begin(server)
    const other = await signInAtAccount(server, await register(server))
    const foreign = await other.open('/ui/account')
    const form = /name="form" value="([^"]+)"/.exec(foreign.text)?.[1] ?? ''
    for (const path of [deletePage, `${dataPage}/keep`, `${dataPage}/export`])
      for (const key of ['', form]) assertPage(await browser.post(path, { form: key, typed: 'x' }), 403)
  })
})

onEveryEngine('accounts whose owners want them deleted', (engine) => {
  const server = useServer(engine)

  it('are deleted with all that is held of the person once their week is over', async () => {
    const { person, browser } = await begin(server)
    const bystander = await register(server)
    await server.restart()
    server.clock.advance(7 * dayMs + 1)
    await server.maintain()
    assert.equal(await isThere(server, person.username), false)
    assert.ok(await isThere(server, bystander.username))
    assert.match((await browser.open('/ui/account')).text, /Sign in/)
  })

  it('are deleted too where an operator has disabled them', async () => {
    const { person } = await begin(server)
    await jsonOf(server, ['account', 'disable', `username:${person.username}`])
    server.clock.advance(7 * dayMs + 1)
    await server.maintain()
    assert.equal(await isThere(server, person.username), false)
  })

  it('are kept or deleted, and nothing in between, where both is asked for at once', async () => {
    const begun = await Promise.all(Array.from({ length: 6 }, () => begin(server)))
    const pages = await Promise.all(begun.map(({ browser }) => browser.open(dataPage)))
    server.clock.advance(7 * dayMs + 1)
    const [answers] = await Promise.all([
      Promise.all(
        begun.map(({ browser }, index) =>
          browser.submit(pages[index] ?? assert.fail(), {}, `${dataPage}/keep`),
        ),
      ),
      server.maintain(),
      server.maintain(),
    ])
    for (const [index, { person }] of begun.entries()) {
      const wasKept = /Your account is kept/.test(answers[index]?.text ?? '')
      assert.equal(await isThere(server, person.username), wasKept)
      if (wasKept) assert.equal((await show(server, person.username)).disabledAt, undefined)
    }
  })

  it('are not deleted at once when nothing ran on their day, as after a restore, but two days later', async () => {
    const { person } = await begin(server)
    server.clock.advance(30 * dayMs)
    await server.maintain()
    const { deletionDueAt } = await show(server, person.username)
    const due = Date.parse(String(deletionDueAt)) - server.clock.now()
    assert.ok(due > 2 * dayMs - 60_000 && due <= 2 * dayMs)
    await eventually('a second mail of the deletion', async () => {
      const mails = (await server.mailbox()).filter(({ to }) => to === person.email)
      return mails.filter(({ subject }) => /will be deleted/.test(subject)).length === 2 || undefined
    })
    await signInAtAccount(server, person)
    server.clock.advance(2 * dayMs + 1)
    await server.maintain()
    assert.equal(await isThere(server, person.username), false)
  })

  it('are deleted to the end after the node that had begun has stopped, and cannot be kept any more', async () => {
    const { person, browser } = await begin(server)
    const page = await browser.open(dataPage)
    server.clock.advance(7 * dayMs + 1)
    const url = server.env.DATABASE_URL ?? ''
    const claimed = `update accounts set deletion_claimed_at = ${server.clock.now()} where username = '${person.username}'`
    await execute(url, claimed)
    assert.doesNotMatch((await browser.submit(page, {}, `${dataPage}/keep`)).text, /Your account is kept/)
    await server.maintain()
    assert.ok(await isThere(server, person.username))
    server.clock.advance(60 * 60_000 + 1)
    await server.maintain()
    assert.equal(await isThere(server, person.username), false)
  })

  it('are kept when they turn out to be somebody else’s', async () => {
    const { person } = await begin(server)
    const token = await tokenMailed(server, { to: person.email, subject: reset }, () =>
      send(server, 'POST', '/reset_password', { json: { email: person.email } }),
    )
    const form = { token, password: 'the password of the owner' }
    assertPage(await server.request('POST', '/ui/reset-password', { form }), 200)
    assert.equal((await show(server, person.username)).deletionDueAt, undefined)
  })

  it('are kept on an operator’s word', async () => {
    const { person } = await begin(server)
    const name = `username:${person.username}`
    const [kept] = await jsonOf(server, ['account', 'keep', name])
    assert.deepEqual([kept.kept, kept.wasChanged], [true, true])
    const [again] = await jsonOf(server, ['account', 'keep', name])
    assert.equal(again.wasChanged, false)
    server.clock.advance(8 * dayMs)
    await server.maintain()
    assert.ok(await isThere(server, person.username))
  })
})
