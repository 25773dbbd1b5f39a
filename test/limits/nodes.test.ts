import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import pg from 'pg'
import { select } from '../harness/database.ts'
import {
  freshEmail,
  noPostgres,
  onEveryEngine,
  startTestServer,
  type TestServer,
  useServer,
} from '../harness/harness.ts'
import {
  assertLimited,
  assertStatus,
  behindProxy,
  forgetPassword,
  freshAddress,
  signIn,
  signUp,
} from './callers.ts'

const wrong = 'a wrong password'

onEveryEngine('limits', (engine) => {
  const server = useServer(engine, { limits: 'real', env: behindProxy })

  it('say how long to wait, and count it down', async ({ mock }) => {
    const [address, email] = [freshAddress(), freshEmail()]
    for (let count = 0; count < 10; count++)
      assertStatus(401, await signIn(server, address, { email, password: wrong }))
    const refused = () => signIn(server, address, { email, password: wrong })
    const now = Date.now()
    mock.timers.enable({ apis: ['Date'], now })
    const first = assertLimited(await refused())
    assert.ok(first > 14 * 60 && first <= 15 * 60, String(first))
    mock.timers.setTime(now + 7_000)
    assert.equal(assertLimited(await refused()), first - 7)
  })

  it('count by the IP that a proxy names, and IPv6 by the /64', async () => {
    const email = freshEmail()
    for (let count = 0; count < 10; count++)
      assertStatus(401, await signIn(server, `2001:db8::${count}`, { email, password: wrong }))
    assertLimited(await signIn(server, '2001:db8::ffff:1', { email, password: wrong }))
    assertStatus(401, await signIn(server, '2001:db8:0:1::1', { email, password: wrong }))
  })
})

describe('limits of two servers with one postgres', { skip: noPostgres }, () => {
  const [first, second] = [{} as TestServer, {} as TestServer]
  before(async () => {
    const options = { limits: 'real', env: behindProxy } as const
    Object.setPrototypeOf(first, await startTestServer('postgres', options))
    Object.setPrototypeOf(second, await startTestServer('postgres', { ...options, beside: first }))
  })
  after(async () => {
    await second.close?.()
    await first.close?.()
  })

  it('are counted together', async () => {
    const [address, email] = [freshAddress(), freshEmail()]
    for (let count = 0; count < 10; count++)
      assertStatus(401, await signIn(count % 2 ? first : second, address, { email, password: wrong }))
    for (const server of [first, second])
      assertLimited(await signIn(server, address, { email, password: wrong }))
  })

  it('let exactly as many through when requests come at both at once', async () => {
    const [address, email] = [freshAddress(), freshEmail()]
    const answers = await Promise.all(
      Array.from({ length: 24 }, (_, index) => forgetPassword(index % 2 ? first : second, address, email)),
    )
    assert.equal(answers.filter(({ status }) => status === 200).length, 5)
    assert.equal(answers.filter(({ status }) => status === 429).length, 19)
  })

  it('are reset together by a right password', async () => {
    const [address, person] = [freshAddress(), await signUp(first)]
    for (let count = 0; count < 9; count++)
      assertStatus(401, await signIn(first, address, { ...person, password: wrong }))
    assertStatus(200, await signIn(second, address, person))
    for (let count = 0; count < 9; count++)
      assertStatus(401, await signIn(first, address, { ...person, password: wrong }))
    assertStatus(200, await signIn(first, address, person))
  })

  it('outlive a restart', async () => {
    const [address, email] = [freshAddress(), freshEmail()]
    for (let count = 0; count < 10; count++)
      assertStatus(401, await signIn(first, address, { email, password: wrong }))
    await first.restart()
    assertLimited(await signIn(first, address, { email, password: wrong }))
  })

  it('are kept in a table that names nobody', async () => {
    const [address, email] = ['203.0.113.45', freshEmail()]
    await signIn(first, address, { email, password: wrong })
    await forgetPassword(first, address, email)
    const table = JSON.stringify(await select(first.env.DATABASE_URL ?? '', 'select * from limits'))
    assert.match(table, /mail-account-at-address:/)
    for (const name of [address, email, email.split('@')[0] ?? '']) assert.ok(!table.includes(name), name)
  })

  it('answer 503 while the database is away, allow nothing, and count on afterwards', async () => {
    const [address, person] = [freshAddress(), await signUp(first)]
    for (let count = 0; count < 9; count++)
      assertStatus(401, await signIn(first, address, { ...person, password: wrong }))
    const access = await lockOut(first.env.DATABASE_URL ?? '')
    try {
      for (const answer of [
        await signIn(first, address, person),
        await forgetPassword(second, address, person.email),
      ]) {
        assertStatus(503, answer)
        assert.equal(answer.body.code, 'unavailable')
        assert.match(answer.headers.get('retry-after') ?? '', /^[1-9]\d*$/)
      }
    } finally {
      await access.restore()
    }
    assertStatus(401, await signIn(first, address, { ...person, password: wrong }))
    assertLimited(await signIn(second, address, person))
  })
})

/** Takes a database away from everybody who uses it. */
async function lockOut(databaseUrl: string): Promise<{ restore(): Promise<void> }> {
  const url = new URL(databaseUrl)
  const name = url.pathname.slice(1)
  url.pathname = '/postgres'
  const admin = new pg.Client({ connectionString: url.href })
  await admin.connect()
  await admin.query(`alter database ${name} allow_connections false`)
  await admin.query('select pg_terminate_backend(pid) from pg_stat_activity where datname = $1', [name])
  return {
    restore: async () => {
      await admin.query(`alter database ${name} allow_connections true`)
      await admin.end()
    },
  }
}
