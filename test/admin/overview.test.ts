import assert from 'node:assert/strict'
import { it } from 'node:test'
import { execute } from '../harness/database.ts'
import { minbil, register } from '../harness/doors.ts'
import { onEveryEngine, type TestServer, useServer } from '../harness/harness.ts'
import { operatorOf, type TestOperator } from './operator.ts'

const minute = 60_000

onEveryEngine('the overview', (engine) => {
  const server = useServer(engine)

  it('shows the last hour as pictures and in words, and the processes that serve', async () => {
    const [person, { browser }] = [await register(server), await operatorOf(server)]
    await startMinute(server)
    for (let count = 0; count < 3; count++) minbil.tokensOf(await minbil.signIn(server, person))
    await minbil.signIn(server, { ...person, password: 'not the password' })
    await endMinute(server)
    const { status, text } = await browser.open('/admin')
    assert.equal(status, 200, text)
    assert.match(text, /<svg viewBox="0 0 480 160" role="img" aria-label="Sign-ins: 3 a minute in the newest/)
    assert.match(text, /aria-label="Refusals: 1 a minute in the newest minute, at most 1"/)
    assert.match(text, /aria-label="Refreshes: 0 a minute/)
    assert.match(text, /99 of 100 answers within: [\d.,]+ ms/)
    assert.equal(text.match(/<figure/g)?.length, 4)
    assert.match(text, new RegExp(`· ${process.pid}`))
    assert.match(text, /hx-trigger="every 10s"/)
    assert.doesNotMatch(text, / style=|<script(?! src=)/)
  })

  it('says what needs a hand and leads there, the worst first', async () => {
    const { browser } = await operatorOf(server)
    const before = await browser.open('/admin')
    assert.match(before.text, /You have one passkey: add a second one\./)
    assert.doesNotMatch(before.text, /messages given up/)
    const time = server.clock.now()
    await execute(
      server.env.DATABASE_URL ?? '',
      `insert into jobs (id, realm, kind, payload, run_at, attempts, created_at, dead_at)
        values ('given-up', 'main', 'mail', '{}', ${time}, 30, ${time}, ${time})`,
    )
    await execute(
      server.env.DATABASE_URL ?? '',
      `insert into audit (id, realm, at, event, outcome)
        values ('${idAt(time)}', 'main', ${time}, 'session.reuse_detected', 'refused')`,
    )
    const { text } = await browser.open('/admin')
    const needs = [...text.matchAll(/<li><a class="(\w+)" href="([^"]+)">([^<]+)</g)].map(
      ([, tone, href, said]) => [tone, href, said],
    )
    assert.deepEqual(
      needs.slice(0, 2).map(([tone, href]) => [tone, href]),
      [
        ['bad', '/admin/realms/main/messages?state=given-up'],
        ['bad', '/admin/realms/main/audit?event=session.reuse_detected'],
      ],
    )
    assert.match(String(needs[0]?.[2]), /messages given up in the last day: 1/)
    assert.ok(needs.slice(2).every(([tone]) => tone === 'warn'))
  })

  it('says that a process is silent', async () => {
    const { browser } = await operatorOf(server)
    await server.maintain()
    server.clock.advance(3 * minute)
    const { text } = await browser.open('/admin')
    assert.match(text, /is silent: it hangs, was killed, or has lost the database/)
    assert.match(text, /<span class="badge warn">Silent<\/span>/)
  })

  it('of a realm is what those see who are held to it, without the processes', async () => {
    const { browser } = await operatorOf(server, 'support', { realms: ['main'] })
    const { text } = await browser.open('/admin')
    assert.match(text, /<h1>main<\/h1>/)
    assert.equal(text.match(/<figure/g)?.length, 4)
    assert.doesNotMatch(text, /Processes/)
    const other = await operatorOf(server, 'auditor')
    assert.match((await other.browser.open('/admin')).text, /Processes/)
  })

  it('that is left open keeps nobody signed in', async () => {
    const operator = await operatorOf(server)
    const poll = () => polled(server, operator)
    for (let count = 0; count < 3; count++) {
      assert.equal((await poll()).status, 200)
      server.clock.advance(10 * minute + 1000)
    }
    const ended = await poll()
    assert.equal(ended.status, 401)
    assert.equal(ended.headers.get('hx-redirect'), '/admin/sign-in?next=%2Fadmin')
  })

  it('speaks bokmål', async () => {
    const { browser } = await operatorOf(server)
    const page = await browser.open('/admin')
    const { text } = await browser.submit(page, { language: 'nb' }, '/admin/language')
    assert.match(text, /Dette trenger en hånd/)
    assert.match(text, /aria-label="Innlogginger: /)
  })
})

/** Asks for the overview as the page itself does. */
function polled(server: TestServer, { browser }: TestOperator) {
  const cookie = [...browser.cookies].map((pair) => pair.join('=')).join('; ')
  return server.request('GET', '/admin', { headers: { cookie, 'hx-request': 'true' } })
}

function idAt(time: number): string {
  const hex = time.toString(16).padStart(12, '0')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-7000-8000-000000000001`
}

/** Sets the clock to the beginning of a minute. */
async function startMinute(server: TestServer): Promise<void> {
  server.clock.advance(minute - (server.clock.now() % minute))
  await server.maintain()
}

/** Sets the clock to when the minute is written down, and has it written. */
async function endMinute(server: TestServer): Promise<void> {
  await startMinute(server)
  server.clock.advance(20_000)
  await server.maintain()
}
