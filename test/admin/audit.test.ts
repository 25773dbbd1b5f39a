import assert from 'node:assert/strict'
import { before, it } from 'node:test'
import { select } from '../harness/database.ts'
import { minbil, register } from '../harness/doors.ts'
import { eventually } from '../harness/events.ts'
import { onEveryEngine, useServer } from '../harness/harness.ts'
import { operatorOf, type TestOperator } from './operator.ts'
import { openStream } from './streams.ts'

const base = '/admin/realms/main/audit'

onEveryEngine('the audit trail of the console', (engine) => {
  const server = useServer(engine)
  const owner = {} as TestOperator
  const open = (path: string) => owner.browser.open(path)
  const stream = (query = '', headers = {}) =>
    openStream(server, owner.browser, `${base}/live${query}`, headers)

  before(async () => {
    Object.assign(owner, await operatorOf(server))
  })

  it('is filtered by each of its fields, and says when nothing matches', async () => {
    assert.match((await open(base)).text, /Nothing has happened yet\./)
    const { email } = await register(server)
    await minbil.signIn(server, { email, password: 'wrong' })
    const count = async (query: string) => {
      const page = await open(`${base}?${query}`)
      assert.equal(page.status, 200, page.text)
      return [...page.text.matchAll(/<th scope="row"/g)].length
    }
    assert.equal(await count('event=sign_in&outcome=refused'), 1)
    assert.ok((await count(`account=${email}`)) >= 2)
    assert.equal(
      await count('outcome=refused&door=minbil&client=minbil'),
      await count('outcome=refused&door=minbil'),
    )
    assert.ok((await count('ip=127.0.0.1')) >= 1)
    assert.equal(await count('actor=cli'), 0)
    assert.equal(await count('since=2999-01-01T00:00'), 0)
    assert.equal(await count('until=2999-01-01T00:00'), await count(''))
    assert.match((await open(`${base}?ip=192.0.2.9`)).text, /Nothing matches these filters\./)
    assert.match((await open(`${base}?account=nobody`)).text, /Nothing matches these filters\./)
    assert.match((await open(`${base}?since=yesterday`)).text, /must be a time in ISO 8601/)
  })

  it('is exported as CSV and JSONL, which it notes', async () => {
    const page = await open(`${base}?event=sign_in`)
    const action = `${base}/export?event=sign_in`
    const csv = await owner.browser.submit(page, { format: 'csv' }, action)
    assert.match(csv.headers.get('content-disposition') ?? '', /^attachment; filename="audit-main-.*\.csv"$/)
    const [head, ...lines] = csv.text.trimEnd().split('\r\n')
    assert.equal(head, 'id,at,event,outcome,actor,accountId,sessionId,dialect,clientId,ip,detail,note')
    const jsonl = await owner.browser.submit(page, { format: 'jsonl' }, action)
    const rows = jsonl.text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    assert.equal(rows.length, lines.length)
    assert.ok(rows.every(({ event }) => event === 'sign_in'))
    const noted = await select(
      server.env.DATABASE_URL ?? '',
      `select detail from audit where event = 'audit.exported'`,
    )
    assert.equal(noted.length, 2)
    const support = await operatorOf(server, 'support')
    const looked = await support.browser.open(base)
    assert.doesNotMatch(looked.text, /\/audit\/export/)
  })

  it('comes live, and whoever comes back has missed nothing', async () => {
    const person = await register(server)
    await using live = await stream('?event=sign_in')
    await minbil.signIn(server, person)
    const first = await live.next(/sign_in/)
    await live.close()
    await minbil.signIn(server, person)
    await minbil.signIn(server, { ...person, password: 'wrong' })
    await using again = await stream('?event=sign_in', { 'last-event-id': first.id })
    const events: string[] = []
    await eventually('both rows', async () => {
      events.push((await again.next(/sign_in/)).data)
      const rows = events.join('').match(/<tr>/g) ?? []
      return rows.length >= 2 ? rows : undefined
    })
    assert.equal(events.join('').match(/<tr>/g)?.length, 2)
    assert.match(events.join(''), /Refused/)
  })

  it('has at most twenty listeners, who share one query, and a closed one makes room', async () => {
    const streams = await Promise.all(Array.from({ length: 20 }, () => stream()))
    const refused = await owner.browser.open(`${base}/live`)
    assert.equal(refused.status, 503)
    const person = await register(server)
    await minbil.signIn(server, person)
    await Promise.all(streams.map((each) => each.next(/sign_in/)))
    await streams[0]?.close()
    await eventually('room for one more', async () => {
      const one = await stream().catch(() => undefined)
      await one?.close()
      return one
    })
    await Promise.all(streams.slice(1).map((each) => each.close()))
  })
})
