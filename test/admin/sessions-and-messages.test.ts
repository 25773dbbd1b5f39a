import assert from 'node:assert/strict'
import { before, it } from 'node:test'
import { execute, rowsOnce, select } from '../harness/database.ts'
import { credebl, minbil, register } from '../harness/doors.ts'
import { freshEmail, onEveryEngine, useServer } from '../harness/harness.ts'
import { operatorOf, type TestOperator } from './operator.ts'

const base = '/admin/realms/main'

onEveryEngine('the sessions and messages of the console', (engine) => {
  const server = useServer(engine)
  const url = () => server.env.DATABASE_URL ?? ''
  const owner = {} as TestOperator
  const open = (path: string) => owner.browser.open(path)
  const trail = (event: string) =>
    select(url(), `select actor, detail, note, account_id from audit where event = '${event}' order by id`)

  before(async () => {
    Object.assign(owner, await operatorOf(server))
  })

  it('say that nobody is signed in, and nothing was given up', async () => {
    assert.match((await open(`${base}/sessions`)).text, /Nobody is signed in\./)
    assert.match((await open(`${base}/sessions?ip=192.0.2.9`)).text, /No live session with these filters\./)
    assert.match((await open(`${base}/messages`)).text, /Nothing was given up\./)
    assert.match((await open(`${base}/messages?state=waiting`)).text, /Nothing waits\./)
  })

  it('end one session, and all that a filter finds, of which they say the number first', async () => {
    const person = await register(server)
    const first = minbil.tokensOf(await minbil.signIn(server, person))
    const second = minbil.tokensOf(await minbil.signIn(server, person))
    const other = credebl.tokensOf(await credebl.signIn(server, person))
    const page = await open(`${base}/sessions?door=minbil`)
    const ends = [...page.text.matchAll(/action="([^"]*\/end)\?door=minbil"/g)].map(([, path = '']) => path)
    assert.equal(ends.length, 2)
    // The newest first.
    const ended = await owner.browser.submit(page, {}, `${ends[0]}?door=minbil`)
    assert.match(ended.text, /The session has ended\./)
    assert.equal((await minbil.refresh(server, second.refresh)).status, 401)

    const confirm = await open(`${base}/sessions/end?door=minbil`)
    assert.match(confirm.text, /1 live sessions \(door = minbil\)/)
    const all = await owner.browser.submit(confirm, { reason: 'A leak' }, `${base}/sessions/end`)
    assert.match(all.text, /The sessions have ended\./)
    assert.equal((await minbil.refresh(server, first.refresh)).status, 401)
    assert.equal((await credebl.refresh(server, other.refresh)).status, 200)
    assert.deepEqual(
      (await trail('sessions.ended')).map(({ detail, note }) => [detail, note]),
      [['door=minbil', 'A leak']],
    )
  })

  it('send messages again that were given up, with recipients masked until one is asked for', async () => {
    const { email } = await register(server)
    await minbil.signIn(server, { email, password: 'wrong' })
    const mails = async () => (await server.mailbox()).filter(({ to }) => to === email).length
    const sent = await mails()
    await execute(
      url(),
      `update jobs set done_at = null, dead_at = 5, last_error = '550 no such mailbox' where done_at is not null`,
    )
    const page = await open(`${base}/messages`)
    assert.match(page.text, /550 no such mailbox/)
    assert.ok(page.text.includes(`${email[0]}…@example.com`))
    assert.ok(!page.text.includes(email))
    const [, reveal = ''] = /action="([^"]*\/recipient[^"]*)"/.exec(page.text) ?? []
    const shown = await owner.browser.submit(page, {}, reveal.replaceAll('&amp;', '&'))
    assert.ok(shown.text.includes(email))
    assert.equal((await trail('message.recipient_shown')).length, 1)

    const all = await owner.browser.submit(page, {}, `${base}/messages/send-again?state=given-up`)
    assert.match(all.text, /messages are sent again\./)
    await rowsOnce(url(), {
      what: 'no message that is given up',
      statement: 'select id from jobs where dead_at is not null or done_at is null',
      areWanted: (rows) => rows.length === 0,
    })
    assert.ok((await mails()) > sent)
    assert.equal((await trail('messages.sent_again')).length, 1)
    assert.match((await open(`${base}/messages?state=sent`)).text, /Confirm an address|Account exists/)
  })

  it('drop a message for a reason, and one that is gone is said to be', async () => {
    const id = '01900000-0000-7000-8000-000000000001'
    await execute(
      url(),
      `insert into jobs (id, realm, kind, payload, run_at, attempts, created_at, dead_at)
       values ('${id}', 'main', 'account-exists-mail', '{"email":"${freshEmail()}","brand":{"name":"x"}}', 1, 9, 1, 2)`,
    )
    const page = await open(`${base}/messages/${id}/drop`)
    const dropped = await owner.browser.submit(page, { reason: 'A typo' }, `${base}/messages/${id}/drop`)
    assert.match(dropped.text, /The message is dropped\./)
    const again = await owner.browser.submit(page, { reason: 'A typo' }, `${base}/messages/${id}/drop`)
    assert.equal(again.status, 409)
    assert.deepEqual(
      (await trail('message.dropped')).map(({ detail, note }) => [detail, note]),
      [['account-exists-mail', 'A typo']],
    )
  })
})
