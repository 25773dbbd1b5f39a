import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as pm2 from '../../dialects/pm2/door.ts'
import { execute, select } from '../../harness/database.ts'
import { register } from '../../harness/doors.ts'
import { onEveryEngine, type TestServer, useServer } from '../../harness/harness.ts'
import { plainBrowser, signInAtAccount } from '../jar.ts'

const path = '/ui/account/activity'
const firefox = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:150.0) Gecko/20100101 Firefox/150.0'

async function registerAndOpen(server: TestServer) {
  const person = await register(server)
  const identity = { username: person.email, password: person.password }
  const browser = await signInAtAccount(server, identity, firefox)
  const [row] = await select(
    server.env.DATABASE_URL ?? '',
    `select id from accounts where email = '${person.email}'`,
  )
  return { person, browser, id: String(row?.id) }
}

/** What the list says, newest first. */
const said = (text: string) => [...text.matchAll(/<li><div><strong>([^<]*)</g)].map(([, event]) => event)

/** Adds rows to the trail past the server, a second apart, the newest now. */
async function addRows(
  server: TestServer,
  { count, values }: { count: number; values: Record<string, string> },
): Promise<void> {
  const now = server.clock.now()
  const columns = { realm: `'main'`, outcome: `'success'`, ...values }
  await execute(
    server.env.DATABASE_URL ?? '',
    `insert into audit (id, at, ${Object.keys(columns).join(', ')})
     with recursive numbers(i) as (select 1 union all select i + 1 from numbers where i < ${count})
     select 'added-' || cast(${now} + i as text) || '-' || cast(${++added} as text), ${now} + i,
       ${Object.values(columns).join(', ')} from numbers`,
  )
}
let added = 0

onEveryEngine('the activity of an account', (engine) => {
  const server = useServer(engine)

  it('is told in pages of fifty, each row once', async () => {
    const { browser, id } = await registerAndOpen(server)
    await addRows(server, { count: 120, values: { event: `'profile.changed'`, account_id: `'${id}'` } })
    const seen: string[] = []
    let next: string | undefined = path
    while (next !== undefined) {
      const { text }: { text: string } = await browser.open(next)
      seen.push(...[...text.matchAll(/<li><div><strong>.*?datetime="([^"]+)"/g)].map(([, at = '']) => at))
      assert.ok(said(text).length <= 50)
      next = /href="([^"]+)" rel="next"/.exec(text)?.[1]
    }
    const all = seen.filter((at, place) => seen.indexOf(at) === place)
    assert.ok(all.length >= 120)
    assert.deepEqual(seen, seen.toSorted().reverse())
    const rows = await select(
      server.env.DATABASE_URL ?? '',
      `select count(*) as n from audit where account_id = '${id}'`,
    )
    assert.ok(seen.length >= Number(rows[0]?.n))
  })

  it('holds what somebody asked for by the proven address, and not by an earlier owner of it', async () => {
    const { person, browser } = await registerAndOpen(server)
    const asked = 'Link or code for a new password requested'
    await server.request('POST', '/auth/forgot-password', { json: { email: person.email } })
    assert.ok(said((await browser.open(path)).text).includes(asked))
    await execute(
      server.env.DATABASE_URL ?? '',
      `update accounts set email_verified_at = ${server.clock.now() + 60_000} where email = '${person.email}'`,
    )
    assert.ok(!said((await browser.open(path)).text).includes(asked))
  })
})

describe('the activity of somebody', () => {
  const server = useServer('sqlite')

  it('says what happened, where and on which device, also what was refused', async () => {
    const person = await pm2.register(server)
    const guesser = plainBrowser(server)
    await guesser.submit(await guesser.open('/ui/account'), {
      identifier: person.username,
      password: 'wrong-password',
    })
    const browser = await signInAtAccount(server, person, firefox)
    const { text } = await browser.open(path)
    assert.deepEqual(said(text).slice(0, 2), ['Signed in', 'Wrong password'])
    assert.ok(said(text).includes('Account opened'))
    assert.match(text, /Signed in<.*? · Your account · 127\.0\.0\.1 · Firefox on Windows</s)
    assert.match(text, /Wrong password<.*?<span class="badge warn">Refused<\/span>/s)
    assert.ok(!text.includes('Unknown device'))
    assert.match(text, /Times are in UTC\./)
    assert.match(text, /Was this not you\?/)
  })

  it('can leave out everything but what has changed the account', async () => {
    const { browser, id } = await registerAndOpen(server)
    await addRows(server, { count: 1, values: { event: `'password.changed'`, account_id: `'${id}'` } })
    await addRows(server, {
      count: 1,
      values: {
        event: `'password.changed'`,
        account_id: `'${id}'`,
        outcome: `'refused'`,
        detail: `'credentials_invalid'`,
      },
    })
    const { text } = await browser.open(`${path}?only=changes`)
    assert.ok(said(text).includes('Password changed'))
    assert.ok(!said(text).includes('Password not changed'))
    assert.ok(!said(text).some((event) => event?.startsWith('Signed')))
    assert.ok(said((await browser.open(path)).text).includes('Password not changed'))
  })

  it('shows nothing of another account, and nothing of what an operator wrote', async () => {
    const one = await registerAndOpen(server)
    const other = await registerAndOpen(server)
    const reason = 'called from a number that we know'
    const details = { detail: `'${reason}'`, actor: `'cli'`, event: `'second_factor.removed'` }
    await addRows(server, { count: 1, values: { ...details, account_id: `'${other.id}'` } })
    const { text } = await other.browser.open(path)
    assert.match(text, /Second step removed<.*? · done by the service</s)
    assert.ok(!text.includes(reason))
    const mine = await one.browser.open(path)
    assert.ok(!said(mine.text).includes('Second step removed'))
    assert.ok(!mine.text.includes(other.person.email))
  })

  it('does not say from where somebody else has tried, before an address or number is proven', async () => {
    const person = await pm2.register(server)
    const guesser = plainBrowser(server)
    const typed = { identifier: person.email, password: 'wrong-password' }
    await guesser.submit(await guesser.open('/ui/account'), typed)
    const browser = await signInAtAccount(server, person)
    const refused = async () => /Wrong password<.*?<\/li>/s.exec((await browser.open(path)).text)?.[0] ?? ''
    assert.match(await refused(), /Your account/)
    assert.ok(!(await refused()).includes('127.0.0.1'))
    await execute(
      server.env.DATABASE_URL ?? '',
      `update accounts set email_verified_at = 1 where email = '${person.email}'`,
    )
    assert.ok((await refused()).includes('127.0.0.1'))
  })

  it('takes whatever is asked for in its address', async () => {
    const { browser } = await registerAndOpen(server)
    for (const query of ['before=nonsense', 'before=1.%00', 'only=everything', 'before=1&before=2'])
      assert.equal((await browser.open(`${path}?${query}`)).status, 200, query)
    assert.match((await browser.open(`${path}?before=0.0`)).text, /Nothing has happened yet\./)
  })
})
